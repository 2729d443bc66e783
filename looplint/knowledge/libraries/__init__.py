"""One file per library, with the version that was run: `ROWS` are the effects of its calls (see `library_rows`)."""
