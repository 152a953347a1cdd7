"""Short answers: finding the final one in a response, reading it, and proving it equal or unequal to another.

`extract` finds it, `equality` decides; everything else in this package serves one of the two. Answers are
hostile text: nothing is evaluated as code, every step is linear and bounded, and what cannot be proved is
undecided.
"""
