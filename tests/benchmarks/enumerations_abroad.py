"""Honest enumerations in other languages than English, and those written by hand: see `enumerations`."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.enumerations import ENGLISH, PRIMES, Family, join_lines
from tests.benchmarks.langmix import sentences
from tests.benchmarks.loops import clean

WRITTEN = Path(__file__).parent.parent / "filters" / "data" / "enumerations.txt"
"""Enumerations written by hand: a line `=== LANGUAGE` begins each."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A chain, its language, the family of what stands in it, and whether it is held out."""

    text: str
    language: str
    family: str
    held: bool


def draw_zh_cases(rng: random.Random) -> str:
    m = rng.choice([5, 7, 9])
    return join_lines(
        [
            f"当n={n}时，n²+1={n * n + 1}，除以{m}的余数是{(n * n + 1) % m}，{'符合' if (n * n + 1) % m == 0 else '不符合'}条件。"
            for n in range(1, rng.randint(6, 20))
        ],
        rng,
    )


def draw_zh_options(rng: random.Random) -> str:
    facts = [
        "函数在区间上单调递增",
        "函数的最小值等于零",
        "函数的图像关于原点对称",
        "方程有两个不同的实数根",
        "导数在该点不存在",
    ]
    return join_lines(
        [
            f"选项{c}：{f}，由前面的计算可知这个说法{rng.choice(['正确', '错误'])}。"
            for c, f in zip("ABCDE", rng.sample(facts, 5), strict=True)
        ],
        rng,
    )


def draw_zh_points(rng: random.Random) -> str:
    a, b = rng.randint(2, 5), rng.randint(-4, 4)
    return join_lines(
        [
            f"取x={x}，代入得到y={a * x + b}，所以点({x},{a * x + b})在直线上。"
            for x in range(-4, rng.randint(1, 6))
        ],
        rng,
    )


def draw_zh_one(rng: random.Random) -> str:
    return join_lines(
        [f"如果第{n}天下雨，那么小明就不能出门。" for n in "一二三四五六七八"[: rng.randint(4, 8)]], rng
    )


def draw_ja_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"n = {n} のとき、n の二乗は {n * n} なので、7 で割った余りは {n * n % 7} になります。"
            for n in range(1, rng.randint(6, 16))
        ],
        rng,
    )


def draw_ja_candidates(rng: random.Random) -> str:
    return join_lines(
        [
            f"次に {p} で割ってみると、商は {1001 // p}、余りは {1001 % p} です。"
            for p in PRIMES[: rng.randint(5, 12)]
        ],
        rng,
    )


def draw_ko_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"x = {x}일 때 y의 값은 {3 * x + 2}이므로 점 ({x}, {3 * x + 2})을 지난다."
            for x in range(rng.randint(5, 12))
        ],
        rng,
    )


def draw_ko_days(rng: random.Random) -> str:
    saved, lines = 0, []
    for day in "월화수목금토일":
        spent = rng.randint(3, 40) * 100
        saved += spent
        lines.append(f"{day}요일에는 {spent}원을 저금했으므로 모두 합하면 {saved}원이 된다.")
    return join_lines(lines, rng)


def draw_es_definitions(rng: random.Random) -> str:
    what = rng.choice(["objeto", "libro", "perro", "idioma"])
    words = ["un solo", "dos", "tres", "cuatro", "cinco"]
    return join_lines(
        [
            f"Sea {c} la cantidad de personas que tienen exactamente {w} {what}{'s' * (n > 0)}."
            for n, (c, w) in enumerate(zip("abcde", words, strict=True))
        ],
        rng,
    )


def draw_es_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"Si n = {n}, entonces el lado izquierdo vale {2**n} y el derecho vale {n * n}, así que la desigualdad {'se cumple' if 2**n > n * n else 'no se cumple'}."
            for n in range(1, rng.randint(6, 12))
        ],
        rng,
    )


def draw_fr_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"Pour k = {k}, on obtient {k} × {k + 1} = {k * (k + 1)}, donc le reste modulo 5 vaut {k * (k + 1) % 5}."
            for k in range(1, rng.randint(6, 18))
        ],
        rng,
    )


def draw_fr_definitions(rng: random.Random) -> str:
    who = ["le père", "la mère", "le frère aîné", "la petite sœur", "le cousin", "la tante"]
    return join_lines(
        [
            f"Notons {c} l'âge que {w} aura dans dix ans."
            for c, w in zip("abcdef", rng.sample(who, 6), strict=True)
        ],
        rng,
    )


def draw_de_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"Für n = {n} ergibt sich die Summe {n * (n + 1) // 2}, und diese Zahl ist {'gerade' if n * (n + 1) // 2 % 2 == 0 else 'ungerade'}."
            for n in range(1, rng.randint(6, 20))
        ],
        rng,
    )


def draw_de_candidates(rng: random.Random) -> str:
    return join_lines(
        [
            f"Die Zahl {p} teilt {2310 * 17} {'ohne Rest' if 2310 * 17 % p == 0 else 'nicht'}, denn der Rest ist {2310 * 17 % p}."
            for p in PRIMES[: rng.randint(5, 15)]
        ],
        rng,
    )


def draw_pt_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"Quando x = {x}, temos y = {x * x - 3 * x}, portanto o ponto ({x}, {x * x - 3 * x}) pertence à curva."
            for x in range(-3, rng.randint(3, 8))
        ],
        rng,
    )


def draw_pt_months(rng: random.Random) -> str:
    total, lines = rng.randint(50, 200), []
    for month in ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho"][: rng.randint(4, 7)]:
        total += rng.randint(10, 90)
        lines.append(f"No fim de {month} a conta tem {total} reais e ainda não foi usada.")
    return join_lines(lines, rng)


def draw_ru_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"При n = {n} получаем {n}³ = {n**3}, и остаток от деления на 9 равен {n**3 % 9}."
            for n in range(1, rng.randint(6, 18))
        ],
        rng,
    )


def draw_ru_one(rng: random.Random) -> str:
    chosen = sorted(rng.sample(range(3, 90), rng.randint(5, 8)))
    return join_lines([f"Число {x} не подходит, потому что сумма цифр слишком мала." for x in chosen], rng)


def draw_hi_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"जब n = {n} हो, तब योग {n * n + n} होता है और यह {'सम' if n % 2 else 'भी सम'} संख्या है।"
            for n in range(1, rng.randint(6, 12))
        ],
        rng,
    )


def draw_it_cases(rng: random.Random) -> str:
    return join_lines(
        [
            f"Se il primo dado mostra {a} e il secondo mostra {b}, la somma vale {a + b} e la differenza {abs(a - b)}."
            for a in range(1, 5)
            for b in range(1, 4)
        ],
        rng,
    )


ABROAD: list[Family] = [value for name, value in globals().items() if name.startswith("draw_")]


def list_enumerations(each: int = 6, seed: int = 5) -> Iterator[Listed]:
    """Every family `each` times and what is written by hand, most of them within a chain of 0.3 to 8 kB."""
    rng = random.Random(seed)
    yield from place_families(ENGLISH, each, rng, "en")
    yield from place_families(ABROAD, each, rng)
    yield from surround_written(WRITTEN, rng)


def place_families(
    families: Iterable[Family], each: int, rng: random.Random, language: str = ""
) -> Iterator[Listed]:
    """Every family `each` times, those at odd places held out. Without a language its name begins with it."""
    for number, family in enumerate(families):
        name = family.__name__.removeprefix("draw_")
        spoken = language or name[:2]
        for _ in range(each):
            yield Listed(surround(family(rng), spoken, rng), spoken, name, number % 2 == 1)


def surround_written(path: Path, rng: random.Random) -> Iterator[Listed]:
    """What is written by hand in a file, those at odd places held out."""
    for number, text in enumerate(path.read_text("utf-8").split("=== ")[1:]):
        language, _, body = text.partition("\n")
        yield Listed(surround(body.strip(), language, rng), language, "by hand", number % 2 == 1)


def surround(text: str, language: str, rng: random.Random) -> str:
    """What is listed or looped in the midst of a chain, or alone."""
    size = rng.choice([0, 300, 1500, 4000, 8000])
    if language == "en":
        parts = clean(size, rng) if size else []
    else:
        source = sentences(language, rng)
        parts = [next(source) for _ in range(min(11, size // 100))]  # more, and they come back
    at = rng.randint(len(parts) // 2, len(parts))
    return "\n\n".join([*parts[:at], text, *parts[at:]])
