"""A rule pack: what one house wants of its loops beyond what is right."""
