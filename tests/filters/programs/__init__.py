"""How programs are verified."""
