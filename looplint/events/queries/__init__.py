"""Further questions about an event graph, by subject: `looplint/events/__init__.py` lists them."""
