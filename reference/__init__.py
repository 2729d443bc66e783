"""The reference loop, and for every rule the experiment that shows the mistake and its cure.

Needs the extra `looplint[reference]`, which brings torch. Importing this package alone imports nothing.

    loop.py          the correct training loop in plain PyTorch, to be copied
    workload.py      the parameters of fixture functions (`model`, `optimizer`, `loader`, ...)
    stand_ins/       small classes that behave as those of a library do, for proofs that run with torch alone
    fixture.py       finds and loads the functions of `fixtures/<rule_name>.py`
    run.py           one observed execution of such a function: callbacks for observables
    observables.py   measurements of a run, one small function each
    proof.py         `Proof`: rule, observable, mistaken and fixed function, margin, effect in one line
    proofs/          one file a rule with one `Proof` in it, found by folder
    prove.py         runs them: table, JSON, records, pictures
    records/         the measurements, one JSON file per kind of device

A proof is short, since the functions it runs are the ones the linter reads. `proofs/missing_zero_grad.py`:

    PROOF = Proof(
        rule="missing-zero-grad",
        observable=gradient_norm,
        mistaken="never_cleared",            # functions of fixtures/missing_zero_grad.py
        fixed="cleared_before_backward",
        margin=0.5,                          # |mistaken - reference| is at least this
        effect="gradient norms {mistaken.series} instead of {fixed.series}",
    )

What is compared is one number per run, the last of the observable's series unless `of=max` (or `min`, `sum`, ...)
says otherwise. It is compared with what `loop.py` gives on the same workload, or with `reference=NUMBER` where theory
says what is right (no gradient left over: 0). *Mistaken* must be off by `margin`, *fixed* must agree within
`tolerance`. If `fixtures/<rule_name>.fixed.py` holds a rewritten *mistaken* function, that one must agree, too.

A new workload parameter is a function in `workload.py`; a new observable is a generator function in `observables.py`:
hang callbacks on the run, `yield` while the function runs, return the series.

    def learning_rate(run: Run) -> Watch:
        '''Learning rate of each step.'''
        rates: list[float] = []
        run.before_step(lambda optimizer: rates.append(optimizer.param_groups[0]["lr"]))
        yield
        return rates
"""
