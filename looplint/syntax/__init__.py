"""Python syntax trees: parsing, walking, imports. The only package that uses a parser."""
