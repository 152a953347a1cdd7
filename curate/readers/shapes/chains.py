"""The normal form of a response: `<think>`, the chain, `</think>`, the answer, whatever marks it came with.

A response that has this form already, or has no chain, is left as it is, letter by letter. Where marks could as well be
words about marks, it is refused: a text that only speaks of them must not be cut at them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from curate.readers.shapes.cells import BLANKS
from curate.readers.shapes.channels import has_channels, split_channels
from curate.readers.shapes.misfit import Misfit
from filters.think import CLOSE, FOREIGN_NAMES, FOREIGN_PAIRS, OPEN

_TAG: Final = re.compile(rf"<[ \t]{{0,8}}(?P<name>{FOREIGN_NAMES})[ \t]{{0,8}}>", re.IGNORECASE)
_CLOSING: Final = re.compile(rf"<\s{{0,8}}/\s{{0,8}}(?P<name>{FOREIGN_NAMES})\s{{0,8}}>", re.IGNORECASE)
_SOLUTION: Final = (
    ("<|begin_of_solution|>", "<|end_of_solution|>"),
    ("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
)
_QUOTES: Final = "`'\"“”‘’«»"
_HINTS: Final = ("</", "< ", *(end for _, end in FOREIGN_PAIRS))


class NormalResponse(NamedTuple):
    """A response in the normal form. marks: how its chain was marked, empty where there is none."""

    text: str
    marks: str


def normalize_chain(text: str) -> NormalResponse:
    """A response with its chain in the normal form. Raises Misfit where that cannot be told."""
    bare = text if text.startswith(OPEN) else text.lstrip(BLANKS)
    if bare.startswith(OPEN):
        return NormalResponse(_close_inline(bare), "inline")
    for begin, end in FOREIGN_PAIRS:
        if bare.startswith(begin):
            return _mark(bare[len(begin) :], end, begin.strip())
    if has_channels(bare):
        return _mark_channels(bare)
    if bare.startswith(tuple(begin for begin, _ in _SOLUTION)):
        return normalize_chain(_strip_solution(bare))
    if tag := _TAG.match(bare):
        return _close_tag(bare[tag.end() :], tag["name"].lower(), tag[0])
    if OPEN in text:  # not where it begins: for the checks to judge
        return NormalResponse(text, "inline")
    return _find_closing(text, bare)


def join_chain(chain: str, answer: str) -> NormalResponse:
    """A response from a chain in a place of its own and the answer, which may hold the same chain once more.

    Where there is no answer, the chain is left open, as that of a response that was cut off.
    """
    chain, behind = _unmark(chain)
    inline = normalize_chain(answer)
    if inline.marks and not inline.text.startswith(OPEN):
        raise Misfit("there is a chain in a column of its own, and think marks in the middle of the response")
    if inline.marks:
        inner, answer = _unmark(inline.text)
        if inner.strip() and chain.strip() and inner.strip() != chain.strip():
            raise Misfit("the chain in a column of its own differs from the one in the response: remove one")
        if inner.strip() or not chain.strip():
            return inline
    if behind.strip() and answer.strip() and behind.strip() != answer.strip():
        raise Misfit("the chain in a column of its own holds an answer that differs from the response")
    answer = answer if answer.strip() else behind
    if not chain.strip():
        return normalize_chain(answer)
    return NormalResponse(_compose(chain, answer if answer.strip(BLANKS) else None), "own column")


def _unmark(text: str) -> tuple[str, str]:
    """A chain without its marks, and what stands behind them."""
    normal = normalize_chain(text).text
    if not normal.startswith(OPEN):
        return text.strip(BLANKS), ""
    chain, closed, answer = normal[len(OPEN) :].rpartition(CLOSE)
    return (chain if closed else answer).strip(BLANKS), answer if closed else ""


def _compose(chain: str, answer: str | None) -> str:
    """The normal form; without an answer the chain stays open. Raises Misfit where marks in them would move its end."""
    if answer is None:
        if CLOSE in chain or any(one["name"].lower() == "think" for one in _CLOSING.finditer(chain)):
            raise Misfit(f"its chain is not closed by its own mark, but holds {CLOSE}")
        return f"{OPEN}\n{chain.strip(BLANKS)}"
    if OPEN in answer or CLOSE in answer:
        raise Misfit(f"its chain has other marks, and the answer behind it holds {OPEN} or {CLOSE}")
    return f"{OPEN}\n{chain.strip(BLANKS)}\n{CLOSE}\n\n{answer.lstrip(BLANKS)}"


def _close_inline(text: str) -> str:
    """A text that begins with <think>; its only closing mark may be written with blanks or in capitals."""
    if CLOSE in text:
        return text
    found = [one for one in _CLOSING.finditer(text) if one["name"].lower() == "think"]
    if len(found) > 1:
        raise Misfit(f"it has {len(found)} closing marks like {found[0][0]}, and none is {CLOSE}")
    return text if not found else f"{text[: found[0].start()]}{CLOSE}{text[found[0].end() :]}"


def _mark(text: str, end: str, marks: str) -> NormalResponse:
    """The text after its opening mark, with think tags; without its closing mark the chain stays open."""
    chain, closed, answer = text.partition(end)
    if not closed:
        return NormalResponse(_compose(chain, None), marks)
    if end in answer:
        raise Misfit(
            f"it has the mark {end.strip()} more than once, and which one ends the chain cannot be told"
        )
    return NormalResponse(_compose(chain, _strip_solution(answer)), marks)


def _close_tag(text: str, name: str, marks: str) -> NormalResponse:
    if name == "think" and CLOSE in text:  # as where both marks are ours: the last one ends the chain
        chain, _, answer = text.rpartition(CLOSE)
        return NormalResponse(_compose(chain, answer), marks)
    found = [one for one in _CLOSING.finditer(text) if one["name"].lower() == name]
    if len(found) > 1:
        raise Misfit(f"it has several closing marks of {marks}, and which one ends the chain cannot be told")
    if not found:
        return NormalResponse(_compose(text, None), marks)
    return NormalResponse(_compose(text[: found[0].start()], _strip_solution(text[found[0].end() :])), marks)


def _mark_channels(text: str) -> NormalResponse:
    chain, answer = split_channels(text)
    if chain is None:
        return normalize_chain(answer or "")
    return NormalResponse(_compose(chain, answer), "channels")


def _find_closing(text: str, bare: str) -> NormalResponse:
    """A text that begins with no mark; a closing one alone says that its chain was opened by the template."""
    if not any(hint in text for hint in _HINTS):
        return NormalResponse(text, "")
    found = sorted(_find_ends(text))
    free = [(start, end) for start, end in found if not _is_quoted(text, start, end)]
    if CLOSE in text:
        last = text.rindex(CLOSE)
        if _is_quoted(text, last, last + len(CLOSE)):
            raise Misfit(f"it speaks of {CLOSE} in its answer, where every check would end the chain")
        return NormalResponse(f"{OPEN}\n{bare}", "closed only")
    if not free or _TAG.search(text) or any(begin in text for begin, _ in FOREIGN_PAIRS):
        return NormalResponse(text, "")
    start, end = free[0]
    if len(free) > 1 or not _stands_alone(text, start, end):
        raise Misfit(f"it holds {text[start:end].strip()} without a mark that opens a chain")
    return NormalResponse(
        _compose(text[:start], _strip_solution(text[end:])), f"{text[start:end].strip()} only"
    )


def _find_ends(text: str) -> Iterable[tuple[int, int]]:
    yield from (one.span() for one in _CLOSING.finditer(text))
    for _, end in FOREIGN_PAIRS:
        start = text.find(end)
        while start >= 0:
            yield start, start + len(end)
            start = text.find(end, start + len(end))


def _is_quoted(text: str, start: int, end: int) -> bool:
    """Whether a mark stands in quotes: it is spoken of."""
    return text[start - 1 : start] in tuple(_QUOTES) and text[end : end + 1] in tuple(_QUOTES)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a mark stands at the beginning or end of a line, or right between two texts."""
    after = text[end : end + 1]
    before = text[start - 1 : start]
    return before in ("", "\n") or after in ("", "\n", "\r") or not (after.isspace() or after in ".,;:!?)")


def _strip_solution(text: str) -> str:
    text = text.lstrip(BLANKS)
    for begin, end in _SOLUTION:
        if text.startswith(begin):
            text = text.removeprefix(begin).rstrip(BLANKS).removesuffix(end).strip(BLANKS)
        if begin in text or end in text:
            raise Misfit(f"its answer holds {begin if begin in text else end} in its middle")
    return text
