"""Fuzzing by coverage, run by hand: the suite has random tests of its own."""
