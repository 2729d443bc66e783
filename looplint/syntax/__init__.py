"""Python syntax trees: parsing, walking, imports. The only package that knows a parser."""
