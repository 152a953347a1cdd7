r"""Near misses of a reference answer: what a verifier must reject, made without asking the verifier.

Each differs from the reference by construction: another number, another sign, another letter or word. An
expression that does not depend on its last number (`0 \cdot 5`) is a rare exception.
"""

from __future__ import annotations

import re

_LETTER = re.compile(r"(\(?)([A-Z])(\)?\.?)")
_DIGITS = re.compile(r"\d+")
_STARTS = re.compile(r"\d|\\d?frac\b|\\sqrt\b")
_ZERO = re.compile(r"0+(?:\.0*)?(?![\d.])")
_OPPOSITES = {"yes": "no", "no": "yes", "true": "false", "false": "true"}


def make_near_misses(reference: str, others: tuple[str, ...] = ()) -> list[str]:
    """Answers close to a reference but wrong; none where no way is known to make one.

    others: references of other prompts, of which one stands in for a reference that is only words.
    """
    text = reference.strip()
    if text.casefold() in _OPPOSITES:
        return [_OPPOSITES[text.casefold()]]
    letter = _LETTER.fullmatch(text)
    if letter is not None:
        return [f"{letter[1]}{'A' if letter[2] != 'A' else 'B'}{letter[3]}"]
    if not _DIGITS.search(text):
        return _find_other_words(text, others)
    found = [_raise_last_number(text)]
    if _STARTS.match(text) and not _ZERO.match(text):
        found.append(f"-{text}")
    if re.fullmatch(r"-?\d{1,18}", text) and int(text):
        found.append(f"{text}0")
    return found


def _raise_last_number(text: str) -> str:
    """The text with its last run of digits raised by one, as wide as before."""
    last = list(_DIGITS.finditer(text))[-1]
    digits = last[0] if len(last[0]) < 1_000 else last[0][-1]
    raised = str(int(digits) + 1).zfill(len(digits))
    return text[: last.end() - len(digits)] + raised + text[last.end() :]


def _find_other_words(text: str, others: tuple[str, ...]) -> list[str]:
    own = _split_words(text)
    if not own or "\\" in text:
        return []
    return [
        other
        for other in others
        if not _DIGITS.search(other) and _split_words(other) and not own & _split_words(other)
    ][:1]


def _split_words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", text.casefold()) if len(word) > 2}
