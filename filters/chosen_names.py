"""Names that users choose or mistype: which are safe as a folder's, and which known one was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Final

from filters.errors import UserError

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def validate_name(name: str) -> str:
    """The name, refused with a UserError where it is not safe as a folder's."""
    if not NAME.fullmatch(name):
        raise UserError(f"'{name}' cannot be a name: use letters, digits, '.', '_' and '-'.")
    return name


def suggest_name(word: str, known: Iterable[str]) -> str:
    """A sentence's end that helps with an unknown name: the nearest known one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}."
