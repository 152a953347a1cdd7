"""GRPO: training a teacher on rewards that checks give."""
