"""Reading an answer: from its text to a tree of numbers, names and operators."""
