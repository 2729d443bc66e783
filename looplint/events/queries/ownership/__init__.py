"""What optimizers, wrappers, frameworks and kept states hold of a network."""
