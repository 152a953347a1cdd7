"""A place in a sequence of tokens, with the bound on nesting that every parser of hostile text needs."""

from __future__ import annotations

from dataclasses import replace

from filters.answers.parse.tokens import NotMathError, Token

MAX_DEPTH = 48
"""Nested brackets, fractions and exponents."""

_END = Token("op", "")


class Cursor:
    """Steps through tokens; `depth` counts the nesting."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` of the current one, or an empty one past the end."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else _END

    def peek_values(self, count: int) -> list[str]:
        """The next tokens' values."""
        return [token.value for token in self.tokens[self.at : self.at + count]]

    def take(self, *values: str) -> bool:
        """Step over the current token if it is one of these."""
        found = self.peek().value in values
        self.at += found
        return found

    def require(self, value: str) -> None:
        """Step over a token that must be here."""
        if not self.take(value):
            raise NotMathError(f"expected {value}")

    def split_token(self) -> None:
        """Cut the current token after its first character."""
        token = self.peek()
        first, rest = (
            replace(token, value=token.value[0]),
            replace(token, value=token.value[1:], spaced=False),
        )
        self.tokens = (*self.tokens[: self.at], first, rest, *self.tokens[self.at + 1 :])

    def enter_level(self) -> None:
        """Count one level of nesting. Raises NotMathError at the bound."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotMathError("too deep")
