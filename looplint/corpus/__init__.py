"""Many repositories on Ray Data: `looplint corpus INPUT... --output DIR`.

A repository is the unit of work, since mistakes cross files. `inputs` finds them, `pipeline` hands them to Ray Data,
`supervise` watches the process that lints one (`lint_process`), `tables` keeps what was found as Parquet (`schema`),
and `summary` says what it comes to. Nothing of this is imported by any other command; it needs `looplint[corpus]`.
"""
