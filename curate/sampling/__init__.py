"""Sampling a model: the scheduler, when a prompt has enough, when a chain is stopped, and what a run will cost."""
