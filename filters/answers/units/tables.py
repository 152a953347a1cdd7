"""The tables of units, read from the files beside this one: what each symbol and word means.

A definition is a factor and other units to powers (`5/18 metre second^-1`), so that each size is written once.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from filters.answers.units.unit import Kind, Unit, join_readings, multiply_units
from filters.answers.wordlists import make_word_set, read_rows

FOLDER = Path(__file__).parent

_ACCENTS = re.compile("[\u0300-\u036f]")
_POWER = re.compile(r"([^\W\d_][\w-]*)(?:\^(-?\d))?")
_NO_MEASURES: dict[str, Kind] = {"thing": "thing", "multiple": "multiple", "?": "modifier"}
_PREFIX_SETS = {
    "si": make_word_set("Y Z E P T G M k h da d c m μ n p f"),
    "data": make_word_set("k M G T P E Ki Mi Gi Ti"),
}


def fold_word(word: str) -> str:
    """A word without case and Latin or Cyrillic accents: Kilómetros is kilometros."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold())
    return unicodedata.normalize("NFC", _ACCENTS.sub("", plain))


@cache
def load_tables() -> Tables:
    """All tables, read once."""
    return Tables()


class Tables:
    """What the files say.

    symbols, words: the names or expressions of the units that a form means, by exact spelling and by `fold_word`.
    even: forms of which no meaning is presumed. currencies: their dimensions.
    prefixes: which prefixes a unit takes. prefix_symbols, prefix_words: the symbol and size of each prefix.
    """

    def __init__(self) -> None:
        self.symbols: dict[str, list[str]] = {}
        self.words: dict[str, list[str]] = {}
        self.even: set[str] = set()
        self.currencies: set[str] = set()
        self.prefixes: dict[str, frozenset[str]] = {}
        self.prefix_symbols: dict[str, tuple[str, Fraction]] = {}
        self.prefix_words: dict[str, tuple[str, Fraction]] = {}
        self._definitions: dict[str, str] = {}
        self._defined: dict[str, Unit] = {}
        self._read_units()
        self._read_forms()

    def _read_units(self) -> None:
        for name, definition, prefixes, symbols, *_ in read_rows(FOLDER / "measures.tsv"):
            self._definitions[name] = definition
            self.prefixes[name] = _PREFIX_SETS.get(prefixes) or frozenset(prefixes.split())
            self._add(self.symbols, symbols.split(), name)
        for name, base, size, symbols, *_ in read_rows(FOLDER / "currencies.tsv"):
            self._definitions[name] = f"base {base} *{size}"
            self.currencies.add(base)
            self._add(self.symbols, symbols.split(), name)
        for factor, symbol, others, words, *_ in read_rows(FOLDER / "prefixes.tsv"):
            prefix = symbol, Fraction(factor)
            self.prefix_symbols |= dict.fromkeys((symbol, *others.split()), prefix)
            self.prefix_words |= {fold_word(word): prefix for word in words.split()}

    def _read_forms(self) -> None:
        for file in ("words.tsv", "cldr_words.tsv"):
            for name, kind, forms, *_ in read_rows(FOLDER / file):
                if kind == "even":
                    self.even |= set(map(fold_word, forms.split("|")))
                elif kind == "symbol":
                    self._add(self.symbols, forms.split("|"), name)
                else:
                    self._add(self.words, list(map(fold_word, forms.split("|"))), name)

    def _add(self, table: dict[str, list[str]], forms: list[str], name: str) -> None:
        for form in forms:
            table.setdefault(form, []).append(name)

    def resolve(self, form: str, names: list[str]) -> Unit | None:
        """The unit of a form that has these names."""
        unit = join_readings([self._find(form, name) for name in names])
        return replace(unit, even=True) if unit is not None and fold_word(form) in self.even else unit

    def _find(self, form: str, name: str) -> Unit:
        if name in _NO_MEASURES:
            return Unit(form, None, kind=_NO_MEASURES[name])
        if name not in self._defined:
            self._defined[name] = self._define(self._definitions.get(name, name))
        return self._defined[name]

    def _define(self, text: str) -> Unit:
        """The unit that a definition describes."""
        first, *rest = text.split()
        if first == "base":
            factor = Fraction(rest[1][1:]) if len(rest) > 1 else Fraction(1)
            return Unit("", ((rest[0], 1),), factor, "degree" if rest[0] == "angle" else "")
        if first == "pure":
            return Unit("", (), Fraction(rest[0]), "percent")
        if first == "affine":
            return Unit("", (("temperature", 1),), Fraction(rest[0]), zero=Fraction(rest[1]))
        exact, first = not first.startswith("~"), first.removeprefix("~")
        factor = Fraction(first) if first[0].isdigit() else Fraction(1)
        factors: list[tuple[Unit, int]] = []
        for part in rest if first[0].isdigit() else [first, *rest]:
            if part.startswith("*"):
                factor *= Fraction(part[1:])
                continue
            match = _POWER.fullmatch(part)
            assert match is not None, text
            factors.append((self._find("", match[1]), int(match[2] or 1)))
        unit = multiply_units(factors, "")
        assert unit is not None
        scale = "" if factor != 1 or len(factors) > 1 else unit.scale
        return replace(unit, factor=unit.factor * factor, exact=unit.exact and exact, scale=scale)
