"""Units with dimensions and exact factors, so that 5 cm is never 5 m, and 150 minutes are 2.5 hours.

A word that is not a unit but follows a number ("72 clips") is a counted thing: a unit without dimension,
comparable only with itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

Dimension = tuple[tuple[str, int], ...]
"""Exponents of base dimensions, sorted by name: metres a second squared is (("length", 1), ("time", -2))."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure.

    factor: its size in base units, exact.
    dimension: None for a counted thing, whose `name` is all that is known of it.
    scale: "percent" or "degree" for signs that stand for a pure number.
    """

    name: str
    dimension: Dimension | None
    factor: Fraction = Fraction(1)
    scale: str = ""


PERCENT = Unit("%", (), Fraction(1, 100), "percent")
DEGREE = Unit("°", (("angle", 1),), Fraction(1), "degree")

_BASES: dict[str, tuple[str, str]] = {
    # dimension: (factors of its units), written "name=factor"; names without blanks, symbols are exact-case
    "length": (
        "m=1 km=1000 dm=1/10 cm=1/100 mm=1/1000 nm=1/1000000000 ft=0.3048 in=0.0254 yd=0.9144 mi=1609.344",
        "meter=1 metre=1 kilometer=1000 kilometre=1000 decimeter=1/10 decimetre=1/10 centimeter=1/100 "
        "centimetre=1/100 millimeter=1/1000 millimetre=1/1000 foot=0.3048 feet=0.3048 inch=0.0254 inche=0.0254 "
        "yard=0.9144 mile=1609.344 micrometer=1/1000000 nanometer=1/1000000000",
    ),
    "mass": (
        "kg=1 g=1/1000 mg=1/1000000 t=1000 lb=0.45359237 lbs=0.45359237 oz=0.028349523125",
        "kilogram=1 gram=1/1000 milligram=1/1000000 tonne=1000 pound=0.45359237 ounce=0.028349523125 kilo=1",
    ),
    "time": (
        "s=1 ms=1/1000 min=60 h=3600 hr=3600 hrs=3600 sec=1 secs=1 mins=60",
        "second=1 minute=60 hour=3600 day=86400 week=604800 millisecond=1/1000",
    ),
    "month": ("yr=12 yrs=12", "month=1 year=12 decade=120 century=1200 centurie=1200"),
    "current": ("A=1 mA=1/1000", "ampere=1 amp=1 milliampere=1/1000"),
    "temperature": ("K=1", "kelvin=1"),
    "celsius": ("°C=1", "celsius=1"),
    "fahrenheit": ("°F=1", "fahrenheit=1"),
    "amount": ("mol=1 mmol=1/1000", "mole=1"),
    "angle": ("°=1 deg=1", "degree=1"),
    "radian": ("rad=1", "radian=1"),
    "data": ("bit=1 kB=8000 MB=8000000 GB=8000000000", "byte=8 kilobyte=8000 megabyte=8000000 gigabyte=8000000000"),
    "dollar": ("$=1 USD=1 ¢=1/100", "dollar=1 cent=1/100 buck=1 dime=1/10 nickel=1/20 quarter=1/4 penny=1/100 pennie=1/100"),
    "euro": ("€=1 EUR=1", "euro=1"),
    "pound": ("£=1 GBP=1", "sterling=1"),
    "yen": ("¥=1 JPY=1", "yen=1"),
    "yuan": ("CNY=1 RMB=1", "yuan=1 元=1"),
    "rupee": ("₹=1 INR=1", "rupee=1"),
}  # fmt: skip
_DERIVED = {
    # written as "name": "factor base^exponent ..."
    "L l": "0.001 length^3", "mL ml": "0.000001 length^3", "acre": "4046.8564224 length^2",
    "N": "1 mass length time^-2", "kN": "1000 mass length time^-2", "J": "1 mass length^2 time^-2",
    "kJ": "1000 mass length^2 time^-2", "W": "1 mass length^2 time^-3", "kW": "1000 mass length^2 time^-3",
    "Pa": "1 mass length^-1 time^-2", "kPa": "1000 mass length^-1 time^-2", "Hz": "1 time^-1",
    "kHz": "1000 time^-1", "MHz": "1000000 time^-1", "C": "1 current time", "ha": "10000 length^2",
    "V": "1 mass length^2 time^-3 current^-1", "Ω": "1 mass length^2 time^-3 current^-2",
    "T": "1 mass time^-2 current^-1", "F": "1 mass^-1 length^-2 time^4 current^2", "kWh": "3600000 mass length^2 time^-2",
    "mph": "0.44704 length time^-1", "kph kmh": "5/18 length time^-1", "cc": "0.000001 length^3",
}  # fmt: skip
_DERIVED_WORDS = {
    "liter litre": "0.001 length^3", "milliliter millilitre": "0.000001 length^3", "newton": _DERIVED["N"],
    "joule": _DERIVED["J"], "watt": _DERIVED["W"], "pascal": _DERIVED["Pa"], "hertz": _DERIVED["Hz"],
    "coulomb": _DERIVED["C"], "volt": _DERIVED["V"], "ohm": _DERIVED["Ω"], "tesla": _DERIVED["T"],
    "acre": _DERIVED["acre"], "hectare": _DERIVED["ha"], "kilowatt": _DERIVED["kW"], "kilojoule": _DERIVED["kJ"],
    "percent": "percent", "percentage": "percent", "gallon": "0.003785411784 length^3",
    "quart": "0.000946352946 length^3", "pint": "0.000473176473 length^3", "cup": "0.0002365882365 length^3",
}  # fmt: skip


def _read_measure(text: str) -> Unit:
    factor, *parts = text.split()
    pairs = [part.partition("^") for part in parts]
    return Unit("", tuple(sorted((base, int(exp or 1)) for base, _, exp in pairs)), Fraction(factor))


def _make_table(column: int, derived: dict[str, str]) -> dict[str, Unit]:
    table = {}
    for base, columns in _BASES.items():
        for entry in columns[column].split():
            name, _, factor = entry.partition("=")
            table[name] = Unit("", ((base, 1),), Fraction(factor))
    for names, text in derived.items():
        table |= {name: PERCENT if text == "percent" else _read_measure(text) for name in names.split()}
    return table


SYMBOLS = _make_table(0, _DERIVED) | {"°": DEGREE, "deg": DEGREE, "%": PERCENT}
NAMES = _make_table(1, _DERIVED_WORDS) | {"degree": DEGREE}
CURRENCY_SIGNS = frozenset("$€£¥₹")


@lru_cache(maxsize=4096)
def find_unit(word: str) -> Unit | None:
    """The unit a symbol or word names, singular or plural."""
    found = SYMBOLS.get(word)
    if found is None:
        lowered = word.casefold()
        found = NAMES.get(lowered) or NAMES.get(lowered.removesuffix("s"))
    return found


def multiply_units(factors: Sequence[tuple[Unit, int]], name: str) -> Unit | None:
    """The product of units to powers; a counted thing among several makes the whole one."""
    if len(factors) == 1 and factors[0][1] == 1:
        return factors[0][0]
    exponents: dict[str, int] = {}
    size = Fraction(1)
    for unit, exponent in factors:
        if unit.dimension is None or unit.scale or abs(exponent) > 9:
            return Unit(name, None)
        for base, power in unit.dimension:
            exponents[base] = exponents.get(base, 0) + power * exponent
        size *= unit.factor**exponent
    return Unit(name, tuple(sorted((b, e) for b, e in exponents.items() if e)), size)
