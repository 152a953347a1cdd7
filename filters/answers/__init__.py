"""Short answers: finding the final one in a response, reading it, and proving it equal or unequal to another.

The sub-packages `extract` and `compare` do so, on top of `parse`, which reads expressions, and `prove`. Answers are
hostile text: nothing is evaluated as code, every step is linear and bounded, and what cannot be proved is
undecided.
"""
