"""What two sets, or two runs, have in common and in what they differ: rows, verdicts, settings, and why."""
