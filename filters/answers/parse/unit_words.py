"""Units spelled by the tokens after a number: `m/s^2`, `square feet`, `dollars per day`, or a counted thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from filters.answers.parse.tokens import Token
from filters.answers.parse.unit_pieces import Piece, find_role, is_cjk, is_spelled, split_pieces
from filters.answers.units import ORDINAL, Unit, classify_word, find_unit, multiply_units
from filters.answers.units.counted import WordClass
from filters.answers.units.unit import Kind, add_thing, join_readings
from filters.answers.wordlists import make_word_set

MAX_WORDS = 6
"""Words a counted thing may have: "red balls left in the box"."""
MAX_UNIT = 24
"""Tokens of a unit."""
MAX_PHRASE = 4
"""Words that name one unit: `millimetre of mercury`, `grados Celsius`."""

ORDINAL_MARKS = frozenset({"st", "nd", "rd", "th", "番目", "回目", "번째"})
_POWERS = {"square": 2, "cubic": 3}
_AFTER = {"squared": 2, "cubed": 3}
_SKIPPED = frozenset("*(){}-.")
_NOT_THINGS = make_word_set(
    "not or and if but about approximately around is are was were be no nor than least most at because since so "
    "when where which otherwise either sin cos tan log ln mod solution solutions hence any x y z pi "
    "infinity"
)
_OF = frozenset({"of", "in", "from", "with", "for", "on", "at"})
_NAMED: tuple[tuple[WordClass, Kind], ...] = (("multiple", "multiple"), ("group", "group"), ("noun", "thing"))
"""What a thing is by the class of one of its words."""
_SHARED = frozenset({"each", "every"})
_SHORTHAND = frozenset("KMGTB")
"""Bare symbols that also stand for thousand, million and so on."""
_NOT_LETTERS = frozenset("ei")


def read_unit(tokens: Sequence[Token], before: Unit | None = None) -> Unit | None:
    """The unit that all of these tokens spell, or None. before: a currency that stood before the number."""
    if not tokens or len(tokens) > MAX_UNIT:
        return None
    pieces = split_pieces(tokens)
    if pieces[0].value in ORDINAL_MARKS and not pieces[0].spaced:
        return replace(ORDINAL, thing=" ".join(_make_singular(piece.value) for piece in pieces[1:]))
    return _MeasureReader(pieces, before).read() or (None if before else _read_counted_thing(pieces))


class _MeasureReader:
    """Reads factors of a compound unit from left to right."""

    def __init__(self, pieces: list[Piece], before: Unit | None) -> None:
        self.pieces = pieces
        self.at = 0
        self.sign = 1
        self.power = 1
        self.factors: list[tuple[Unit, int]] = [] if before is None else [(before, 1)]
        self.letters: list[tuple[str, int]] | None = []
        self.thing = ""

    def read(self) -> Unit | None:
        """The unit that all pieces spell."""
        while self.at < len(self.pieces):
            divides = self.factors and find_role(self.pieces[self.at].value) == "also-per"
            first, second = self._read_factor, self._read_connection
            if divides:
                first, second = second, first
            if not (first() or second()):
                return self._read_tail()
        return self._finish()

    def _finish(self) -> Unit | None:
        if self.power != 1 or not self.factors or not self._is_measure():
            return None
        if not self.pieces:
            return add_thing(self.factors[0][0], self.thing)
        unit = multiply_units(self.factors, " ".join(piece.value for piece in self.pieces))
        if unit is None or not self._may_be_spaced_letters():
            return None
        if self.thing:
            return add_thing(unit, self.thing)
        first = self.pieces[0]
        bare = len(self.pieces) == 1 and len(first.value) == 1 and first.value.isascii() and not first.text
        doubtful = (bare or len(self.letters or ()) == 1) and (not first.spaced or first.value in _SHORTHAND)
        return replace(unit, letters=tuple(self.letters or ()), doubtful=doubtful)

    def _is_measure(self) -> bool:
        """Whether a factor has a dimension: things alone are no measure unless divided."""
        return any(unit.dimension is not None for unit, _ in self.factors) or (
            len(self.factors) == 1 and self.factors[0][0].kind != "word" and self.factors[0][1] == 1
        )

    def _may_be_spaced_letters(self) -> bool:
        """`2 m s` is more likely two variables: several bare small letters are a unit only when divided."""
        bare = [p for p in self.pieces if p.value.isascii() and p.value.isalpha() and not p.text]
        small = len(bare) > 1 and all(len(piece.value) == 1 and piece.value.islower() for piece in bare)
        return not small or any(exponent < 0 for _, exponent in self.factors)

    def _read_factor(self) -> bool:
        """A unit by the longest phrase that names one, with its exponent."""
        piece = self.pieces[self.at]
        if not piece.is_word or (piece.value == "in" and self._is_said_of_all()):
            return False
        for count in range(min(MAX_PHRASE, len(self.pieces) - self.at), 0, -1):
            unit = self._find_phrase(count)
            if unit is not None:
                self.at += count
                exponent = self._read_exponent()
                self.factors.append(self._split_symbol(piece, unit, exponent))
                self._note_letters(piece, self.sign * self.power * exponent)
                self.power = 1
                return True
        return self._read_joined_symbols(piece) or self._read_thing(piece)

    def _is_said_of_all(self) -> bool:
        """Whether `in` is the preposition of `in total` or after a word at the end, not the inch."""
        after = self.pieces[self.at + 1 : self.at + 2]
        if not after and self.factors and len(self.pieces[self.at - 1].value) > 3:
            return True
        return bool(after) and classify_word(after[0].value) == "link" and find_role(after[0].value) != "per"

    def _split_symbol(self, piece: Piece, unit: Unit, exponent: int) -> tuple[Unit, int]:
        """A symbol to a negative power may be two symbols, of which the second has it: ms^{-1} is m/s."""
        power = self.sign * self.power * exponent
        if exponent >= 0 or self.sign < 0 or not piece.value.isascii() or not 1 < len(piece.value) <= 4:
            return unit, power
        split = _find_split(piece.value, exponent)
        powered = multiply_units([(unit, power)], piece.value)
        if split is None or powered is None:
            return unit, power
        speed = ("time", -1) in (split.dimension or ())
        return join_readings([split, powered] if speed else [powered, split]) or unit, 1

    def _find_phrase(self, count: int) -> Unit | None:
        pieces = self.pieces[self.at : self.at + count]
        if not pieces[-1].is_word or not all(piece.is_word or piece.value == "-" for piece in pieces):
            return None
        first, *rest = (piece.value for piece in pieces)
        unit = find_unit(" ".join((first, *rest)))
        if unit is None and rest and first.endswith("s"):
            unit = find_unit(" ".join((first.removesuffix("s"), *rest)))
        if unit is None and "-" in rest:
            unit = find_unit("".join((first, *rest)))
        return unit

    def _read_joined_symbols(self, piece: Piece) -> bool:
        """`kmh^{-1}`: two symbols without a sign between them, the second one divided."""
        ahead = [part.value for part in self.pieces[self.at + 1 : self.at + 4]]
        if "-" not in ahead or not piece.value.isascii() or len(piece.value) > 4:
            return False
        start, self.at = self.at, self.at + 1
        exponent = self._read_exponent()
        unit = _find_split(piece.value, exponent) if exponent < 0 else None
        if unit is None:
            self.at = start
            return False
        self.factors.append((unit, self.sign))
        self.letters = None
        return True

    def _read_thing(self, piece: Piece) -> bool:
        """A counted thing in a compound: dollars per apple, apples per day."""
        divided = self.sign == -1 or any(
            find_role(part.value) == "per" or part.value == "/" for part in self.pieces[self.at + 1 :]
        )
        if (
            not divided
            or classify_word(piece.value) not in ("noun", "group", "multiple")
            or len(piece.value) == 1
        ):
            return False
        self.at += 1
        self.letters = None
        self.factors.append((Unit(_make_singular(piece.value), None, kind="thing"), self.sign * self.power))
        self.power = 1
        return True

    def _read_connection(self) -> bool:
        """A sign or word between units."""
        value = self.pieces[self.at].value
        role = find_role(value)
        rest = len(self.pieces) - self.at > 1
        if value == "/" or (role == "per" and rest) or (role == "also-per" and self.factors and rest):
            self.sign = -1
        elif role in _POWERS:
            self.power = _POWERS[role]
        elif value not in _SKIPPED:
            return False
        self.at += 1
        return True

    def _read_exponent(self) -> int:
        """The exponent written here, as `^2`, `^{-1}`, `2` against a symbol, or `squared`; a step over it."""
        rest = self.pieces[self.at : self.at + 5]
        if rest and (role := find_role(rest[0].value)) in _AFTER:
            self.at += 1
            return _AFTER[role]
        values = [piece.value for piece in rest]
        used = 0
        if values[:1] == ["^"]:
            used = 1 + (values[1:2] == ["{"])
        elif not rest or rest[0].spaced or is_cjk(self.pieces[self.at - 1].value[-1]):
            return 1
        minus = values[used : used + 1] == ["-"]
        digits = values[used + minus] if len(values) > used + minus else ""
        if not (digits.isdigit() and len(digits) == 1) or (not used and rest[minus].spaced):
            return 1
        if minus and not used and not self.factors and self._may_be_variable(int(digits)):
            return 1
        self.at += used + minus + 1 + (used == 2 and values[used + minus + 1 : used + minus + 2] == ["}"])
        return -int(digits) if minus else int(digits)

    def _may_be_variable(self, digit: int) -> bool:
        """Whether the symbol just read and a minus after it are a difference: 6t-4 is no unit to the power of -4."""
        piece = self.pieces[self.at - 1]
        return digit > 3 or not (piece.text or piece.spaced or len(piece.value) > 1)

    def _note_letters(self, piece: Piece, exponent: int) -> None:
        """The variables that a symbol in italics may be."""
        plain = piece.value.isascii() and piece.value.isalpha() and len(piece.value) <= 3 and not piece.text
        if self.letters is None or not plain or _NOT_LETTERS & set(piece.value):
            self.letters = None
            return
        self.letters += [(letter, self.sign) for letter in piece.value[:-1]] + [(piece.value[-1], exponent)]

    def _read_tail(self) -> Unit | None:
        """What is said of a measure after it: `of flour`, `long`, `in total`; a word that changes the value shows."""
        rest = self.pieces[self.at :]
        words = [piece.value for piece in rest if piece.is_word]
        if not self.factors or not words or len(words) > MAX_WORDS or len(words) < len(rest):
            return None
        classes = {classify_word(word) for word in words}
        if "modifier" in classes and find_role(words[0]) != "tail":
            return Unit(" ".join(piece.value for piece in self.pieces), None, kind="modifier")
        known = find_role(words[0]) == "tail" or classify_word(words[0]) == "link" or not words[0].isascii()
        if not known or "modifier" in {classify_word(word) for word in words[1:]}:
            return None
        said = [word for word in words if classify_word(word) != "link" or word.casefold() in _SHARED]
        self.thing = " ".join(map(_make_singular, said))
        self.pieces = self.pieces[: self.at]
        return self._finish()


def _find_split(symbol: str, exponent: int) -> Unit | None:
    for cut in range(len(symbol) - 1, 0, -1):
        one, two = find_unit(symbol[:cut]), find_unit(symbol[cut:])
        if one is not None and two is not None and one.dimension and two.dimension:
            return multiply_units([(one, 1), (two, exponent)], symbol)
    return None


def _read_counted_thing(pieces: list[Piece]) -> Unit | None:
    """A noun with what is said of it, or words of which nothing is known but that they stand there."""
    first = pieces[0]
    if not (first.spaced or first.text or not first.value.isascii()):
        return None
    words = [_spell_power(piece.value) for piece in pieces if piece.value not in "-'\"{}."]
    folded = [word.casefold() for word in words]
    if not words or len(words) > MAX_WORDS + 2 or not _NOT_THINGS.isdisjoint(folded):
        return None
    classes = [classify_word(word) for word in words]
    things = [word for word, kind in zip(words, classes, strict=True) if kind != "link"]
    if not things and len(words) > 1:
        return Unit("", None, kind="thing")
    if not things or len(things) > MAX_WORDS:
        return None
    if not all(is_spelled(word) and (len(word) > 2 or not word.isascii()) for word in things):
        return None
    name = " ".join(words)
    if "modifier" in classes:
        return Unit(name, None, kind="modifier")
    measured = any(unit.dimension for word in things if (unit := find_unit(word)) is not None)
    for kind, named in _NAMED:
        if kind in classes and not measured:
            return Unit(_name_thing(things, words), None, kind=named)
    return Unit(name if measured else _name_thing(things, words), None, kind="word")


def _spell_power(word: str) -> str:
    """`sq units` are square units."""
    role = find_role(word)
    return role if role in _POWERS else word


def _name_thing(things: list[str], words: list[str]) -> str:
    """The words of a thing, its head last: boxes of apples are apple boxes."""
    of = next((place for place, word in enumerate(words) if word.casefold() in _OF), len(words))
    first = [word for word in words[:of] if word in things]
    rest = things[len(first) :] if words[0].isascii() and first else []
    return " ".join(map(_make_singular, [*rest, *first] if rest else things))


def _make_singular(word: str) -> str:
    return word.casefold().removesuffix("s")
