"""The unit that a symbol, a word or a phrase names; symbols in exact case, words case and plural aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from filters.answers.units.tables import Tables, fold_word, load_tables
from filters.answers.units.unit import Unit, multiply_units

CURRENCY_SIGNS = frozenset("$€£¥₹₽₩₺₴₱₫₪₦฿₸₿৳")

_POWER_PREFIXES = {"quadrat": 2, "kubik": 3, "平方": 2, "立方": 3, "제곱": 2, "세제곱": 3}
_ENDINGS = ("s", "es", "n")
_LONGEST_PREFIX = 5


@lru_cache(maxsize=8192)
def find_unit(word: str) -> Unit | None:
    """The unit a symbol, word or phrase names, singular or plural; with `others` where it names several."""
    tables = load_tables()
    names = tables.symbols.get(word)
    if names is not None:
        return tables.resolve(word, names)
    found = _find_prefixed(word, tables.prefix_symbols, tables.symbols, tables)
    return found or _find_word(fold_word(word.strip(".")), tables)


def is_currency(unit: Unit) -> bool:
    """Whether a unit is money, in one of its currencies or a part of it."""
    bases = [base for base, _ in unit.dimension or ()]
    return len(bases) == 1 and bases[0] in load_tables().currencies


def _find_word(word: str, tables: Tables) -> Unit | None:
    forms = [word, *(word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))]
    listed = [form for form in forms if (form == word or len(form) > 2) and form in tables.words]
    if listed:
        plural = listed[:2] if listed[1:2] == [word.removesuffix("s")] else listed[:1]
        return tables.resolve(plural[-1], [name for form in plural for name in tables.words[form]])
    for form in forms:
        found = _find_prefixed(form, tables.prefix_words, tables.words, tables)
        if found is not None:
            return found
    for prefix, power in _POWER_PREFIXES.items():
        if word.startswith(prefix) and len(word) > len(prefix):
            base = find_unit(word.removeprefix(prefix).lstrip("-"))
            return None if base is None or base.dimension is None else multiply_units([(base, power)], word)
    return None


def _find_prefixed(
    word: str, prefixes: Mapping[str, tuple[str, Fraction]], forms: Mapping[str, list[str]], tables: Tables
) -> Unit | None:
    """The unit of a form with a prefix that it may take."""
    for length in range(1, min(_LONGEST_PREFIX, len(word) - 1) + 1):
        prefix = prefixes.get(word[:length])
        if prefix is None:
            continue
        rest = word[length:].lstrip("-")
        taking = [name for name in forms.get(rest, ()) if prefix[0] in tables.prefixes.get(name, ())]
        base = tables.resolve(rest, taking[:1])
        if base is not None:
            return replace(base, factor=base.factor * prefix[1], scale="")
    return None
