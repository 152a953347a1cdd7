"""Proof that two values are equal or different: exact rationals first, then ball arithmetic."""
