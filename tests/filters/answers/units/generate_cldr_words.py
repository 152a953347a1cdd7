"""Writes filters/answers/units/cldr_words.tsv: the names of units and currencies in ten languages, from CLDR.

Run: pip install babel==2.19.0 && python tests/filters/answers/units/generate_cldr_words.py
Babel carries CLDR 47. Its long patterns are words (case aside), its short ones symbols (exact case). A pattern
that has its number in the middle, and an ASCII short form (`measures.tsv` has those, checked), are left out.
"""

import re
from pathlib import Path

from babel import Locale
from babel.numbers import get_currency_name

FOLDER = Path(__file__).parents[4] / "filters" / "answers" / "units"
HEAD = """# Names of units and currencies in ten languages: CLDR 47, written by
# tests/filters/answers/units/generate_cldr_words.py.
# Columns: unit, word (case aside) or symbol (exact case), the forms, the language, which is for readers.
# CLDR: Copyright © 1991-2025 Unicode, Inc., under the Unicode License v3 (https://www.unicode.org/license.txt).
"""
LANGUAGES = ("en", "zh", "zh_Hant", "ja", "ko", "es", "fr", "de", "pt", "ru", "hi")
UNITS = {
    "length-meter": "metre", "length-kilometer": "1000 metre", "length-decimeter": "1/10 metre",
    "length-centimeter": "1/100 metre", "length-millimeter": "1/1000 metre",
    "length-micrometer": "1/1000000 metre", "length-nanometer": "1/1000000000 metre",
    "length-picometer": "1/1000000000000 metre", "length-mile": "mile", "length-yard": "yard",
    "length-foot": "foot", "length-inch": "inch", "length-parsec": "parsec", "length-light-year": "light-year",
    "length-astronomical-unit": "astronomical-unit", "length-furlong": "furlong", "length-fathom": "fathom",
    "length-nautical-mile": "nautical-mile", "area-square-kilometer": "1000000 metre^2",
    "area-hectare": "hectare", "area-square-meter": "metre^2", "area-square-centimeter": "1/10000 metre^2",
    "area-square-mile": "mile^2", "area-acre": "acre", "area-square-yard": "yard^2",
    "area-square-foot": "foot^2", "area-square-inch": "inch^2", "volume-cubic-kilometer": "1000000000 metre^3",
    "volume-cubic-meter": "metre^3", "volume-cubic-centimeter": "1/1000000 metre^3",
    "volume-cubic-mile": "mile^3", "volume-cubic-yard": "yard^3", "volume-cubic-foot": "foot^3",
    "volume-cubic-inch": "inch^3", "volume-megaliter": "1000000 litre", "volume-hectoliter": "100 litre",
    "volume-liter": "litre", "volume-deciliter": "1/10 litre", "volume-centiliter": "1/100 litre",
    "volume-milliliter": "1/1000 litre", "volume-gallon": "gallon", "volume-gallon-imperial": "imperial-gallon",
    "volume-quart": "quart", "volume-pint": "pint", "volume-cup": "cup", "volume-tablespoon": "tablespoon",
    "volume-teaspoon": "teaspoon", "volume-bushel": "bushel", "volume-fluid-ounce": "fluid-ounce",
    "speed-kilometer-per-hour": "kilometre-per-hour", "speed-meter-per-second": "1 metre second^-1",
    "speed-mile-per-hour": "mile-per-hour", "speed-knot": "knot",
    "acceleration-meter-per-square-second": "1 metre second^-2", "mass-tonne": "tonne",
    "mass-kilogram": "1000 gram", "mass-gram": "gram", "mass-milligram": "1/1000 gram",
    "mass-microgram": "1/1000000 gram", "mass-stone": "stone", "mass-pound": "pound", "mass-ounce": "ounce",
    "mass-carat": "carat", "mass-dalton": "dalton", "mass-grain": "grain", "duration-century": "century",
    "duration-decade": "decade", "duration-year": "year", "duration-quarter": "quarter-year",
    "duration-month": "month", "duration-week": "week", "duration-day": "day", "duration-hour": "hour",
    "duration-minute": "minute", "duration-second": "second", "duration-millisecond": "1/1000 second",
    "duration-microsecond": "1/1000000 second", "duration-nanosecond": "1/1000000000 second",
    "temperature-celsius": "celsius", "temperature-fahrenheit": "fahrenheit", "temperature-kelvin": "kelvin",
    "angle-degree": "degree", "angle-radian": "radian", "angle-arc-minute": "arcminute",
    "angle-arc-second": "arcsecond", "angle-revolution": "revolution", "electric-ampere": "ampere",
    "electric-milliampere": "1/1000 ampere", "electric-ohm": "ohm", "electric-volt": "volt",
    "energy-joule": "joule", "energy-kilojoule": "1000 joule", "energy-calorie": "calorie",
    "energy-kilocalorie": "1000 calorie", "energy-kilowatt-hour": "1000 watt-hour",
    "energy-electronvolt": "electronvolt", "energy-british-thermal-unit": "btu", "force-newton": "newton",
    "force-pound-force": "pound-force", "frequency-hertz": "hertz", "frequency-kilohertz": "1000 hertz",
    "frequency-megahertz": "1000000 hertz", "frequency-gigahertz": "1000000000 hertz",
    "power-watt": "watt", "power-kilowatt": "1000 watt", "power-megawatt": "1000000 watt",
    "power-gigawatt": "1000000000 watt", "power-horsepower": "horsepower", "pressure-pascal": "pascal",
    "pressure-hectopascal": "100 pascal", "pressure-kilopascal": "1000 pascal",
    "pressure-megapascal": "1000000 pascal", "pressure-bar": "bar", "pressure-atmosphere": "atmosphere",
    "pressure-millimeter-ofhg": "mmHg", "light-lux": "lux", "light-candela": "candela", "light-lumen": "lumen",
    "digital-bit": "bit", "digital-byte": "byte", "digital-kilobyte": "1000 byte",
    "digital-megabyte": "1000000 byte", "digital-gigabyte": "1000000000 byte",
    "digital-terabyte": "1000000000000 byte", "digital-megabit": "1000000 bit",
    "digital-gigabit": "1000000000 bit", "concentr-mole": "mole", "concentr-percent": "percent",
    "concentr-permille": "per-mille", "concentr-part-per-1e6": "part-per-million",
    "electric-coulomb": "coulomb", "electric-farad": "farad", "electric-henry": "henry",
    "electric-siemens": "siemens", "magnetic-tesla": "tesla", "magnetic-weber": "weber",
    "energy-becquerel": "becquerel", "energy-gray": "gray", "energy-sievert": "sievert",
    "concentr-katal": "katal",
}  # fmt: skip


def list_forms(locale: Locale, unit: str, width: str) -> set[str]:
    """The forms of one unit, without the number."""
    patterns = locale._data["unit_patterns"].get(unit, {}).get(width, {})
    found = {patterns[count] for count in ("zero", "one", "two", "few", "many", "other") if count in patterns}
    forms = {strip(form) for form in found if form.startswith("{0}")}
    return {form for form in forms if not re.search(r"[\d²³/%°′″’·⋅(]", form)}


def is_symbol(form: str) -> bool:
    """Whether a long form is the symbol all the same: MB, kHz."""
    mixed = not form.islower() and (len(form) < 3 or not form.istitle())
    return form.isascii() and mixed and " " not in form


def strip(form: str) -> str:
    return re.sub(r"\s+", " ", form.replace("{0}", "").replace("\u200f", "")).strip(" .·")


def main() -> None:
    """Write the file."""
    lines = []
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for unit, name in UNITS.items():
            long = list_forms(locale, unit, "long")
            words = {form.casefold() for form in long if form and not is_symbol(form)}
            short = {form for form in list_forms(locale, unit, "short") if not form.isascii()}
            for kind, forms in (("word", words), ("symbol", short - words)):
                if forms:
                    lines.append("\t".join((name, kind, "|".join(sorted(forms)), language)))
        for code in read_codes():
            forms = {get_currency_name(code, count, locale).casefold() for count in (None, 1, 2, 5)}
            if forms - {code.casefold()}:
                lines.append("\t".join((code, "word", "|".join(sorted(forms - {code.casefold()})), language)))
    (FOLDER / "cldr_words.tsv").write_text(HEAD + "\n".join(lines) + "\n", "utf-8")


def read_codes() -> list[str]:
    """The ISO codes of currencies.tsv."""
    rows = (FOLDER / "currencies.tsv").read_text("utf-8").splitlines()
    names = [row.split("\t")[0] for row in rows if not row.startswith("#")]
    return [name for name in names if re.fullmatch("[A-Z]{3}", name) and name != "BTC"]


if __name__ == "__main__":
    main()
