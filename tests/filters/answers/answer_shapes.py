"""Strategies for answers of many shapes, with other spellings of the same and with what they are not."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.filters.answers import answer_values as values
from tests.filters.answers.answer_pieces import RELATIONS, Answer, Draw, make
from tests.filters.answers.answer_values import numbers

WORDS = (
    "Paris", "New␣York", "photosynthesis", "Albert␣Einstein", "isosceles␣triangle", "even", "odd", "blue", "red", "yes", "no",
    "北京", "Москва", "São␣Paulo", "Pacific␣Ocean", "increasing", "decreasing", "Monday", "Friday", "oxygen", "Vitamin␣A",
    "Vitamin␣B", "no␣solution", "infinitely␣many", "not␣prime", "prime", "Mary", "東京", "la␣mitosis", "Jupiter", "acute", "obtuse",
)  # fmt: skip
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
EQUATIONS = (
    r"y = 3 x + 2", r"2 x + 3 y = 6", r"x ^ { 2 } + y ^ { 2 } = 25", r"f ( x ) = 2 x - 1", r"y = \frac { 2 } { 3 } x - 4", r"3 x + 2 y - 5 z = 7",
    r"x y = 12", r"V = \frac { 4 } { 3 } \pi r ^ { 3 }", r"\frac { x ^ { 2 } } { 9 } + \frac { y ^ { 2 } } { 4 } = 1", r"a_n = 2 n + 1", r"P ( A ) = \frac { 1 } { 3 }",
)  # fmt: skip


@st.composite
def items(draw: Draw, least: int, most: int, *, numeric: bool = False) -> list[str]:
    """Different numbers, or expressions, in pieces."""
    names = [] if numeric else ["· 2 x", "· a"]
    pool = st.one_of(
        st.integers(-30, 400).filter(bool).map(lambda n: f"{'-' if n < 0 else '·'} {abs(n)}"),
        st.sampled_from(
            [
                r"· \frac { 1 } { 2 }",
                r"- \frac { 3 } { 4 }",
                r"· \sqrt { 2 }",
                r"- 2 \sqrt { 3 }",
                "· 0.25",
                r"· \frac { \pi } { 3 }",
                *names,
            ]
        ),
    )
    return draw(
        st.lists(
            pool, min_size=least, max_size=most, unique_by=lambda text: text.replace("·", "").replace(" ", "")
        )
    )


@st.composite
def collections(draw: Draw) -> Answer:
    parts = draw(items(2, 4))
    body, turned = " , ␣ ".join(parts), " , ␣ ".join(parts[::-1])
    kind = draw(st.sampled_from(["set", "tuple", "list"]))
    texts = {"set": rf"\{{ {body} \}}", "tuple": f"( {body} )", "list": body}
    same = {"set": rf"\{{ {turned} \}}", "tuple": f"( {body.replace('␣ ', '')} )", "list": turned}
    bare = kind == "list"
    wrong = {
        "bracket": []
        if bare
        else [texts["tuple" if kind == "set" else "set"], *([f"[ {body} ]"] if len(parts) == 2 else [])],
        "order": [f"( {turned} )"] if kind == "tuple" else [],
    }
    return make(draw, kind, texts[kind], same[kind], changes=wrong)


@st.composite
def intervals(draw: Draw) -> Answer:
    low = draw(st.integers(-40, 40))
    high = low + draw(st.integers(1, 60))
    opening, closing = draw(st.sampled_from("([")), draw(st.sampled_from(")]"))
    ends = [f"{'-' if n < 0 else '·'} {abs(n)}" if n else "0" for n in (low, high)]
    least, most = ("<" if opening == "(" else r"\le"), ("<" if closing == ")" else r"\le")
    name = draw(st.sampled_from("xytn"))
    if draw(st.booleans()):
        text, whole = (
            f"{opening} {ends[0]} , ␣ {ends[1]} {closing}",
            [f"{ends[0]} {least} {name} {most} {ends[1]}"],
        )
        shut = {"(": "[", "[": "(", ")": "]", "]": ")"}
        inner = f"{ends[0]} , ␣ {ends[1]}"
        wrong = [
            f"{shut[opening]} {inner} {closing}",
            f"{opening} {inner} {shut[closing]}",
            rf"\{{ {inner} \}}",
        ]
        return make(draw, "interval", text, *whole, changes={"bracket": wrong})
    text = f"{opening} {ends[0]} , ␣ \\infty )"
    flipped = {"<": ">", r"\le": r"\ge"}[least]
    other = "(" if opening == "[" else "["
    wrong = [f"{other} {ends[0]} , ␣ \\infty )", rf"( - \infty , ␣ {ends[0]} )"]
    return make(
        draw,
        "interval",
        text,
        f"{name} {flipped} {ends[0]}",
        f"{ends[0]} {least} {name}",
        changes={"bracket": wrong},
    )


@st.composite
def unions(draw: Draw) -> Answer:
    low = draw(st.integers(2, 30))
    text = rf"( - \infty , ␣ - {low} ] \cup [ {low} , ␣ \infty )"
    wrong = [text.replace(f"{low} ]", f"{low} )"), text.replace(f"[ {low}", f"( {low}")]
    return make(draw, "interval", text, rf"x \le - {low} ␣ @or ␣ x \ge {low}", changes={"bracket": wrong})


@st.composite
def inequalities(draw: Draw) -> Answer:
    name, relation = draw(st.sampled_from("xytnma")), draw(st.sampled_from(RELATIONS))
    number, _ = draw(numbers())
    turned = {"<": ">", r"\le": r"\ge", ">": "<", r"\ge": r"\le"}.get(relation, relation)
    return make(draw, "relation", f"{name} {relation} {number}", f"{number} {turned} {name}")


@st.composite
def equations(draw: Draw) -> Answer:
    text = draw(st.sampled_from(EQUATIONS))
    left, right = text.split(" = ")
    turned = [] if "f (" in text or "P (" in text else [f"{right} = {left}"]
    return make(draw, "relation", text, *turned)


@st.composite
def solutions(draw: Draw) -> Answer:
    one, two = draw(items(2, 2, numeric=True))
    a, b = draw(st.sampled_from([("x", "x"), ("x", "y"), ("a", "b"), ("x_1", "x_2"), ("m", "n")]))
    joint = r"␣ @or ␣" if a == b else draw(st.sampled_from([", ␣", "␣ @and ␣"]))
    text = f"{a} = {one} {joint} {b} = {two}"
    turned = f"{b} = {two} {joint} {a} = {one}"
    wrong = [f"{a} = {two} {joint} {b} = {one}"] if a != b else []
    return make(draw, "list", text, turned, changes={"order": wrong})


@st.composite
def matrices(draw: Draw) -> Answer:
    cells, kind = draw(items(4, 4)), draw(st.sampled_from("pb"))
    one, two, three, four = cells
    text = rf"\begin{{{kind}matrix}} {one} & {two} \\ {three} & {four} \end{{{kind}matrix}}"
    wrong = [text.replace(f"{one} & {two}", f"{two} & {one}", 1)]
    other = text.replace(f"{kind}matrix", f"{'b' if kind == 'p' else 'p'}matrix")
    return make(draw, "matrix", text, other, changes={"order": wrong})


@st.composite
def choices(draw: Draw) -> Answer:
    letter = draw(st.sampled_from("ABCDE"))
    other = draw(st.sampled_from([each for each in "ABCDE" if each != letter]))
    return make(
        draw,
        "choice",
        f"@{letter}",
        f"( @{letter} )",
        f"@{letter} .",
        changes={"word": [f"@{other}", f"( @{other} )"]},
    )


@st.composite
def words(draw: Draw) -> Answer:
    word = draw(st.sampled_from(WORDS))
    other = draw(st.sampled_from([each for each in WORDS if each != word]))
    return make(draw, "words", f"@{word}", f"@{word} .", changes={"word": [f"@{other}"]})


@st.composite
def dates(draw: Draw) -> Answer:
    day, month, year = draw(st.integers(1, 28)), draw(st.integers(1, 12)), draw(st.integers(1100, 2099))
    name, other = MONTHS[month - 1], MONTHS[month % 12]
    text = f"@{name} ␣ {day} , ␣ {year}"
    return make(
        draw, "date", text, f"{day} ␣ @{name} ␣ {year}", f"{year}-{month:02d}-{day:02d}",
        changes={"word": [f"@{other} ␣ {day} , ␣ {year}", f"{year}-{month % 12 + 1:02d}-{day:02d}"]},
    )  # fmt: skip


@st.composite
def times(draw: Draw) -> Answer:
    hour, minute, half = (
        draw(st.integers(1, 12)),
        draw(st.integers(0, 58)),
        draw(st.sampled_from(["AM", "PM", "a.m.", "p.m."])),
    )
    turned = "am" if half[0] in "Pp" else "pm"
    wrong = [
        f"{hour}:{minute + 1:02d} ␣ @{half}",
        f"{hour}:{minute:02d} ␣ @{turned}",
        f"{hour % 12 + 1}:{minute:02d} ␣ @{half}",
    ]
    return make(
        draw,
        "time",
        f"{hour}:{minute:02d} ␣ @{half}",
        f"{hour}:{minute:02d} ␣ @{half.lower().replace('.', '')}",
        changes={"digit": wrong},
    )


@st.composite
def ratios(draw: Draw) -> Answer:
    one, two = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    wrong = [f"{two} : {one}"] if one != two else []
    return make(draw, "ratio", f"{one} : {two}", f"{3 * one} : {3 * two}", changes={"order": wrong})


@st.composite
def families(draw: Draw) -> Answer:
    """Solutions with a parameter that runs over the integers."""
    start, step = draw(st.integers(1, 6)), draw(st.integers(7, 30))
    domain = r", ␣ {} \in \mathbb{{Z}}"
    text = f"x = {start} #+ {step} k {domain.format('k')}"
    return make(
        draw,
        "family",
        text,
        f"x = {start} + {step} n {domain.format('n')}",
        f"x = {step} k + {start} {domain.format('k')}",
    )


@st.composite
def congruences(draw: Draw) -> Answer:
    modulus = draw(st.integers(3, 40))
    rest = draw(st.integers(1, modulus - 1))
    wrong = [rf"n \equiv {rest - 1} \pmod {{ {modulus} }}", rf"n \equiv {rest} \pmod {{ {modulus + 1} }}"]
    text = rf"n \equiv #{rest} \pmod {{ #{modulus} }}"
    return make(
        draw,
        "congruence",
        text,
        rf"n \equiv #{rest + modulus} \pmod {{ #{modulus} }}",
        changes={"digit": wrong},
    )


@st.composite
def exclusions(draw: Draw) -> Answer:
    number, name = draw(st.integers(1, 60)), draw(st.sampled_from("xyt"))
    text = rf"\mathbb{{R}} \setminus \{{ · {number} \}}"
    return make(
        draw,
        "interval",
        text,
        rf"{name} \ne {number}",
        rf"( - \infty , ␣ {number} ) \cup ( {number} , ␣ \infty )",
    )


@st.composite
def two_signs(draw: Draw) -> Answer:
    whole, root = draw(st.integers(1, 40)), draw(st.sampled_from([2, 3, 5, 7, 11]))
    text = rf"{whole} \pm \sqrt {{ {root} }}"
    return make(
        draw,
        "list",
        text,
        rf"{whole} + \sqrt {{ {root} }} , ␣ {whole} - \sqrt {{ {root} }}",
        changes={"sign": [f"- {text}"]},
    )


@st.composite
def parts(draw: Draw) -> Answer:
    one, two = draw(items(2, 2, numeric=True))
    text = f"@(a) ␣ {one} , ␣ @(b) ␣ {two}"
    return make(
        draw,
        "parts",
        text,
        text.replace(" , ␣", " ; ␣"),
        changes={"order": [f"@(a) ␣ {two} , ␣ @(b) ␣ {one}"]},
    )


@st.composite
def ranges(draw: Draw) -> Answer:
    low = draw(st.integers(1, 90))
    high = low + draw(st.integers(1, 90))
    return make(
        draw,
        "range",
        f"{low} ␣ @to ␣ {high}",
        changes={"order": [f"{high} ␣ @to ␣ {low}"], "relation": [f"{low} , ␣ {high}"]},
    )


TEMPLATES: tuple[tuple[str, ...], ...] = (
    (r"\{ x \mid x > A \}", "x > A", r"( A , ␣ \infty )"),
    (r"x \in [ A , ␣ B )", r"A \le x < B", "[ A , ␣ B )"),
    (r"\langle A , ␣ - B , ␣ C \rangle", "( A , ␣ - B , ␣ C )"),
    (r"A : B : C",),
    ("f ( x ) = A x ^ { 2 } + B x", "f ( x ) = x ( A x + B )"),
    ("| x - A | < B",),
    ("x = A , ␣ y = B , ␣ z = C", "y = B , ␣ x = A , ␣ z = C"),
    ("A ␣ @h ␣ B ␣ @min", "B ␣ @min ␣ #+ ␣ A ␣ @h"),
    ("A ␣ @kg", "A #000 ␣ @g"),
    ("@P = A x - B", "@P = - B + A x"),
    (r"e ^ { A x } ( B x + C )", r"B x e ^ { A x } + C e ^ { A x }"),
    (r"\frac { A x + B } { C x }",),
    (r"A \sqrt { 2 } + B \sqrt { 3 }", r"B \sqrt { 3 } + A \sqrt { 2 }"),
    (r"A x ^ { 2 } y - B x y + C",),
    (r"- A < x \le B", r"( - A , ␣ B ]", r"B \ge x > - A"),
    (r"\left( A , ␣ B \right)", "( A , ␣ B )"),
    (r"@Area ␣ = ␣ A \pi",),
    ("A m + B n = C",),
    (r"A \cdot #10 ^ { - B } ␣ @m / @s",),
)


@st.composite
def templates(draw: Draw) -> Answer:
    """Answers with three numbers, in order, in their places."""
    low = draw(st.integers(2, 9))
    middle = low + draw(st.integers(1, 20))
    names = {"A": low, "B": middle, "C": middle + draw(st.integers(1, 30))}
    texts = [
        " ".join(str(names.get(piece, piece)) for piece in text.split())
        for text in draw(st.sampled_from(TEMPLATES))
    ]
    return make(draw, "template", *texts)


SCALARS = st.one_of(
    values.plain_numbers(), values.fractions(), values.mixed_numbers(), values.roots(), values.powers_of_ten()
)
ANSWERS = st.one_of(
    SCALARS, values.polynomials(), values.formulas(), values.quantities(), values.percents(), values.money(), values.angles(), values.counts(), values.bases(),
    collections(), intervals(), unions(), inequalities(), equations(), solutions(), matrices(), choices(), words(), dates(), times(), ratios(),
    families(), congruences(), exclusions(), two_signs(), parts(), ranges(), templates(),
)  # fmt: skip
