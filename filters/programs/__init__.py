"""Verifying programs by their tests: where the code stands in a response, and when an output is the expected one."""
