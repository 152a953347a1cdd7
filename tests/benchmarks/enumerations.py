"""Honest enumerations in English: cases, candidates, tables, definitions, of which each line says something new.

They look like loops, since the same words come back in the same order, and are what people do who try all cases.
Each family is drawn with numbers that are really computed. `enumerations_abroad` holds those of other languages.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import comb, gcd

Family = Callable[[random.Random], str]
"""Draws the lines of one enumeration."""
NAMES = [
    "Alice",
    "Bob",
    "Carol",
    "David",
    "Emma",
    "Frank",
    "Grace",
    "Henry",
    "Irene",
    "Jack",
    "Karen",
    "Liam",
]
COUNTS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97]


def join_lines(lines: Sequence[str], rng: random.Random) -> str:
    """One under the other, as paragraphs, as a list, or one after the other as prose."""
    return rng.choice(["\n", "\n\n", "\n- ", " "]).join(["", *lines]).strip()


def draw_definitions(rng: random.Random) -> str:
    what = rng.choice(["item", "language", "pet", "instrument", "sport"])
    who = rng.choice(["people who own", "students who know", "members who have", "children who chose"])
    letters = rng.choice(["abcd", "wxyz", "pqrst"])
    told = rng.choice(["exactly", "at least", "no more than"])
    return join_lines(
        [
            f"Let {c} = number of {who} {told} {COUNTS[n]} {what}{'s' * (n > 0)}."
            for n, c in enumerate(letters)
        ],
        rng,
    )


def draw_game_by_n(rng: random.Random) -> str:
    most, size = rng.randint(2, 4), rng.randint(6, 24)
    lines = []
    for n in range(1, size):
        left = [n - k for k in range(1, most + 1) if n >= k]
        good = [m for m in left if m % (most + 1) == 0]
        end = (
            f"and {good[0]} is losing for the opponent, so {n} is winning"
            if good
            else f"and all of these are winning for the opponent, so {n} is losing"
        )
        lines.append(f"n = {n}: the player can leave {', '.join(map(str, left))} stones, {end}.")
    return join_lines(lines, rng)


def draw_coins_by_n(rng: random.Random) -> str:
    lines = [
        f"With {n} coins the player to move can take {n % 3 or 1} and leave a multiple of three, so this is {'a win' if n % 3 else 'a loss'}."
        for n in range(2, rng.randint(7, 20))
    ]
    return join_lines(lines, rng)


def draw_coordinates(rng: random.Random) -> str:
    a, b, low = rng.randint(1, 3), rng.randint(-5, 5), -rng.randint(2, 5)
    return join_lines(
        [
            f"For x = {x}, y = {a}({x})^2 + ({b}) = {a * x * x + b}, giving the point ({x}, {a * x * x + b})."
            for x in range(low, -low + 1)
        ],
        rng,
    )


def draw_values(rng: random.Random) -> str:
    a, b = rng.randint(2, 7), rng.randint(1, 9)
    return join_lines(
        [
            f"When x is {x}, the function takes the value {a} times {x} plus {b}, which is {a * x + b}."
            for x in range(rng.randint(4, 14))
        ],
        rng,
    )


def draw_lcm(rng: random.Random) -> str:
    chosen = sorted(rng.sample(PRIMES[:9], rng.randint(4, 6)))
    lines = [(p, rng.randint(1, 4)) for p in chosen]
    return join_lines(
        [
            f"For p = {p}: the exponent in the lcm is {e}, so max(a_{p}, b_{p}) = {e}, which gives {2 * e + 1} ordered pairs."
            for p, e in lines
        ],
        rng,
    )


def draw_lcm_words(rng: random.Random) -> str:
    chosen = sorted(rng.sample(PRIMES[:9], rng.randint(4, 6)))
    return join_lines(
        [
            f"Prime {p}: at least one of the two numbers must be divisible by {p}^{rng.randint(1, 3)}."
            for p in chosen
        ],
        rng,
    )


def draw_valuations(rng: random.Random) -> str:
    n = rng.randint(30, 200)
    return join_lines(
        [
            f"The power of {p} in {n}! is floor({n}/{p}) + floor({n}/{p * p}) = {n // p} + {n // p**2} = {n // p + n // p**2}."
            for p in PRIMES[: rng.randint(4, 9)]
        ],
        rng,
    )


def draw_candidates(rng: random.Random) -> str:
    m, begin = rng.randint(11, 40), rng.randint(3, 20)
    lines = [
        f"Try {x}: {x}^2 = {x * x}, and {x * x} mod {m} = {x * x % m}. {'That works!' if x * x % m == 1 else 'Not good.'}"
        for x in range(begin, begin + rng.randint(5, 30))
    ]
    return join_lines(lines, rng)


def draw_prime_test(rng: random.Random) -> str:
    n = rng.choice([1009, 2027, 3571, 1763, 2491, 7387])
    return join_lines(
        [
            f"Is {n} divisible by {p}? {p} times {n // p} is {p * (n // p)}, which leaves {n % p}, so no."
            for p in PRIMES[1 : rng.randint(6, 20)]
        ],
        rng,
    )


def draw_one_number(rng: random.Random) -> str:
    why = rng.choice(
        [
            "the discriminant is not a perfect square",
            "there is no integer solution",
            "the left side is too small",
            "we get a contradiction modulo nine",
        ]
    )
    begin = rng.randint(1, 30)
    return join_lines([f"If k = {k}, then {why}." for k in range(begin, begin + rng.randint(4, 14))], rng)


def draw_one_number_plain(rng: random.Random) -> str:
    chosen = sorted(rng.sample(range(2, 99), rng.randint(5, 9)))
    return join_lines([f"The value {x} does not satisfy the given congruence." for x in chosen], rng)


def draw_truth_table(rng: random.Random) -> str:
    rows = [(p, q, r) for p in (1, 0) for q in (1, 0) for r in (1, 0)]
    word = {1: "true", 0: "false"}
    return join_lines(
        [
            f"If p is {word[p]}, q is {word[q]} and r is {word[r]}, then p ∧ q is {word[p & q]} and the whole formula is {word[(p & q) | r]}."
            for p, q, r in rows
        ],
        rng,
    )


def draw_knights(rng: random.Random) -> str:
    kinds = ["a knight", "a knave", "a spy"]
    one, two, three = rng.sample(NAMES, 3)
    ways = [(x, y, z) for x in kinds for y in kinds for z in kinds if len({x, y, z}) == 3]
    return join_lines(
        [
            f"Suppose {one} is {x}, {two} is {y} and {three} is {z}. Then the statement of {rng.choice([one, two, three])} would be {rng.choice(['true', 'false'])}, {rng.choice(['a contradiction', 'which is fine'])}."
            for x, y, z in ways
        ],
        rng,
    )


def draw_distances(rng: random.Random) -> str:
    points = {c: (rng.randint(-6, 6), rng.randint(-6, 6)) for c in "ABCDE"[: rng.randint(4, 5)]}
    lines = []
    for n, (one, (a, b)) in enumerate(points.items()):
        for two, (c, d) in list(points.items())[n + 1 :]:
            lines.append(
                f"The distance between {one} and {two} is the square root of ({a} - {c})^2 + ({b} - {d})^2 = {(a - c) ** 2 + (b - d) ** 2}."
            )
    return join_lines(lines, rng)


def draw_edges(rng: random.Random) -> str:
    edges = sorted(
        (rng.randint(1, 30), "".join(rng.sample("ABCDEFGH", 2))) for _ in range(rng.randint(5, 12))
    )
    return join_lines(
        [
            f"The edge {e} has weight {w}, and it {rng.choice(['joins two different components, so we add it', 'would close a cycle, so we skip it'])}."
            for w, e in edges
        ],
        rng,
    )


def draw_week(rng: random.Random) -> str:
    total, lines = 0, []
    for day in DAYS:
        cakes, price = rng.randint(3, 30), rng.randint(2, 6)
        total += cakes * price
        lines.append(
            f"On {day} she sells {cakes} cakes at ${price} each, which makes ${cakes * price}, so the total is now ${total}."
        )
    return join_lines(lines[: rng.randint(4, 7)], rng)


def draw_years(rng: random.Random) -> str:
    people, year = rng.randint(800, 3000), rng.randint(1990, 2015)
    lines = []
    for n in range(rng.randint(4, 12)):
        lines.append(
            f"At the end of {year + n} the town has {people} inhabitants, and five percent of that are {people // 20}."
        )
        people += people // 20
    return join_lines(lines, rng)


def draw_euclid(rng: random.Random) -> str:
    a, b, lines = rng.randint(10**6, 10**7), rng.randint(10**5, 10**6), []
    while b:
        lines.append(
            f"Divide {a} by {b}: the quotient is {a // b} and the remainder is {a % b}, so we go on with {b} and {a % b}."
        )
        a, b = b, a % b
    return join_lines(lines, rng)


def draw_binary(rng: random.Random) -> str:
    n, lines = rng.randint(200, 90000), []
    while n:
        lines.append(f"{n} divided by 2 is {n // 2} with remainder {n % 2}.")
        n //= 2
    return join_lines(lines, rng)


def draw_newton(rng: random.Random) -> str:
    n, x, lines = rng.randint(2, 60), 5.0, []
    for k in range(rng.randint(4, 7)):
        new = (x + n / x) / 2
        lines.append(
            f"x_{k + 1} = ({x:.6f} + {n}/{x:.6f})/2 = {new:.6f}, which is closer to the root than before."
        )
        x = new
    return join_lines(lines, rng)


def draw_dice(rng: random.Random) -> str:
    return join_lines(
        [
            f"The probability that the sum is {s} is {6 - abs(7 - s)}/36, since there are {6 - abs(7 - s)} ways to get it."
            for s in range(2, rng.randint(8, 13))
        ],
        rng,
    )


def draw_binomials(rng: random.Random) -> str:
    n, c = rng.randint(5, 9), rng.randint(2, 5)
    return join_lines(
        [
            f"The term with k = {k} is C({n},{k}) x^{n - k} (-{c})^{k} = {comb(n, k) * (-c) ** k} x^{n - k}."
            for k in range(n + 1)
        ],
        rng,
    )


def draw_seats(rng: random.Random) -> str:
    people = rng.sample(NAMES, rng.randint(5, 8))
    fruit = rng.sample(
        ["apples", "pears", "plums", "cherries", "grapes", "lemons", "figs", "melons", "peaches"], len(people)
    )
    return join_lines(
        [
            f"{a} brings {f} to the party, and so {a} cannot sit next to {b}."
            for a, f, b in zip(people, fruit, people[1:] + people[:1], strict=True)
        ],
        rng,
    )


def draw_elements(rng: random.Random) -> str:
    facts = [
        ("hydrogen", 1, 1),
        ("carbon", 6, 4),
        ("nitrogen", 7, 5),
        ("oxygen", 8, 6),
        ("fluorine", 9, 7),
        ("sodium", 11, 1),
        ("magnesium", 12, 2),
        ("aluminium", 13, 3),
        ("silicon", 14, 4),
        ("chlorine", 17, 7),
    ]
    return join_lines(
        [
            f"The element {e} has the atomic number {z} and therefore {v} electrons in its outer shell."
            for e, z, v in sorted(rng.sample(facts, rng.randint(4, 9)), key=lambda f: rng.random())
        ],
        rng,
    )


def draw_options(rng: random.Random) -> str:
    claims = [
        "is increasing",
        "has a local maximum",
        "is concave down",
        "crosses the axis",
        "stays positive",
        "has no tangent",
        "is symmetric",
    ]
    return join_lines(
        [
            f"Option {c} says that the graph {t} on the interval ({n}, {n + rng.randint(1, 4)}). This is {rng.choice(['false', 'true'])} because of the {rng.choice(['second', 'first'])} derivative there."
            for n, (c, t) in enumerate(zip("ABCDE", rng.sample(claims, 5), strict=True))
        ],
        rng,
    )


def draw_trace(rng: random.Random) -> str:
    total, lines = 0, []
    for i, x in enumerate(rng.choices(range(1, 40), k=rng.randint(5, 16))):
        total += x
        lines.append(
            f"i = {i}: we read {x} and add it to the total, which is now {total}, so the loop goes on."
        )
    return join_lines(lines, rng)


def draw_urn(rng: random.Random) -> str:
    red, blue, lines = rng.randint(2, 9), rng.randint(2, 9), []
    for n in range(1, rng.randint(5, 12)):
        red, blue = red + (n % 2), blue + rng.randint(0, 2)
        lines.append(
            f"After round {n} the urn holds {red} red and {blue} blue balls, hence the chance of red is {red}/{red + blue}."
        )
    return join_lines(lines, rng)


def draw_powers(rng: random.Random) -> str:
    b, m, lines, value = rng.choice([2, 3, 7, 12]), rng.choice([10, 13, 100]), [], 1
    for k in range(1, rng.randint(6, 26)):
        lines.append(f"{b}^{k} leaves the remainder {value} times {b}, that is {value * b % m}, modulo {m}.")
        value = value * b % m
    return join_lines(lines, rng)


def draw_letters(rng: random.Random) -> str:
    word, count, lines = (
        rng.choice(["strawberry", "mississippi", "raspberry", "refrigerator", "parallel lines"]),
        0,
        [],
    )
    for n, c in enumerate(word, 1):
        count += c == "r"
        lines.append(
            f"The letter at position {n} is {c}, {'which is an r, so the count is ' + str(count) if c == 'r' else 'which is not an r'}."
        )
    return join_lines(lines, rng)


def draw_pairs(rng: random.Random) -> str:
    s = rng.randint(8, 30)
    return join_lines(
        [
            f"The pair ({a}, {s - a}) has sum {s}, its product is {a * (s - a)}, and its gcd is {gcd(a, s - a)}."
            for a in range(1, s // 2 + 1)
        ],
        rng,
    )


def draw_pairs_no_sum(rng: random.Random) -> str:
    values = sorted(rng.sample(range(2, 30), rng.randint(4, 5)))
    return join_lines(
        [
            f"The numbers {a} and {b} do not work together here."
            for n, a in enumerate(values)
            for b in values[n + 1 :]
        ],
        rng,
    )


def draw_grid(rng: random.Random) -> str:
    n, m = rng.randint(2, 4), rng.randint(2, 4)
    return join_lines(
        [
            f"The number of ways to reach the cell ({i}, {j}) is the sum of those of its two neighbours: {comb(i + j - 1, j)} + {comb(i + j - 1, j - 1)} = {comb(i + j, i)}."
            for i in range(1, n + 1)
            for j in range(1, m + 1)
        ],
        rng,
    )


def draw_triangles(rng: random.Random) -> str:
    sides = [sorted(rng.choices(range(2, 15), k=3)) for _ in range(rng.randint(5, 10))]
    return join_lines(
        [
            f"With the sides {a}, {b}, {c} we have {a} + {b} = {a + b}, which is {'more than' if a + b > c else 'not more than'} {c}, so it is {'a' if a + b > c else 'no'} triangle."
            for a, b, c in sides
        ],
        rng,
    )


ENGLISH: list[Family] = [value for name, value in globals().items() if name.startswith("draw_")]
"""Every family, in the order above: those at even places are for tuning, those at odd places are held out."""
