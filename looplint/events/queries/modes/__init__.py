"""Training and evaluation mode: where it is switched, and what runs in which one."""
