"""The pages of the rules, as Markdown."""
