"""What becomes of findings after a rule reported them: suppressions, baselines, revisions."""
