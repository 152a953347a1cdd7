"""The tables of units: every row can be read, the sizes are those of the standards, and no symbol is folded."""

import subprocess
import sys
from fractions import Fraction

import pytest

from filters.answers.units import Unit, classify_word, find_unit, multiply_units
from filters.answers.units.tables import FOLDER, load_tables
from filters.answers.wordlists import read_rows

LANGUAGES = {"en", "zh", "zh_Hant", "ja", "ko", "es", "fr", "de", "pt", "ru", "hi"}


def size(word: str) -> Fraction:
    unit = find_unit(word)
    assert unit is not None, word
    assert unit.dimension is not None, word
    return unit.factor


def test_every_row_defines_a_unit() -> None:
    tables = load_tables()
    names = {name for table in (tables.symbols, tables.words) for found in table.values() for name in found}
    assert len(names) > 250
    for table in (tables.symbols, tables.words):
        for form, found in table.items():
            assert isinstance(tables.resolve(form, found), Unit)


def test_every_language_has_the_common_units() -> None:
    found: dict[str, set[str]] = {}
    for name, kind, _, language in (row[:4] for row in read_rows(FOLDER / "cldr_words.tsv")):
        if kind == "word":
            found.setdefault(language, set()).add(name)
    assert set(found) == LANGUAGES
    for names in found.values():
        assert {"metre", "1000 metre", "1000 gram", "second", "hour", "litre", "EUR", "JPY"} <= names


@pytest.mark.parametrize(
    ("word", "base", "factor"),
    [
        ("inch", "m", "0.0254"), ("ft", "m", "0.3048"), ("mi", "m", "1609.344"), ("nmi", "m", "1852"), ("Å", "m", "1e-10"),
        ("au", "m", "149597870700"), ("ly", "m", "9460730472580800"), ("lb", "kg", "0.45359237"), ("oz", "g", "28.349523125"),
        ("t", "kg", "1000"), ("stone", "lb", "14"), ("week", "s", "604800"), ("fortnight", "day", "14"), ("century", "year", "100"),
        ("acre", "m", "4046.8564224"), ("ha", "m", "10000"), ("gallon", "L", "3.785411784"), ("quart", "pint", "2"), ("cup", "mL", "236.5882365"),
        ("km/h", "", ""), ("knot", "kph", "1.852"), ("mph", "kph", "1.609344"), ("atm", "Pa", "101325"), ("bar", "kPa", "100"),
        ("mmHg", "Pa", "133.322387415"), ("eV", "J", "1.602176634e-19"), ("cal", "J", "4.184"), ("kWh", "MJ", "3.6"), ("hp", "W", "745.69987158227022"),
        ("dyn", "N", "1e-5"), ("lbf", "N", "4.4482216152605"), ("G", "T", "1e-4"), ("Ci", "Bq", "3.7e10"), ("rem", "Sv", "0.01"),
        ("M", "mM", "1000"), ("barn", "m", "1e-28"), ("MiB", "byte", "1048576"), ("Mbps", "kbps", "1000"), ("arcmin", "°", "1/60"),
        ("rpm", "°", "6"), ("斤", "克", "500"), ("亩", "m", "2000/3"), ("公里", "米", "1000"), ("ミリグラム", "グラム", "1/1000"), ("km", "м", "1000"),
        ("сантиметров", "м", "1/100"), ("킬로미터", "미터", "1000"), ("किलोग्राम", "ग्राम", "1000"), ("Zentimeter", "Meter", "1/100"), ("kopecks", "ruble", "1/100"),
    ],
)  # fmt: skip
def test_sizes_are_exact(word: str, base: str, factor: str) -> None:
    if base:
        assert size(word) == size(base) * Fraction(factor)


@pytest.mark.parametrize(
    ("one", "two"),
    [("MW", "mW"), ("Pa", "PA"), ("Mb", "MB"), ("kn", "kN"), ("g", "G"), ("m", "M"), ("s", "S"), ("МВт", "мВт"), ("Gy", "gy"), ("Hz", "HZ")],
)  # fmt: skip
def test_symbols_have_their_case(one: str, two: str) -> None:
    assert find_unit(one) != find_unit(two)


@pytest.mark.parametrize(
    "word",
    ["metres", "Metres", "METRES", "mètres", "Metern", "metros", "метрах", "मीटर", "メートル", "미터", "米"],
)
def test_words_have_no_case(word: str) -> None:
    assert find_unit(word) == find_unit("m")


@pytest.mark.parametrize(
    "word", ["xyzzy", "kx", "mfoo", "Mw", "ks·", "apples", "k", "Q", "kkg", "mkm", "cmin"]
)
def test_what_is_no_measure(word: str) -> None:
    unit = find_unit(word)
    assert unit is None or unit.dimension is None


def test_ambiguous_words_keep_their_readings() -> None:
    for word, dimensions in (
        ("pounds", {"mass", "sterling"}),
        ("degrees", {"angle", "temperature"}),
        ("minutes", {"time", "angle"}),
    ):
        unit = find_unit(word)
        assert unit is not None
        assert dimensions <= {base for part in unit.list_readings() for base, _ in part.dimension or ()}


def test_different_currencies_have_different_dimensions() -> None:
    codes = [name for name, *_ in read_rows(FOLDER / "currencies.tsv") if name.isupper()]
    found = [find_unit(code) for code in codes]
    assert len({unit.dimension for unit in found if unit is not None}) == len(codes) > 50


@pytest.mark.parametrize(
    ("word", "kind"),
    [("apples", "noun"), ("people", "noun"), ("个", "noun"), ("штук", "noun"), ("boxes", "group"), ("fewer", "modifier"), ("crores", "modifier"),
     ("squared", "modifier"), ("loss", "modifier"), ("半", "modifier"), ("of", "link"), ("zork", "unknown")],
)  # fmt: skip
def test_words_that_are_no_units(word: str, kind: str) -> None:
    assert classify_word(word) == kind


def test_a_product_of_units_is_a_unit() -> None:
    metre, second, joule = find_unit("m"), find_unit("s"), find_unit("J")
    assert metre is not None
    assert second is not None
    assert joule is not None
    kilogram = find_unit("kg")
    assert kilogram is not None
    assert multiply_units([(kilogram, 1), (metre, 2), (second, -2)], "") == joule
    assert multiply_units([(metre, 12)], "") != metre


def test_importing_reads_no_table() -> None:
    code = "import filters.answers.units, filters.answers.units.tables as t; print(t.load_tables.cache_info().currsize)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=FOLDER.parents[2]
    )
    assert done.stdout.strip() == "0"


def test_each_file_says_where_its_rows_are_from() -> None:
    for path in (*FOLDER.glob("*.tsv"), *FOLDER.parent.glob("parse/*.tsv")):
        head = "".join(line for line in path.read_text("utf-8").splitlines()[:8] if line.startswith("# "))
        assert any(said in head for said in ("Source", "own list", "LGPL", "ISO 4217", "CLDR: ")), path.name
        assert "CLDR 47" not in head or "Unicode License v3" in head, path.name
