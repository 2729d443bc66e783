"""One file a rule, with one `Proof` in it; `looplint.reference` says how to write one."""
