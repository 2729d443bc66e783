"""Filtering of findings after the rules have run: suppressions, baselines, revisions."""
