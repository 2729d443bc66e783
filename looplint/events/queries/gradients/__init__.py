"""Autograd: which values hold a graph, what a loss goes back through, and what keeps graphs alive."""
