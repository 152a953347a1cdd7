r"""The pieces of a unit: tokens joined to words (`\mu m`, Devanagari letters), words of CJK cut at known ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from filters.answers.parse.tokens import Token
from filters.answers.units import CURRENCY_SIGNS, classify_word, find_unit
from filters.answers.units.tables import FOLDER, fold_word
from filters.answers.wordlists import read_rows

UNIT_COMMANDS = {
    "\\mu": "μ", "\\Omega": "Ω", "\\ohm": "Ω", "\\AA": "Å", "\\angstrom": "Å", "\\ell": "ℓ", "\\celsius": "°C",
    "\\degreeCelsius": "°C",
}  # fmt: skip
"""Commands that are symbols of units, or begin one."""


_SIGNS = CURRENCY_SIGNS | frozenset("°%‰‱¢")


@dataclass(frozen=True, slots=True)
class Piece:
    r"""A word or sign. spaced: white space stands before it. text: it comes from `\text{...}`."""

    value: str
    spaced: bool
    text: bool

    @property
    def is_word(self) -> bool:
        """Whether it is a word or a symbol of a unit, rather than a sign between them."""
        return self.value[0].isalpha() or self.value[0] in _SIGNS


def split_pieces(tokens: Sequence[Token]) -> list[Piece]:
    """The pieces that tokens make."""
    found: list[Piece] = []
    for token in tokens:
        value = UNIT_COMMANDS.get(token.value, token.value)
        last = found[-1] if found else None
        if last is not None and _joins(last, value, token):
            found[-1] = Piece(last.value + value, last.spaced, last.text)
        else:
            found.append(Piece(value, token.spaced, token.text))
    return [part for piece in found for part in _cut(piece)]


def _joins(last: Piece, value: str, token: Token) -> bool:
    """Whether a token goes on with the word before it."""
    if last.value in ("μ", "°") and value[0].isalpha():
        return True
    if token.spaced:
        return False
    if value == "Ω" and last.value.isalpha():
        return True
    return _is_devanagari(last.value[-1]) and _is_devanagari(value[0])


def _is_devanagari(char: str) -> bool:
    return "\u0900" <= char <= "\u097f"


def _cut(piece: Piece) -> list[Piece]:
    if piece.value.isascii() or not is_cjk(piece.value[0]):
        return [piece]
    first, *rest = cut_words(piece.value)
    return [Piece(first, piece.spaced, piece.text), *(Piece(part, False, piece.text) for part in rest)]


def is_spelled(word: str) -> bool:
    """Whether a word has nothing but letters, with their vowel signs and hyphens."""
    return all(char.isalpha() or char == "-" or unicodedata.category(char)[0] == "M" for char in word)


def is_cjk(char: str) -> bool:
    """Whether a character is of a script that writes words without spaces, or Hangul."""
    return "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" or char == "ー"


@lru_cache(maxsize=4096)
def cut_words(word: str) -> tuple[str, ...]:
    """A run of CJK letters as the known words from its start, and the rest as one."""
    parts: list[str] = []
    while word:
        for cut in range(min(len(word), 12), 0, -1):
            head = word[:cut]
            if find_role(head) or find_unit(head) is not None or classify_word(head) != "unknown":
                break
        else:
            cut = len(word)
        parts.append(word[:cut])
        word = word[cut:]
    return tuple(parts)


@cache
def _load_roles() -> dict[str, str]:
    return {
        fold_word(word): role
        for role, words, *_ in reversed(list(read_rows(FOLDER / "connecting.tsv")))
        for word in words.split()
    }


def find_role(word: str) -> str:
    """What a word does between units: square, cubic, squared, cubed, per, also-per, tail, or nothing."""
    return _load_roles().get(fold_word(word), "")
