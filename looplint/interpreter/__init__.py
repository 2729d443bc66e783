"""Abstract interpretation of Python: code becomes a graph of events. Nothing here knows torch."""
