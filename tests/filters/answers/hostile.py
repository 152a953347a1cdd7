"""Answers made to hang, crash, exhaust or fool a checker: (name, reference, answer); none equals its reference.

The families are those that hang graders built on general computer algebra, and this checker's own weak
places: nesting, length, repetition, huge numbers, unclosed marks, text that looks like code.
"""

from collections.abc import Iterator

Row = tuple[str, str, str]


def rows() -> Iterator[Row]:
    yield from _towers()
    yield from _huge()
    yield from _deep()
    yield from _long()
    yield from _code()
    yield from _odd()


def _towers() -> Iterator[Row]:
    for base in ("2", "10", "-3", "1.5", r"\frac{7}{3}", "e", "i", "0.1"):
        for height in (3, 4, 6, 20):
            yield f"tower {base} {height}", "7", "^{".join([base] * height) + "}" * (height - 1)
    yield "tower of variables", "8", "x^" * 60 + "2"
    yield "tower of variables and numbers", "8", "2^" * 4 + "x^" * 20 + "y"
    yield "tower mod", "7", r"9^{9^{9^{9}}} \bmod 10"
    yield "tower difference", "1", r"10^{10^{10}}+1-10^{10^{10}}-2"
    yield "log tower", "7", r"\ln(" * 40 + "10^{10^{10}}" + ")" * 40
    yield "exp tower", "7", "e^{" * 45 + "1" + "}" * 45


def _huge() -> Iterator[Row]:
    for number in ("100000", "1000000000", "10^{10}", "10^{100}", "9999999999999"):
        yield f"factorial {number}", "7", f"({number})!"
        yield f"double factorial {number}", "7", f"({number})!!"
        yield f"gamma {number}", "7", rf"\Gamma({number})"
        yield f"binomial {number}", "7", rf"\binom{{{number}}}{{12345}}"
    yield "central binomial", "7", r"\binom{100000000}{50000000}"
    yield "factorials", "7", "5" + "!" * 30
    yield "nested factorials", "7", "(" * 12 + "5" + ")!" * 12
    yield "power of one", "7", "1^{999999999999}"
    yield "power of minus one", "7", "(-1)^{999999999999999}"
    yield "scientific", "7", r"1\times10^{999999999}"
    yield "scientific e", "7", "1e999999999"
    yield "negative scientific", "0", "1e-999999999"
    yield "near one", "1", r"1+10^{-100000}"
    yield "near one e", "1", "1.0" + "0" * 900 + "1"
    yield "million digits", "7", "1" * 1_000_000
    yield "million digits gold", "1" * 999_999 + "2", "1" * 1_000_000
    yield "digits", "7", "3." + "1" * 1_900
    yield "gcd", "7", r"\gcd(10^{100000}, 6^{99999})"
    yield "root", "7", r"\sqrt[1000000000]{2}"
    yield "deep root", "7", r"\sqrt[9]{" * 45 + "2" + "}" * 45
    yield "base", "7", "z" * 1_000 + "_{36}"
    yield "sum", "7", r"\sum_{k=1}^{1000000000} \frac{1}{k^2}"
    yield "product", "7", r"\prod_{k=1}^{1000000000} k"
    yield "integral", "7", r"\int_0^{\infty} e^{-x^{x^{x}}} \, dx"
    yield "matrix power", "7", r"\begin{pmatrix}1&1\\1&0\end{pmatrix}^{100000000}"
    yield "floor", "7", r"\lfloor 10^{10^{9}} \rfloor"
    yield "trig", r"\frac12", r"\sin(10^{10^{8}})"
    yield "unit power", "5 m", r"5 \text{ m}^{999999999}"


def _deep() -> Iterator[Row]:
    for depth in (60, 1_000):
        yield f"parentheses {depth}", "8", "(" * depth + "7" + ")" * depth
        yield f"braces {depth}", "8", "{" * depth + "7" + "}" * depth
        yield f"sets {depth}", "8", r"\{" * depth + "7" + r"\}" * depth
        yield f"brackets {depth}", "8", "[" * depth + "7" + "]" * depth
        yield f"fractions {depth}", "8", r"\frac{1}{1+" * depth + "1" + "}" * depth
        yield f"roots {depth}", "8", r"\sqrt{1+" * depth + "1" + "}" * depth
        yield f"bars {depth}", "8", "|" * depth + "7" + "|" * depth
        yield f"subscripts {depth}", "8", "x_{" * depth + "1" + "}" * depth
        yield f"texts {depth}", "8", r"\text{" * depth + "7" + "}" * depth
        yield f"mixed numbers {depth}", "8", r"1\frac{1" * depth + "}{2}" * depth
        yield f"choose {depth}", "8", "C(" * depth + "1" + ")" * depth
        yield f"functions {depth}", "8", r"\sin(" * depth + "1" + ")" * depth
        yield f"open {depth}", "8", "(" * depth
        yield f"open fractions {depth}", "8", r"\frac{" * depth
        yield f"sines {depth}", "8", r"\sin " * depth + "x"
        yield f"signs {depth}", "8", "-" * depth + "7"
        yield f"exponents {depth}", "8", "x^" * depth + "2"


def _long() -> Iterator[Row]:
    many = 20_000
    yield "list", "1,2,3", ",".join(map(str, range(many)))
    yield "set", r"\{1,2\}", r"\{" + ",".join(map(str, range(many))) + r"\}"
    yield "medium set", r"\{1,2\}", r"\{" + ",".join(rf"\sqrt{{{i}}}" for i in range(120)) + r"\}"
    twenty = ",".join(rf"\sqrt{{{i}}}+\pi" for i in range(2, 22))
    yield "two sets", rf"\{{{twenty}\}}", rf"\{{{twenty.replace('21', '23')}\}}"
    yield "union", "[0,1]", r" \cup ".join(f"[{i},{i + 1})" for i in range(0, 80, 2))
    yield "big power", "1", "(x+y+z+w)^{60}"
    yield "polynomial", "0", "+".join(f"{i}x^{{{i}}}" for i in range(1, 150))
    yield (
        "polynomials",
        "+".join(f"x^{{{i}}}" for i in range(1, 150)),
        "+".join(f"x^{{{i}}}" for i in range(150)),
    )
    yield "sum of roots", "1", "+".join(rf"\sqrt{{{i}}}" for i in range(2, 160))
    yield "matrix", "1", r"\begin{pmatrix}" + r"\\".join(["&".join("1" * 20)] * 20) + r"\end{pmatrix}"
    yield "equals", "5", "=".join("5" * 300) + "=6"
    yield "implications", "5", r" \implies ".join(["x=4"] * 150)
    yield "plus minus", "1", r" \pm ".join("1" * 100)
    yield "plus minus list", "1", ",".join([r"\pm 1"] * 100)
    yield "variables", "1", "".join(f"x_{{{i}}}" for i in range(200))
    yield "words", "seven", "seven and " * 5_000
    yield "number words", "7", "one hundred thousand " * 300
    yield "labels", "7", "ab: " * 400 + "7"
    yield "label words", "7", "ab " * 600 + "= 7"
    yield "repeating", "7", r"0.\overline{1}" * 100
    yield "units", "5 m", "5 " + r"\text{ m}" * 2_000
    yield "unit products", "5 m", "5 m" + "*m" * 900
    yield "compound", "5 hours", "1 hours 2 minutes " * 100
    yield "spaces", "7", " " * 200_000 + "8"
    yield "spaces inside", "7", "8" + " " * 200_000 + "9"
    yield "the and spaces", "7", "the" + " " * 50_000 + "answer"
    yield "answers", "7", "answer to the " * 4_000
    yield "chosen", "7", "选" * 50_000
    yield "conclusions", "7", "so " * 20_000 + "."
    yield "bold", "7", "**" * 20_000
    yield "is the", "7", "a is the " * 9_000
    yield "commas", "7", "," * 50_000
    yield "digits and commas", "7", "111," * 400
    yield "thin spaces", "7", r"111\," * 300
    yield "dollars", "7", "$" * 50_000
    yield "backslashes", "7", "\\" * 50_000
    yield "displays", "7", r"\[" * many
    yield "inline", "7", r"\(" * many
    yield "left", "7", r"\left(" * many
    yield "carets", "7", "^" * 50_000
    yield "underscores", "7", "x_" * many
    yield "hyphens", "7", "a-" * 900
    yield "letters", "7", "a" * 50_000
    yield "points", "7", "1." * 900
    yield "colons", "1:2", ":".join("1" * 900)
    yield "options", "A", "A and " * 60
    yield "percent", "7", "%" * 1_900
    yield "degrees", "7", "°" * 1_900
    yield "products", "7", "2*" * 380 + "2"
    yield "implicit products", "7", "x y " * 390
    yield "fractions in a row", "7", "1/" * 380 + "2"
    yield "ratios in a row", "1:2", ":".join("1" * 380)
    yield "sums", "7", "(" * 20 + "+1)" * 200
    yield "nested products", "7", "(" * 20 + "2" + "*2*2*2*2*2*2*2)" * 20
    yield "slashes", "7", "1/" * 900 + "2"


def _code() -> Iterator[Row]:
    for text in (
        "__import__('os').system('touch hacked')",
        "open('hacked','w').write('x')",
        r"\pi if open('hacked','w') else 2",
        "[open('hacked','w')]",
        "exec(\"open('hacked','w')\")",
        "().__class__.__bases__[0].__subclasses__()",
        "lambda: 7",
        "{0.__class__}",
        "%(x)s%n%n%s",
        r"\input{/etc/passwd}",
        r"\write18{touch hacked}",
        r"\def\x{\x\x}\x",
        r"\newcommand{\a}{\a\a}\a",
        "<script>alert(7)</script>",
        "'; DROP TABLE answers; --",
        "${8*1}",
        "{{7*7}}",
    ):
        yield f"code {text[:20]}", "7", text


def _odd() -> Iterator[Row]:
    for name, text in {
        "null": "8\x00",
        "surrogate": "8\ud800",
        "zero width": "8\u200b",
        "right to left": "\u202e8",
        "combining": "8" + "\u0301" * 1_000,
        "emoji": "😀" * 500,
        "private": "\ue000" * 500,
        "superscripts": "8" + "⁸" * 900,
        "fractions": "½" * 900,
        "digits of all scripts": "८८٨８",
        "roman": "Ⅷ",
        "circled": "⑧",
        "unclosed text": r"\text{8",
        "only braces": "{}" * 500,
        "only command": "\\",
        "unknown command": r"\unknowncommand{8}",
        "nan": "nan",
        "inf": "inf",
        "none": "None",
        "division by zero": r"\frac{1}{0}",
        "zero to zero": "0^0+7",
        "zero to minus": "0^{-1}",
        "log zero": r"\ln 0",
        "log minus": r"\ln(-1)",
        "zero base": "7_{0}",
        "base one": "7_{1}",
        "empty fraction": r"\frac{}{}",
        "empty root": r"\sqrt{}",
        "empty power": "x^{}",
        "lone operators": "+*/^",
        "modulus zero": r"x\equiv 1\pmod 0",
        "matrix ragged": r"\begin{pmatrix}1\\2&3\end{pmatrix}",
        "matrix empty": r"\begin{pmatrix}\end{pmatrix}",
        "environment": r"\begin{document}7\end{document}",
        "ends only": r"\end{pmatrix}",
        "contradiction": "8 = 7 = 9",
        "inequality chain": "1<2<3<4<5",
        "empty interval": "(5,1)",
        "date": "99/99/9999",
        "clock": "99:99 pm",
        "month": "2015-13-45",
    }.items():
        yield name, "7", text
