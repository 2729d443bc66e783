"""One run: which files are checked, in how many processes, and what is kept from run to run."""
