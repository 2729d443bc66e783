"""Calls to code whose source is not read: what they do, by the tables of looplint.knowledge."""
