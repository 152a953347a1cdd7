"""Rows from files, `datasets` folders and the Hub, and what becomes of them: prompts, or samples of a run."""
