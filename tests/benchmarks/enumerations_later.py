"""A third lot of enumerations and loops, of families written once the check had been mended on the others.

They were judged before anything was changed on what they showed (tests/benchmarks/README.md has both sights).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations

from tests.benchmarks.enumerations import NAMES, PRIMES, Family, join_lines
from tests.benchmarks.enumerations_abroad import Listed, place_families


def list_interest(rng: random.Random) -> str:
    money, lines = rng.randint(500, 5000), []
    for n in range(1, rng.randint(6, 20)):
        lines.append(
            f"Year {n}: the balance grows from ${money} by six percent, which is ${money * 6 // 100}, to ${money + money * 6 // 100}."
        )
        money += money * 6 // 100
    return join_lines(lines, rng)


def list_moves(rng: random.Random) -> str:
    x, y, lines = 0, 0, []
    for n in range(1, rng.randint(6, 14)):
        way, dx, dy = rng.choice([("north", 0, 1), ("south", 0, -1), ("east", 1, 0), ("west", -1, 0)])
        far = rng.randint(1, 9)
        x, y = x + far * dx, y + far * dy
        lines.append(f"{n}. Walk {far} steps to the {way}: the robot is now at ({x}, {y}).")
    return "\n".join(lines)


def list_swaps(rng: random.Random) -> str:
    held = dict(zip(NAMES[:4], rng.sample(["red", "blue", "green", "white"], 4), strict=True))
    lines = []
    for n in range(1, rng.randint(5, 9)):
        a, b = rng.sample(list(held), 2)
        held[a], held[b] = held[b], held[a]
        lines.append(
            f"({n}) {a} and {b} swap balls: " + ", ".join(f"{k}: {v} ball" for k, v in held.items()) + "."
        )
    return "\n".join(lines)


def list_orders(rng: random.Random) -> str:
    names = rng.sample(NAMES, 3)
    return join_lines(
        [
            f"If the order is {a}, {b}, {c}, then the second clue {rng.choice(['is violated', 'holds'])} and the third clue {rng.choice(['is violated', 'holds'])}."
            for a, b, c in permutations(names)
        ],
        rng,
    )


def list_squares(rng: random.Random) -> str:
    begin = rng.randint(10, 50)
    return join_lines(
        [f"The square of {n} ends in {n * n % 100:02d}." for n in range(begin, begin + rng.randint(6, 30))],
        rng,
    )


def list_weighings(rng: random.Random) -> str:
    return join_lines(
        [
            f"Weigh coin {a} against coin {b}: if they balance, neither of the two is the false one."
            for a, b in combinations(range(1, rng.randint(4, 6)), 2)
        ],
        rng,
    )


def list_primes_to_root(rng: random.Random) -> str:
    n = rng.choice([8963, 9973, 7919])
    return "\n".join(f"- {n} is not divisible by {p}." for p in PRIMES if n % p)


def list_sources(rng: random.Random) -> str:
    facts = [
        ("Mercury", "has no moon"),
        ("Venus", "turns backwards"),
        ("Mars", "has two small moons"),
        ("Jupiter", "is the largest"),
        ("Saturn", "has the widest rings"),
        ("Neptune", "is the windiest"),
    ]
    return join_lines(
        [
            f"The planet {p} is not the one we look for, since it {f}."
            for p, f in rng.sample(facts, rng.randint(4, 6))
        ],
        rng,
    )


def list_statements(rng: random.Random) -> str:
    facts = [
        "the sum of two odd numbers is even",
        "every square has four equal sides",
        "a prime has exactly two divisors",
        "zero is not positive",
        "the product of two negatives is positive",
    ]
    return join_lines(
        [
            f"Statement {n} claims that {f}, and this is true."
            for n, f in zip(["I", "II", "III", "IV", "V"], facts, strict=True)
        ],
        rng,
    )


def list_zh_prices(rng: random.Random) -> str:
    return join_lines(
        [f"买{n}支铅笔需要{n * 3}元，还剩{100 - n * 3}元。" for n in range(1, rng.randint(6, 15))], rng
    )


def list_zh_people(rng: random.Random) -> str:
    return join_lines(
        [
            f"如果{a}说的是真话，那么{b}说的就是假话，与题意矛盾。"
            for a, b in permutations(["甲", "乙", "丙"], 2)
        ],
        rng,
    )


def list_de_days(rng: random.Random) -> str:
    return join_lines(
        [
            f"Am {d} läuft sie {rng.randint(3, 20)} Kilometer und trinkt danach {rng.randint(2, 9)} Gläser Wasser."
            for d in ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"]
        ],
        rng,
    )


def list_ru_table(rng: random.Random) -> str:
    a = rng.randint(2, 9)
    return join_lines(
        [
            f"Если x равно {x}, то значение выражения равно {a * x * x - 1}."
            for x in range(-3, rng.randint(3, 7))
        ],
        rng,
    )


def list_recurrence(rng: random.Random) -> str:
    a, b, lines = 1, rng.randint(1, 3), []
    for n in range(3, rng.randint(8, 25)):
        lines.append(f"a_{n} = a_{n - 1} + a_{n - 2} = {b} + {a} = {a + b}.")
        a, b = b, a + b
    return join_lines(lines, rng)


def loop_unsure(rng: random.Random) -> str:
    return "I'm not sure if this is right, but I'll go with it. " * rng.randint(5, 50)


def loop_headers(rng: random.Random) -> str:
    return "## Step {n}: Simplify the expression\nThe expression is already simplified.\n\n".replace(
        "{n}", "5"
    ) * rng.randint(4, 30)


def loop_counted_headers(rng: random.Random) -> str:
    return "".join(
        f"## Step {n}: Simplify the expression\nThe expression is already simplified.\n\n"
        for n in range(3, rng.randint(10, 60))
    )


def loop_problem_again(rng: random.Random) -> str:
    return (
        "Problem:\nA box holds 12 red and 8 blue balls. How many balls are there?\nSolution\n12 + 8 = 20.\nThe answer is 20.\n\n"
        * rng.randint(4, 12)
    )


def loop_choices(rng: random.Random) -> str:
    return "".join(f"Wait, maybe the answer is {rng.choice('ABCD')}. " for _ in range(rng.randint(15, 60)))


def loop_recomputed(rng: random.Random) -> str:
    return "".join(
        f"Let me recalculate: 48 × 25 = {rng.choice([1200, 1250, 1100])}. "
        for _ in range(rng.randint(12, 40))
    )


def loop_words_dropped(rng: random.Random) -> str:
    words = [
        "But",
        "the",
        "problem",
        "says",
        "that",
        "each",
        "of",
        "the",
        "boxes",
        "has",
        "at",
        "least",
        "one",
        "ball,",
        "so",
        "the",
        "count",
        "must",
        "be",
        "done",
        "with",
        "inclusion",
        "and",
        "exclusion.",
    ]
    return " ".join(" ".join(w for w in words if rng.random() > 0.08) for _ in range(rng.randint(6, 20)))


def loop_zh_doubt(rng: random.Random) -> str:
    return "".join(
        rng.choice(["不对，", "等等，", "可是，"]) + "题目说的是每天增加三个，所以第十天应该是三十个。"
        for _ in range(rng.randint(6, 25))
    )


def loop_es_doubt(rng: random.Random) -> str:
    return " ".join(
        rng.choice(["Pero", "Aunque", "Sin embargo,"])
        + " el enunciado dice que los dos trenes salen a la misma hora, así que la distancia es la misma."
        for _ in range(rng.randint(6, 25))
    )


def loop_hash(rng: random.Random) -> str:
    return rng.choice(["#", "0x", "\\\\", "}}", "$$", "- ", "&nbsp;", "\\quad ", ", "]) * rng.randint(
        320, 1500
    )


def loop_decimals(rng: random.Random) -> str:
    return f"The value is {rng.randint(1, 9)}." + str(rng.randint(100, 99999)) * rng.randint(120, 500)


def loop_rows(rng: random.Random) -> str:
    return "| x | y |\n|---|---|\n" + "| 1 | 2 |\n" * rng.randint(20, 90)


def loop_thanks(rng: random.Random) -> str:
    return rng.choice(
        [
            "Thank you for reading. ",
            "I hope this helps! ",
            "Best regards,\n\n",
            "Let me know if you have any questions. ",
        ]
    ) * rng.randint(10, 60)


def loop_numbered_answers(rng: random.Random) -> str:
    return "\n".join(
        f"{n}) The final answer is 42, as was shown above." for n in range(1, rng.randint(8, 45))
    )


HONEST: list[Family] = [value for name, value in globals().items() if name.startswith("list_")]
LOOPS: list[Family] = [value for name, value in globals().items() if name.startswith("loop_")]


def draw_later(families: list[Family], each: int, seed: int) -> Iterator[Listed]:
    """Each family so many times, most of them within a chain, all held out."""
    for row in place_families(families, each, random.Random(seed), "en"):
        yield replace(row, held=True)
