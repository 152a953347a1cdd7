"""What language a piece of text is in, and where a chain leaves the language it should be in."""
