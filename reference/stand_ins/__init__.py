"""Small classes that do what those of a library do, as far as a proof needs it, so that proofs run with torch alone."""
