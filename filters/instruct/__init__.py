"""Instructions whose keeping can be checked by rules: counts, words, formats, case, language."""
