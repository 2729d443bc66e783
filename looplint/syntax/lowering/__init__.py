"""Lowers libcst's concrete tree to an `ast` tree: the same nodes at the same positions as the interpreter's own parser.

libcst's nodes have no positions, and its `PositionProvider` takes twice as long as its parser. Here one walk in source
order does both: a cursor moves over the text token by token, past blanks and comments, and a node extends from the
cursor before its first token to the cursor after its last.
"""
