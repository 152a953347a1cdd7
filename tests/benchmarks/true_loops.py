"""Chains that go round in circles, of many kinds: what changes from copy to copy, if anything, says nothing new.

Each family is drawn with numbers and fillers of its own, within a chain (`enumerations_abroad.surround`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.enumerations import Family
from tests.benchmarks.enumerations_abroad import Listed, place_families, surround_written
from tests.benchmarks.loops import clean, sentence

WRITTEN = Path(__file__).parent.parent / "filters" / "data" / "true_loops.txt"
"""Loops written by hand: a line `=== LANGUAGE` begins each."""
FILLERS = ["again", "once more", "carefully", "slowly", "now", "actually", "maybe", "really", "just", "then"]
CHECKS = [
    "I check the sum again and it is {n}.",
    "Let me verify the result, it is still {n}.",
    "The answer is {n}, but I should look at the statement again.",
    "We go over the steps and find {n} as before.",
]


def fill(template: str, rng: random.Random) -> str:
    return template.replace("{n}", str(rng.randint(2, 99)))


def copies(rng: random.Random) -> int:
    return rng.choice([5, 8, 12, 25, 60])


def draw_sentence(rng: random.Random) -> str:
    return rng.choice([" ", "\n"]).join([sentence(rng)] * copies(rng))


def draw_paragraph(rng: random.Random) -> str:
    return "\n\n".join([" ".join(sentence(rng) for _ in range(rng.randint(3, 6)))] * rng.randint(4, 12))


def draw_zh(rng: random.Random) -> str:
    return rng.choice(
        ["等等，我再算一遍看看对不对。", "所以答案应该是十五，但是我不确定。", "让我们重新考虑这个问题。"]
    ) * copies(rng)


def draw_ja_ko(rng: random.Random) -> str:
    return rng.choice(
        ["もう一度計算を確認してみましょう。", "다시 한번 계산을 확인해 보겠습니다. "]
    ) * copies(rng)


def draw_inserted(rng: random.Random) -> str:
    words = [
        "Wait,",
        "let",
        "me",
        "think",
        "about",
        "this",
        "problem",
        "from",
        "the",
        "beginning",
        "before",
        "I",
        "write",
        "the",
        "answer.",
    ]
    lines = []
    for _ in range(rng.randint(6, 20)):
        at = rng.randrange(1, len(words))
        lines.append(" ".join([*words[:at], rng.choice(FILLERS), *words[at:]]))
    return rng.choice([" ", "\n"]).join(lines)


def draw_swapped(rng: random.Random) -> str:
    line = "Hmm, {a}, I {b} need to compute the total {c} because the previous value does not look right."
    made = [
        line.replace("{a}", rng.choice(FILLERS))
        .replace("{b}", rng.choice(["do", "still", "surely", "also"]))
        .replace("{c}", rng.choice(FILLERS))
        for _ in range(rng.randint(8, 20))
    ]
    return " ".join(made)


def draw_numbered(rng: random.Random) -> str:
    said, end = fill(rng.choice(CHECKS), rng), rng.choice([".", ")", ":"])
    return "\n".join(f"{n}{end} {said}" for n in range(1, copies(rng) + 3))


def draw_attempts(rng: random.Random) -> str:
    said, word = fill(rng.choice(CHECKS), rng), rng.choice(["Attempt", "Step", "Check", "Iteration", "Round"])
    return "\n\n".join(f"{word} {n}: {said}" for n in range(1, copies(rng) + 3))


def draw_nth_time(rng: random.Random) -> str:
    first = rng.randint(2, 9)
    return " ".join(
        f"Let me check it for the {n}th time, to be sure that nothing was missed."
        for n in range(first, first + copies(rng))
    )


def draw_edits(rng: random.Random) -> str:
    return "\n".join(
        f"(Edit {n}: I have fixed the mistake in the solution above.)" for n in range(1, copies(rng) + 2)
    )


def draw_one_random(rng: random.Random) -> str:
    return " ".join(
        f"Hmm, wait, I am not sure whether the value {rng.randint(2, 200)} was used correctly here."
        for _ in range(rng.randint(6, 30))
    )


def draw_two_random(rng: random.Random) -> str:
    return "\n".join(
        f"Wait, is it {rng.randint(2, 99)} or is it {rng.randint(2, 99)}? I have to look at the problem again."
        for _ in range(rng.randint(6, 30))
    )


def draw_two_answers(rng: random.Random) -> str:
    a, b = rng.randint(2, 50), rng.randint(51, 99)
    return f"So it is {a}. No, it is {b}. " * copies(rng)


def draw_rounds(rng: random.Random) -> str:
    chosen = rng.sample(range(2, 60), rng.randint(3, 5))
    return "".join(
        f"Maybe x = {x}? Then the left side is {3 * x} and not {3 * x + 2}, so no. " for x in chosen
    ) * rng.randint(4, 9)


def draw_mark(rng: random.Random) -> str:
    return rng.choice(["!", "?", "…", "！", ".", "/", "#", "@"]) * rng.randint(400, 3000)


def draw_letter(rng: random.Random) -> str:
    return rng.choice(["a", "A", "ha", "哈", "no", "lol", "wait", "\\n", "嗯", "The"]) * rng.randint(
        400, 2000
    )


def draw_token(rng: random.Random) -> str:
    return rng.choice(["the", "wait", "so", "0", "assistant", "and", "1"]).join([" "] * rng.randint(320, 900))


def draw_emoji(rng: random.Random) -> str:
    return rng.choice(["👍", "🎉 ", "✅\n", "★", "▁", "\ufffd"]) * rng.randint(300, 1000)


def draw_boxes(rng: random.Random) -> str:
    return rng.choice([" ", "\n\n", "", ", "]).join(
        [f"\\boxed{{{rng.randint(2, 99)}}}"] * rng.randint(10, 80)
    )


def draw_math_boxes(rng: random.Random) -> str:
    box = rng.choice(
        [
            "$\\boxed{\\frac{3}{4}}$",
            "**\\boxed{15}**",
            "$$\n\\boxed{x^2+1}\n$$",
            "\\[ \\boxed{120} \\]",
            "$\\boxed{A}$.",
        ]
    )
    return rng.choice([" ", "\n", "\n\n"]).join([box] * rng.randint(10, 80))


def draw_digit(rng: random.Random) -> str:
    return "So the value is 0." + str(rng.randint(0, 9)) * rng.randint(400, 4000)


def draw_digits(rng: random.Random) -> str:
    return "x = " + (str(rng.randint(10, 10**9)) + rng.choice([" ", "", ", ", "."])) * rng.randint(150, 600)


def draw_blank_lines(rng: random.Random) -> str:
    return rng.choice(["\n", "\n \n", "\r\n"]) * rng.randint(400, 4000)


def draw_blanks(rng: random.Random) -> str:
    return rng.choice(["\t", " ", "\t\n", "\u00a0", "\u3000"]) * rng.randint(1200, 6000)


def draw_closes(rng: random.Random) -> str:
    return rng.choice(["\n", ""]).join(
        [rng.choice(["</think>", "<|im_end|>", "<|endoftext|>", "</s>"])] * rng.randint(60, 300)
    )


def draw_finals(rng: random.Random) -> str:
    n = rng.randint(2, 99)
    return rng.choice(
        [
            f"The final answer is {n}. ",
            f"\n\nTherefore, the final answer is $\\boxed{{{n}}}$.",
            f"**Final Answer**\n\\boxed{{{n}}}\n\n",
        ]
    ) * copies(rng)


def draw_code(rng: random.Random) -> str:
    return rng.choice(
        [
            "print(solve(n))\n",
            "    result.append(current)\n    current = next_value(current)\n",
            "\\end{aligned}\n\\begin{aligned}\n",
        ]
    ) * rng.randint(12, 60)


def draw_cells(rng: random.Random) -> str:
    return rng.choice(["| ", "| 0 | 0 |\n", "|---", "& ", "0 & 0 \\\\\n", "| | |\n"]) * rng.randint(320, 900)


def draw_restated(rng: random.Random) -> str:
    opening = ["Alternatively,", "Wait,", "But wait,", "Hmm,", "Let me think:"]
    return " ".join(
        f"{rng.choice(opening)} {rng.choice(['maybe', 'perhaps', 'possibly'])} the problem is asking for the number of ways to choose the pairs, {rng.choice(['but', 'and'])} then the answer would be fifteen."
        for _ in range(rng.randint(6, 25))
    )


def draw_doubt(rng: random.Random) -> str:
    return "\n\n".join(
        f"{rng.choice(['But', 'However,', 'Still,', 'And yet'])} I think that the first approach {rng.choice(['was', 'is', 'may be'])} correct, so let me go with it."
        for _ in range(rng.randint(6, 25))
    )


def draw_european(rng: random.Random) -> str:
    said = [
        "Warte, ich muss das noch {f} nachrechnen, bevor ich antworte.",
        "Attendez, je dois {f} vérifier ce calcul avant de répondre.",
    ]
    fill_in = [["einmal", "genau", "schnell", "mal"], ["encore", "bien", "vite", "donc"]]
    which = rng.randrange(2)
    return " ".join(said[which].replace("{f}", rng.choice(fill_in[which])) for _ in range(rng.randint(8, 30)))


def draw_spanish_russian(rng: random.Random) -> str:
    return rng.choice(
        [
            "Espera, voy a revisar otra vez el enunciado. ",
            "Подождите, мне нужно ещё раз проверить это решение. ",
            "Espere, deixe-me verificar isso de novo. ",
        ]
    ) * copies(rng)


def draw_states(rng: random.Random) -> str:
    return "\n".join(
        f"Step {n}: Continue in the same way with the next one."
        for n in range(rng.randint(1, 4), copies(rng) + 5)
    )


def draw_zh_counter(rng: random.Random) -> str:
    return "\n".join(f"第{n}次检查：结果仍然是{15}，没有发现错误。" for n in range(1, copies(rng) + 3))


def draw_counted_terms(rng: random.Random) -> str:
    return "\n".join(
        f"The next term is a_{{{n}}}, which follows from a_{{{n - 1}}} as before."
        for n in range(3, rng.randint(80, 200))
    )


def draw_numbered_paragraphs(rng: random.Random) -> str:
    body = " ".join(sentence(rng) for _ in range(3))
    return "\n\n".join(f"**{n}.** {body}" for n in range(1, rng.randint(6, 12)))


def draw_long(rng: random.Random) -> str:
    return ("\n\n".join(clean(rng.randint(500, 1500), rng)) + "\n\n") * rng.randint(4, 6)


def draw_long_changed(rng: random.Random) -> str:
    words = " ".join(clean(rng.randint(400, 900), rng)).split()
    return "\n\n".join(" ".join(w for w in words if rng.random() > 0.02) for _ in range(rng.randint(5, 9)))


LOOPS: list[Family] = [value for name, value in globals().items() if name.startswith("draw_")]
"""Every family, in the order above: those at even places are for tuning, those at odd places are held out."""


def list_loops(each: int = 8, seed: int = 7) -> Iterator[Listed]:
    """Every family `each` times and what is written by hand, most of them within a chain of 0.3 to 8 kB."""
    rng = random.Random(seed)
    yield from place_families(LOOPS, each, rng, "en")
    yield from surround_written(WRITTEN, rng)
