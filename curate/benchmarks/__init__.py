"""What stands in benchmarks: where they lie, their problems, an index of them, and the check that compares with it."""
