"""The comparison of two answers: as choices, words, values, equations, sets, regions and quantities."""
