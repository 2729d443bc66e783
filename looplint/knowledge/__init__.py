"""Names of torch, Python and other libraries, as data."""
