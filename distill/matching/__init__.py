"""A student that matches its teacher's distribution of the next token, on a set's completions or on its own responses."""
