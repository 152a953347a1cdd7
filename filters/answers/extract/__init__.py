"""The extraction of a response's final answer: from a box, after a cue phrase, as JSON."""
