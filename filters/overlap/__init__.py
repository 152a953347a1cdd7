"""What texts have in common: their words and runs of words as numbers, many texts in one call."""
