"""Evaluation: pass@1, pass@k and cons@k with their intervals."""
