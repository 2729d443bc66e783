"""One file a library, with the version that was run: `ROWS` says what its calls do (see `library_rows`)."""
