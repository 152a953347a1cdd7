"""Evaluation: pass@1 and cons@k with their intervals."""
