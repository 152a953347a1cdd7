"""Whether two short answers of one response are plainly the same: the same tokens, or the same rational number."""

from __future__ import annotations

from fractions import Fraction

from filters.answers.parse.grammar import Parser
from filters.answers.parse.normalization import normalize_answer
from filters.answers.parse.tokens import NotMathError, make_key, tokenize_answer
from filters.answers.prove.exact import InexactError, compute_rational


def is_same_answer(one: str, two: str) -> bool:
    """Whether both are written or valued the same; false proves nothing."""
    first, second = _read(one), _read(two)
    return one == two or (first is not None and first == second)


def _read(text: str) -> str | Fraction | None:
    """The value of an answer that is a rational number, else its tokens."""
    if len(text) > 400:
        return None
    try:
        parser = Parser(tokenize_answer(normalize_answer(text.replace("\\\\", "\\").rpartition("=")[2])))
        key = make_key(parser.tokens).replace("\x1f", "").casefold()
        return compute_rational(parser.parse_answer()) if parser.tokens else None
    except InexactError:
        return key
    except NotMathError:
        return "".join(text.split()).casefold()
