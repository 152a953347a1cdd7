"""The shapes that people's rows have, each read into what was asked and what was answered, or refused."""
