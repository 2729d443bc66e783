"""The files of a program: which names they define, and which files import them."""
