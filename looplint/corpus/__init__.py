"""Many repositories on Ray Data: `looplint corpus INPUT... --output DIR`.

A repository is the unit of work, since mistakes cross files. `inputs` finds them, `pipeline` distributes them with Ray
Data, `supervise` monitors the process that lints one (`lint_process`), `tables` stores the findings as Parquet
(`schema`), and `summary` aggregates them. No other command imports any of this; it needs `looplint[corpus]`.
"""
