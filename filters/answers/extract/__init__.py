"""Finding the final answer of a response: in a box, after a cue phrase, as JSON."""
