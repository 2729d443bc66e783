"""Updates: what belongs to one step, what never steps, and what follows the steps."""
