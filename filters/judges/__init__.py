"""What checks that ask a model are made of: votes of a language model, scores of a reward model."""
