r"""What a box stands in: the answer with the mathematics and the unit beside it, and what could not be read.

`-\boxed{5}` is -5, `\boxed{5}\times 10^3` is 5000, `$\boxed{5}$ miles` are miles. Where what stands beside
the box may change the answer and was not understood, the answer has a doubt.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from filters.answers.extract.box_remarks import find_remark
from filters.answers.extract.boxes import find_part_name
from filters.answers.extract.composition import compose_answer, name_answer, relate_answer
from filters.answers.extract.doubts import (
    find_doubt_after,
    find_doubt_before,
    find_doubt_between,
    find_item_after,
    find_step,
)
from filters.answers.extract.formulas import (
    MAX_SIDE,
    Side,
    Token,
    is_modulus,
    is_prose,
    list_tokens,
    read_left,
    read_right,
)
from filters.answers.extract.same_answer import is_same_answer
from filters.answers.extract.touching import find_touching
from filters.answers.extract.unit_words import read_unit_after

_PLAIN = re.compile(
    r"(?:\A|\n|[.!] )[ *]*+(?:(?:so|thus|therefore|hence|then|the|my|our|final|correct|answer|value|solution|result|total|number|is|are|here|and|of|to|sum"
    r"|we|have|get|which|equals?|option|choice|this|problem|question|as|follows|be|it|that|in|for|there)[,: *]++|\*)*+(?:\$\$?|\\[(\[])?\s?\Z",
    re.IGNORECASE,
)
"""Words before a box that say nothing of it."""
_LAST = re.compile(r"[\s$}]*(?:\\[\])])?[\s.$*]*\Z")
_DELIMITER = re.compile(r"\\\\|\\[()\[\]]|\\.|\$\$?")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_WORDED = re.compile(r"[A-Za-z]{2,}|[%°$€£¥]|\\(?:text|mathrm|circ|mbox|%)")
_COMMANDS = re.compile(r"\\[A-Za-z]+")
_DANGLING = re.compile(
    r"(?:[-−+/^<>≤≥]|(?<!\*)\*|\\(?:times|cdot|pm|le|ge|neq?|leq|geq|div))\s*(?:\$|\\\))\s*\Z"
)
_OPENING = re.compile(r"(?:\$\$?|\\[(\[])\s*\Z")
_CONTINUED = re.compile(
    r" *(?:\$|\\\()? *(?:\\(?:times|cdot|pm|div)(?![A-Za-z])|[+/^]|\*(?=\s*[\d$\\(])|[-−](?=\s*(?:\d|\$|\\)))"
)
_OR_ELSE = re.compile(
    r"[$*\s)\]\\}]*[,;(]? *(?:or|oder|ou|o|或|或者)[ ,]+(?:\$([^$\n]{1,60})\$|\\\(([^\n]{1,60}?)\\\)|([-\d./%]*[\d%]|\(?[A-E]\)?(?![\w)])))"
)


class Surroundings(NamedTuple):
    """An answer with what belongs to it.

    text: the answer. doubt: what stands beside it and could not be read, or nothing. end: where it ends.
    rival: another reading of it, or nothing.
    """

    text: str
    doubt: str
    end: int
    rival: str = ""


def read_surroundings(text: str, begin: int, end: int, content: str, floor: int = 0) -> Surroundings:
    """Read what stands on both sides of the box of `content` at `begin` to `end`; nothing before `floor`."""
    if (
        len(text) - end <= MAX_SIDE
        and _LAST.match(text, end)
        and _PLAIN.search(text, _find_line(text, floor, begin), begin)
    ):
        return Surroundings(content, "", end)
    floor = max(floor, begin - 600)
    for gap in _PARAGRAPH.finditer(text, floor, begin):
        floor = gap.end()
    opened = _find_opening(text, floor, begin)
    left, before = _list_left(text, opened, floor, begin)
    if _BOXED.search(text, opened or floor, begin) and _touches(text, begin):
        return Surroundings(content, f'before it: "{text[max(floor, begin - 20) : begin].strip()}"', end)
    one = read_left(left, ratios=opened is not None)
    if opened is not None and all(kind == "space" for kind, _ in left):
        one = replace(one, name=find_part_name(text, begin))
    right, closed = _list_right(text, end, opened is not None)
    two = read_right(right, one.unclosed, ratios=opened is not None)
    relation = relate_answer(content, one, two)
    answer, doubt = compose_answer(content, one, two, before) if relation is None else (relation[0], "")
    doubt = doubt or find_touching(text, begin, end, inside=opened is not None)
    doubt = doubt or _find_modulus(text[floor:begin], one, right, two)
    stop = _find_stop(end, right, two, closed)
    doubt = doubt or find_item_after(text, stop, one.name) or find_step(text, opened or begin, stop)
    doubt = doubt or _find_loose_end(text, floor, begin, end, stop, opened)
    found = _read_words(text, begin, opened, stop, answer, doubt, left)
    remark = found.doubt or find_remark(text, begin, end, content, inside=opened is not None)
    found = found._replace(doubt=remark)
    found = found._replace(text=name_answer(found.text, one)) if relation is None else found
    return found._replace(rival=content) if relation is not None and relation[1] else found


def _find_line(text: str, floor: int, begin: int) -> int:
    """Where the line before the box begins, or 80 characters before it."""
    return max(floor, text.rfind("\n", floor, begin), begin - 80)


_MODULAR = re.compile(r"\b(?:remainder|residue|modulo|congruent)\b|余", re.IGNORECASE)


def _find_modulus(before: str, one: Side, right: list[Token], two: Side) -> str:
    """A doubt where a modulus follows an unknown's class; a remainder of a number may have it as a remark."""
    if not is_modulus(right, two.stop) or (one.congruent and not one.name) or _MODULAR.search(before):
        return ""
    return f'after it: "{right[two.stop][1]}"'


def _find_loose_end(text: str, floor: int, begin: int, end: int, stop: int, opened: int | None) -> str:
    """A doubt where an operator stands beside the formula, or a sign that is a factorial or an exclamation."""
    if opened is None and text.startswith("!", end):
        return 'after it: "!"'
    lead = (
        text[max(floor, begin - 20) : begin]
        if opened is None
        else _OPENING.sub("", text[max(floor, opened - 20) : opened])
    )
    before = _DANGLING.search(lead)
    after = _CONTINUED.match(text, stop, stop + MAX_SIDE)
    found = before or after
    return f'beside it: "{found[0].strip()}"' if found else ""


_BOXED = re.compile(r"\\(?:boxed|fbox|framebox)\b")


def _touches(text: str, begin: int) -> bool:
    """Whether another box ends directly before this one."""
    return re.search(r"\}[ \t$]*\Z", text[max(0, begin - 6) : begin]) is not None


def _find_opening(text: str, floor: int, begin: int) -> int | None:
    """Where the mathematics that holds the box opens; None where the box stands in prose."""
    opened, dollars = None, False
    for mark in _DELIMITER.finditer(text, floor, begin):
        sign = mark[0]
        if sign in ("\\(", "\\["):
            opened, dollars = mark.end(), False
        elif sign in ("\\)", "\\]"):
            opened, dollars = None, False
        elif sign[0] == "$":
            dollars = not dollars
            opened = mark.end() if dollars else None
    return opened


def _list_left(text: str, opened: int | None, floor: int, begin: int) -> tuple[list[Token], str]:
    """The tokens of mathematics before the box, and what ended them where it is not mathematics."""
    if opened is not None:
        return list_tokens(text[max(opened, begin - MAX_SIDE) : begin]), ""
    line = max(floor, text.rfind("\n", floor, begin) + 1, begin - MAX_SIDE)
    if _PART_LABEL.search(text[line:begin]):
        return [], "words"
    tokens = list_tokens(text[line:begin])
    cut = 0
    for at, (kind, value) in enumerate(tokens):
        last = at + 1 == len(tokens)
        marks = value in _MARKS and (last or tokens[at + 1][0] in ("space", "sign"))
        if is_prose(kind, value) or marks or (value in _MARKUP and _opens_markup(tokens, at)):
            cut = at + 1
    if not cut:
        return _drop_bullet(tokens, "start"), "start"
    ended = "formula" if tokens[cut - 1][1] in ("$", "\\)", "\\]") else "words"
    return _drop_bullet(tokens[cut:], ended), ended


def _opens_markup(tokens: list[Token], at: int) -> bool:
    """Whether the `*` or `_` at `at` is markup: it follows no number, letter or bracket that it could belong to."""
    kind, value = tokens[at - 1] if at else ("space", "")
    return not (kind in ("number", "command") or value.isalnum() or value in ("}", ")", "]"))


_PART_LABEL = re.compile(r"(?:\A|(?<![\d=+*/×·^−–-])\s)\*{0,2}\(?(?:[A-Ha-h]|[ivx]{1,4}|\d)\)[ *:]+\Z")
"""The label of a part, which is no factor of the box after it: "(b) ", "2) "."""
_MARKUP = frozenset("*_~#>|")
_MARKS = frozenset('.!?"“”—–#|。，：([')


def _drop_bullet(tokens: list[Token], ended: str) -> list[Token]:
    """No mathematics where a dash, a bullet, a number of a list or a bare word's space precedes the box."""
    solid = [token for token in tokens if token[0] != "space"]
    if not solid:
        return []
    value = solid[0][1]
    if value in "+-" and ended != "formula" and tokens[-1][0] == "space" and len(solid) == 1:
        return []
    if value in "+-" and ended == "start" and len(solid) > 1 and tokens[1][0] == "space":
        return _drop_bullet(tokens[2:], "words")
    kind, last = solid[-1]
    bare = tokens[-1][0] == "space" and (kind == "number" or (kind == "sign" and last.isalnum()))
    return [] if bare and not any(token in ("{", "(", "[", "\\{") for _, token in solid) else tokens


def _list_right(text: str, end: int, inside: bool) -> tuple[list[Token], int]:
    """The tokens of mathematics after the box, and where their formula is closed."""
    limit = min(len(text), end + MAX_SIDE)
    if inside:
        for mark in _DELIMITER.finditer(text, end, limit):
            if mark[0] in ("$", "$$", "\\)", "\\]"):
                return list_tokens(text[end : mark.start()]), mark.end()
        return list_tokens(text[end:limit].partition("\n\n")[0]), end
    line = text.find("\n", end, limit)
    tokens = list_tokens(text[end : line if line >= 0 else limit])
    return tokens[: _find_prose(tokens)], end


_PROSE_SIGNS = frozenset("*_!?\"”“~#|<>&'…—–()[]")


def _find_prose(tokens: list[Token]) -> int:
    """Where prose goes on after a box that stands in prose: mathematics touches it, or goes on with an operator."""
    for at, (kind, value) in enumerate(tokens):
        after = tokens[at + 1] if at + 1 < len(tokens) else ("space", "")
        touching = at == 0 or tokens[at - 1][0] != "space"
        if value == "_" and after[1] in ("{", "1", "2", "8", "10", "16"):
            return at + 3
        if value in _PROSE_SIGNS and not (value in "<>" and at and not is_prose(*after)):
            return at
        if (
            value in ("-", "+", "=", "/")
            and not touching
            and (after[0] == "space" and _is_word_next(tokens, at + 1))
        ):
            return at
        if kind == "number" and at and not touching and tokens[at - 2][0] not in ("sign", "command"):
            return at
        if (
            kind == "sign"
            and value.isalpha()
            and not touching
            and (at < 2 or tokens[at - 2][0] not in ("sign", "command"))
        ):
            return at
    return len(tokens)


def _is_word_next(tokens: list[Token], at: int) -> bool:
    rest = [token for token in tokens[at : at + 4] if token[0] != "space"]
    if len(rest) > 1 and rest[0][1].isalpha() and rest[1][0] == "word":
        return True
    return not rest or rest[0][0] == "word"


def _find_stop(end: int, right: list[Token], side: Side, closed: int) -> int:
    """Where the words after the mathematics begin."""
    read = sum(len(value) for _, value in right[: side.stop])
    return closed if closed > end and side.stop == len(right) else end + read


def _read_words(
    text: str, begin: int, opened: int | None, stop: int, answer: str, doubt: str, left: list[Token]
) -> Surroundings:
    """The unit after the answer, and what the words on both sides say."""
    if not _WORDED.search(_COMMANDS.sub(_keep_text, answer)) and not re.search(r"[,;]", answer):
        unit = read_unit_after(text, stop)
        if unit is not None:
            answer, stop = answer + unit[0], unit[1]
    related = any(value == "=" for _, value in left)
    doubt = doubt or find_doubt_before(text, begin, changes=not related)
    if not doubt and opened is not None and not any(is_prose(*token) for token in left):
        doubt = find_doubt_before(text, opened, changes=False)
    if not doubt:
        doubt = _find_other_box(text, begin)
    other = _OR_ELSE.match(text, stop, stop + MAX_SIDE)
    if other is not None and is_same_answer(answer, other[1] or other[2] or other[3]):
        stop = other.end()
    return Surroundings(answer, doubt or find_doubt_after(text, stop), stop)


def _keep_text(command: re.Match[str]) -> str:
    return command[0] if command[0] in ("\\text", "\\mathrm", "\\circ", "\\mbox") else ""


def _find_other_box(text: str, begin: int) -> str:
    """A doubt where another box in the same sentence is an alternative."""
    start = max(0, begin - 160)
    boxes = list(_BOXED.finditer(text, start, begin))
    if not boxes:
        return ""
    between = text[boxes[-1].end() : begin]
    whole = text[max(text.rfind("\n", 0, begin), boxes[-1].start() - 20) + 1 : begin]
    return "" if "\n" in between or ". " in between else find_doubt_between(whole)
