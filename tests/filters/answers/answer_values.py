"""Strategies for answers that are values: numbers, expressions, quantities, with other spellings and what they are not."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from tests.filters.answers.answer_pieces import Answer, Draw, make

UNITS = {
    "length": {"m": "1", "km": "1000", "cm": "1/100", "mm": "1/1000", "feet": "0.3048", "miles": "1609.344", "метров": "1", "厘米": "1/100", "kilómetros": "1000", "Zentimeter": "1/100"},
    "mass": {"kg": "1", "g": "1/1000", "mg": "1/1000000", "tonnes": "1000", "千克": "1", "килограммов": "1", "किलोग्राम": "1"},
    "time": {"s": "1", "min": "60", "hours": "3600", "days": "86400", "小时": "3600", "Stunden": "3600", "секунд": "1", "minutes": "60"},
    "energy": {"J": "1", "kJ": "1000", "kWh": "3600000", "MJ": "1000000", "mJ": "1/1000"},
    "speed": {"m/s": "1", "km/h": "5/18", "metres␣per␣second": "1", "м/с": "1", "米/秒": "1"},
    "area": {"cm^2": "1/10000", "m^{2}": "1", "square␣metres": "1"},
    "power": {"W": "1", "mW": "1/1000", "MW": "1000000", "kW": "1000"},
    "pressure": {"Pa": "1", "kPa": "1000", "MPa": "1000000", "mPa": "1/1000"},
    "force": {"N": "1", "kN": "1000", "mN": "1/1000"},
}  # fmt: skip
SIZES = {unit: (kind, Fraction(size)) for kind, units in UNITS.items() for unit, size in units.items()}
FORMULAS = (
    r"\frac { 3 m v ^ { 2 } } { 2 }", r"\sqrt { 2 g h }", r"5 e ^ { · 3 t }", r"m_1 v + 2 m_2", r"2 \sin ( 3 x )", r"\ln ( 4 x + 1 )",
    r"( 2 x - 3 ) ^ { 2 }", r"| x - 3 |", r"\frac { 1 } { 2 x + 5 }", r"3 a b - 2 c", r"4 \pi r ^ { 2 }", r"2 ^ { n } + 3",
    r"\frac { n ( n + 1 ) } { 2 }", r"7 !", r"3 \cdot 2 ^ { 5 }", r"\log_{2} ( 5 )", r"\frac { \pi } { 6 }", r"\frac { G M } { 3 R ^ { 2 } }",
    r"2 \alpha + 3 \beta", r"x ^ { 3 } - 2 x", r"3 \sqrt[3] { 5 }", r"2 + 3 i", r"\frac { 2 + \sqrt { 3 } } { 5 }",
    r"7 k", r"5 m", r"3 s + 2", r"12 n", r"4 V",
)  # fmt: skip


SIGN = st.sampled_from(["·", "-"])


@st.composite
def numbers(draw: Draw) -> tuple[str, Fraction]:
    """A number other than zero in pieces, and its value."""
    sign = draw(SIGN)
    if draw(st.booleans()):
        digits = str(draw(st.one_of(st.integers(1, 60), st.integers(61, 2_000_000))))
    else:
        digits = f"{draw(st.integers(0, 400))}.{draw(st.integers(0, 99)):02d}{draw(st.integers(1, 9))}"
    return f"{sign} {digits}", Fraction(digits) * (-1 if sign == "-" else 1)


def frac(value: Fraction, command: str = r"\frac", times: int = 1) -> str:
    sign = "-" if value < 0 else "·"
    return f"{sign} {command} {{ {abs(value.numerator) * times} }} {{ {value.denominator * times} }}"


@st.composite
def plain_numbers(draw: Draw) -> Answer:
    text, value = draw(numbers())
    sign, digits = text.split()
    more = [f"{sign} {int(digits):,}", f"{text}.0"] if digits.isdigit() else [f"{text}0"]
    return make(draw, "number", text, *more, frac(value, times=2), frac(value))


@st.composite
def fractions(draw: Draw) -> Answer:
    value = Fraction(draw(st.integers(1, 200)), draw(st.integers(2, 99))) * draw(st.sampled_from([1, -1]))
    sign = "-" if value < 0 else "·"
    slash = f"{sign} {abs(value.numerator)} / {value.denominator}"
    return make(draw, "number", frac(value), slash, frac(value, r"\dfrac"), frac(value, times=3))


@st.composite
def mixed_numbers(draw: Draw) -> Answer:
    whole, low = draw(st.integers(1, 30)), draw(st.integers(2, 12))
    top, sign = draw(st.integers(1, low - 1)), draw(SIGN)
    value = (whole + Fraction(top, low)) * (-1 if sign == "-" else 1)
    return make(draw, "number", rf"{sign} {whole} \frac {{ {top} }} {{ {low} }}", frac(value))


@st.composite
def roots(draw: Draw) -> Answer:
    factor, inside, sign = draw(st.integers(2, 30)), draw(st.integers(2, 60)), draw(SIGN)
    whole = rf"{sign} \sqrt {{ {factor**2 * inside} }}"
    return make(
        draw,
        "number",
        rf"{sign} {factor} \sqrt {{ {inside} }}",
        whole,
        rf"{sign} \sqrt {{ {inside} }} \cdot {factor}",
    )


@st.composite
def powers_of_ten(draw: Draw) -> Answer:
    text, value = draw(numbers())
    exponent = draw(st.integers(1, 9))
    text += rf" \times #10 ^ {{ · {exponent} }}"
    return make(draw, "number", text, text.replace(r"\times", r"\cdot"), frac(value * 10**exponent))


@st.composite
def polynomials(draw: Draw) -> Answer:
    name = draw(st.sampled_from(["x", "y", "t", "n", "m", "s", "g", "h", "z", "V", "k"]))
    terms = [f"{draw(st.integers(2, 40))} {name} ^ {{ {power} }}" for power in (3, 2)][
        : draw(st.integers(1, 2))
    ]
    terms += [f"{draw(st.integers(2, 40))} {name}", str(draw(st.integers(1, 90)))]
    signs = [draw(SIGN)] + [draw(st.sampled_from("+-")) for _ in terms[1:]]
    text = " ".join(part for pair in zip(signs, terms, strict=True) for part in pair)
    turned = [(sign if sign != "·" else "+", term) for sign, term in zip(signs, terms, strict=True)][::-1]
    other = " ".join(part for pair in turned for part in pair).removeprefix("+ ")
    return make(draw, "expression", text, other)


@st.composite
def formulas(draw: Draw) -> Answer:
    text = draw(st.sampled_from(FORMULAS))
    sign = "·" if "+" in text or " - " in text else draw(SIGN)
    return make(
        draw,
        "expression",
        f"{sign} {text}" if text[0] != "|" else text,
        f"{text} + 0" if sign == "·" else f"- ( {text} )",
    )


@st.composite
def quantities(draw: Draw) -> Answer:
    text, value = draw(numbers())
    kind = draw(st.sampled_from(sorted(UNITS)))
    unit = draw(st.sampled_from(sorted(UNITS[kind])))
    size = SIZES[unit][1]
    same = [
        f"{frac(value * size / other)} ␣ @{name}"
        for name, other in ((n, SIZES[n][1]) for n in sorted(UNITS[kind]))
    ]
    wrong = [f"{text} ␣ @{name}" for name, found in sorted(SIZES.items()) if found != (kind, size)]
    chosen = draw(st.lists(st.sampled_from(wrong), min_size=1, max_size=3))
    return make(draw, "quantity", f"{text} ␣ @{unit}", *same, changes={"unit": chosen})


@st.composite
def percents(draw: Draw) -> Answer:
    text, value = draw(numbers())
    wrong = {"unit": [text, f"{text} ‰", f"{text} ␣ @m"]}
    return make(draw, "quantity", rf"{text} \%", f"{text} %", frac(value / 100), changes=wrong)


@st.composite
def money(draw: Draw) -> Answer:
    digits, sign = draw(st.integers(1, 90_000)), draw(st.sampled_from([r"\$", "€", "£", "¥", "₹"]))
    other = draw(st.sampled_from([each for each in (r"\$", "€", "£", "₹") if each != sign]))
    return make(
        draw, "quantity", f"{sign} {digits}", f"{sign} {digits}.00", changes={"unit": [f"{other} {digits}"]}
    )


@st.composite
def angles(draw: Draw) -> Answer:
    degrees = draw(st.integers(1, 720))
    same = [rf"{degrees} ^ \circ", f"{degrees} ␣ @degrees", f"{frac(Fraction(degrees, 180))} \\pi ␣ @rad"]
    return make(
        draw,
        "quantity",
        rf"· {degrees} ^ {{ \circ }}",
        *same,
        changes={"unit": [f"{degrees} ␣ @rad", f"{degrees} ␣ @arcmin"]},
    )


@st.composite
def counts(draw: Draw) -> Answer:
    """A number of things, in digits or with a scale in words."""
    number, thing = (
        draw(st.integers(2, 900)),
        draw(st.sampled_from(["apples", "people", "students", "人", "元", "человек", "libros", "Bücher"])),
    )
    if draw(st.booleans()):
        gap = "" if thing in ("人", "元") else "␣"
        return make(draw, "quantity", f"{number} {gap} @{thing}", f"{number}")
    scale, size = draw(
        st.sampled_from(
            [("thousand", 3), ("million", 6), ("billion", 9), ("万", 4), ("millones", 6), ("тысяч", 3)]
        )
    )
    wrong = [f"{number} ␣ @hundred", f"{number * 10} ␣ @{scale}"]
    return make(draw, "number", f"{number} ␣ @{scale}", str(number * 10**size), changes={"digit": wrong})


@st.composite
def bases(draw: Draw) -> Answer:
    base, value = draw(st.sampled_from([2, 3, 5, 8])), draw(st.integers(9, 500))
    digits, rest = "", value
    while rest:
        digits, rest = str(rest % base) + digits, rest // base
    return make(
        draw,
        "based",
        f"#{digits} _ {{ #{base} }}",
        f"#{digits} _ #{base}",
        changes={"digit": [f"#1{digits} _ {{ #{base} }}"]},
    )
