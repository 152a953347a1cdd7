"""The value of a sequence of number words: one grammar for languages with groups of three digits, one for Han and Hangul."""

from __future__ import annotations

from fractions import Fraction

from filters.answers.parse.number_lexicon import Element

_SMALL = 100
_JOINED_AFTER = frozenset({"hundred", "times", "scale"})
_JOINS_TENS = frozenset({"es", "pt"})


def compose_number(elements: list[Element], language: str) -> Fraction | None:
    """The value, exact, or None where the words do not make one number."""
    if elements and elements[0][0] == "minus":
        value = compose_number(elements[1:], language) if len(elements) > 1 else None
        return None if value is None or elements[1][0] == "minus" else -value
    if language in ("han", "ko"):
        return _compose_cjk(elements, korean=language == "ko")
    for kind, compose in (("over", _compose_ratio), ("point", _compose_decimal)):
        if any(element[0] == kind for element in elements):
            return compose(elements, language)
    if len(elements) == 1 and elements[0][0] == "value":
        return elements[0][1]
    return _compose_parts(elements, language)


def _cut(elements: list[Element], kind: str) -> tuple[list[Element], list[Element]]:
    at = next(i for i, element in enumerate(elements) if element[0] == kind)
    return elements[:at], elements[at + 1 :]


def _compose_ratio(elements: list[Element], language: str) -> Fraction | None:
    """One over two."""
    above, below = _cut(elements, "over")
    top, bottom = compose_whole(above, language), compose_whole(below, language)
    return None if top is None or not bottom else top / bottom


def _compose_decimal(elements: list[Element], language: str) -> Fraction | None:
    """Three point one four: digits one by one."""
    whole, digits = _cut(elements, "point")
    return _write_decimal(compose_whole(whole, language), digits)


def _write_decimal(whole: Fraction | None, digits: list[Element]) -> Fraction | None:
    if whole is None or whole.denominator != 1 or not digits or not all(_is_digit(part) for part in digits):
        return None
    return Fraction(f"{whole}." + "".join(str(digit) for _, digit in digits))


def _is_digit(element: Element) -> bool:
    return element[0] in ("small", "digit") and element[1] < 10


def _compose_parts(elements: list[Element], language: str) -> Fraction | None:
    """A whole number; three quarters; one and a half; half a million; two and a half million."""
    at = next((i for i, element in enumerate(elements) if element[0] == "part"), None)
    if at is None:
        return compose_whole(elements, language)
    before, after = elements[:at], elements[at + 1 :]
    after = after[1:] if after and after[0][0] == "article" else after
    scale = Fraction(1)
    for kind, factor in after:
        if kind not in ("scale", "times"):
            return None
        scale *= factor
    whole, top = Fraction(0), before
    joiners = [i for i, element in enumerate(before) if element[0] == "joiner"]
    value = compose_whole(before[: joiners[-1]], language) if joiners else None
    if value is not None:
        whole, top = value, before[joiners[-1] + 1 :]
    counted = (
        Fraction(1) if not top or [kind for kind, _ in top] == ["article"] else compose_whole(top, language)
    )
    if counted is None or (not before and elements[at][1] not in (2, 4)):
        return None
    return (whole + counted / elements[at][1]) * scale


def compose_whole(elements: list[Element], language: str) -> Fraction | None:
    """A number of hundreds and scales: two hundred thousand and five; digits may stand for words (3 million)."""
    state = _Groups(language)
    for place, (kind, value) in enumerate(elements):
        after = elements[place + 1][0] if place + 1 < len(elements) else ""
        if not state.add(kind, value, after):
            return None
    return state.finish()


class _Groups:
    """The terms so far, each with its scale, and the group being read."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.terms: list[tuple[Fraction, Fraction]] = []
        self.group: Fraction | None = None
        self.last = ""
        self.half = Fraction(0)

    def add(self, kind: str, value: Fraction, after: str) -> bool:
        """Take one element; whether it may stand here."""
        last, self.last = self.last, kind
        if kind in ("small", "num", "hundred", "value"):
            return self._add_value(kind, value, last)
        if kind == "plus":
            self.half = value
            return not last and after in ("small", "num")
        if kind == "joiner":
            tens = last == "small" and self.language in _JOINS_TENS
            self.last = last
            return bool(after) and (tens or last in _JOINED_AFTER)
        if kind == "article":
            return after in ("times", "scale") and self.group is None
        if kind == "times":
            if last in ("hundred", "times") or (self.group or 1) >= _SMALL:
                return False
            self.group = (self.group or Fraction(1)) * value
            return True
        return kind == "scale" and self._add_scale(value)

    def _add_value(self, kind: str, value: Fraction, last: str) -> bool:
        if self.group is None:
            self.group = value + self.half
            self.half = Fraction(0)
            return True
        if kind in ("hundred", "value", "num"):
            return False
        tens = last == "small" and self.group % _SMALL in range(20, 100, 10) and 0 < value < 10
        if not tens and not (last in ("hundred", "times") and value > 0):
            return False
        self.group += value
        return True

    def _add_scale(self, value: Fraction) -> bool:
        """Multiply the group, and the smaller terms before it, for there are thousands of millions."""
        part = self.group
        while self.terms and self.terms[-1][1] < value:
            part = (part or Fraction(0)) + self.terms.pop()[0]
        if self.terms and self.terms[-1][1] == value:
            return False
        self.terms.append(((Fraction(1) if part is None else part) * value, value))
        self.group = None
        return True

    def finish(self) -> Fraction | None:
        """The sum."""
        if (
            not self.last
            or self.half
            or (self.group is not None and self.terms and self.group >= self.terms[-1][1])
        ):
            return None
        return sum((term for term, _ in self.terms), self.group or Fraction(0))


def _compose_cjk(elements: list[Element], *, korean: bool) -> Fraction | None:
    """Han and Korean numbers: digits and tens in groups of four, decimals, a half, parts (三分之二, 一又二分之一)."""
    kinds = [kind for kind, _ in elements]
    if "and" in kinds:
        one, two = _cut(elements, "and")
        whole, part = _compose_cjk(one, korean=korean), _compose_cjk(two, korean=korean)
        return None if whole is None or part is None or not 0 < part < 1 else whole + part
    if "of" in kinds:
        below, above = _cut(elements, "of")
        bottom, top = _compose_cjk(below, korean=korean), _compose_cjk(above, korean=korean)
        return None if top is None or not bottom else top / bottom
    if kinds[-1:] == ["half"]:
        return Fraction(1, 2) if len(kinds) == 1 or elements[:-1] == [("digit", Fraction(1))] else None
    if "point" in kinds:
        before, digits = _cut(elements, "point")
        return _write_decimal(_compose_cjk(before, korean=korean), digits)
    if set(kinds) == {"digit"}:
        written = "".join(str(digit) for _, digit in elements)
        return Fraction(written) if len(written) == 1 or len(written) > 2 else None
    if set(kinds) == {"native"}:
        return _compose_native(elements)
    return _compose_groups(elements, korean=korean)


def _compose_native(elements: list[Element]) -> Fraction | None:
    """Korean native numerals: a ten and a unit."""
    values = [value for _, value in elements]
    tens = len(values) == 2 and values[0] >= 10 > values[1]
    return sum(values, Fraction(0)) if len(values) == 1 or tens else None


def _compose_groups(elements: list[Element], *, korean: bool) -> Fraction | None:
    """Groups of up to four digits, each times a power of ten thousand, falling.

    A digit at the end, after a hundred: 一百五 is 150 in Chinese, 二百五 is 205 in Japanese, which writes 百 and 千
    without 一; 一百零五 is 105 in both.
    """
    clear = korean
    total = group = Fraction(0)
    digit: Fraction | None = None
    top, ten, zero = Fraction(10**16), Fraction(10**4), True
    for kind, value in elements:
        if kind in ("digit", "num"):
            if digit:
                return None
            zero = zero or (kind == "digit" and value == 0)
            digit = value
        elif kind == "ten" and value < ten:
            clear = clear or (digit is None and (value > 10 or group > 0))
            group += (Fraction(1) if digit is None else digit) * value
            digit, ten, zero = None, value, False
        elif kind == "myriad" and value < top:
            group += digit or 0
            total += (group or (Fraction(1) if digit is None and total == 0 else Fraction(0))) * value
            if group == 0 and total == 0:
                return None
            top, ten, group, digit, zero = value, Fraction(10**4), Fraction(0), None, False
        else:
            return None
    if digit and not (zero or clear) and ten > 10 and elements[-1][0] == "digit" and (group or total):
        return None
    if group + (digit or 0) >= top:
        return None
    return total + group + (digit or 0)
