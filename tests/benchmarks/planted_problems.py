"""A problem as training data would hold it: set otherwise, in part, or inside an instruction.

Each kind takes a problem's text and gives another that asks the same; parts are of the problem's own words. What a word is
is said here anew, so that a fault in the words of `filters.overlap` does not hide itself.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from typing import Final

_WORD: Final = re.compile(r"\\(?:begin|end)\{\w+\*?\}|\\[A-Za-z]+|([^\W\d_㐀-鿿]+|\d+|[㐀-鿿])")
"""A run of letters, a run of digits, or a Chinese character, in its group; LaTeX's commands are no words."""
SHORT: Final = 16
"""Parts of fewer words are counted apart."""
_SHARE: Final = 0.7
_IDEOGRAPH: Final = re.compile(r"[㐀-鿿]")


def count_words(text: str) -> int:
    """How many words a text has."""
    return len(_find_words(text))


def cut_part(text: str, rng: random.Random) -> str:
    """A run of seven in ten of its words, from anywhere in it."""
    spans = [found.span() for found in _find_words(text)]
    size = max(1, math.ceil(_SHARE * len(spans)))
    first = rng.randrange(len(spans) - size + 1)
    return text[spans[first][0] : spans[first + size - 1][1]]


def change_spaces(text: str, rng: random.Random) -> str:
    """Other spaces between words and around formulas, lines broken elsewhere, Chinese with spaces between its characters."""
    if _IDEOGRAPH.search(text):
        text = re.sub(r"(?<=[㐀-鿿])(?=[㐀-鿿])", lambda _: rng.choice((" ", "", " ")), text)
    text = re.sub(r"\s*([=+])\s*", lambda found: rng.choice((" {} ", "{}")).format(found[1]), text)
    text = re.sub(r"[ \n]+", lambda _: rng.choice(("  ", "\n", "\u00a0", "\t", " ", "\u2009")), text)
    return "\n" + text.strip() + " \n"


def _find_words(text: str) -> list[re.Match[str]]:
    return [found for found in _WORD.finditer(text) if found[1]]


_LATEX: Final = (
    (r"\\[dt]?frac(?![a-z])", (r"\dfrac", r"\tfrac", r"\frac")),
    (r"\\left(?=\W)|\\right(?=\W)", ("",)),
    (r"(?<!\\)\((?=[^()]*\\frac)([^()$]*)\)", (r"\left(\1\right)",)),
    (r"\\cdot(?![a-z])|\\times(?![a-z])", ("×", r"\times ", r"\cdot ")),
    (r"\\leq?(?![a-z])", (r"\leq ", "≤", r"\leqslant ")),
    (r"\\geq?(?![a-z])", (r"\geq ", "≥", r"\geqslant ")),
    (r"\\pi(?![a-z])", ("π", r"{\pi}")),
    (r"\\theta(?![a-z])", ("θ",)),
    (r"\\l?dots(?![a-z])", (r"\ldots ", "…", r"\cdots ")),
    (r"\^\\circ|\^\{\\circ\}", ("°", r"^{\circ}")),
    (r"\\(?:text|mbox|mathrm)\{", (r"\mathrm{", r"\mbox{", r"\textrm{")),
    (r"\\[,;!]|\\quad(?![a-z])", (" ", r"\ ", "")),
    (r"\\%", ("%",)),
    (r"÷", (r"$\div$",)),
    (r"×", (r"$\times$", r"$\cdot$")),
)


def change_latex(text: str, rng: random.Random) -> str:
    r"""Other commands for the same signs, `\(…\)` for `$…$`; where there is no formula, its numbers are made formulas."""
    for pattern, others in _LATEX:
        text = re.sub(pattern, lambda found, others=others: found.expand(_plain(rng.choice(others))), text)
    found = _FORMULA.findall(text)
    if found and not any(
        re.search(r"[a-z]{3} [a-z]{2}", re.sub(r"\\\w+ ?\{[^}]*\}", "", one)) for one in found
    ):
        return _FORMULA.sub(
            lambda one: rf"\[{one[0][2:-2]}\]" if one[0][1] == "$" else rf"\({one[0][1:-1]}\)", text
        )
    if "\\" in text or "$" in text:
        return text
    return re.sub(r"(?<![A-Za-z\d.,$])(\d+(?:,\d{3})*(?:\.\d+)?)(?!\.?\d|[A-Za-z])", r"$\1$", text)


_FORMULA: Final = re.compile(r"(?<!\\)\$\$(?:[^$\\]|\\.)+\$\$|(?<![\\$])\$(?:[^$\\\n]|\\.)+\$(?!\$)")


def _plain(other: str) -> str:
    r"""A replacement as `re` takes it, its `\1` kept."""
    return re.sub(r"\\(?!1)", r"\\\\", other)


_PUNCTUATION: Final = {
    "'": "’", '"': "”", "-": "–", "...": "…", "，": ",", "。": ".", "？": "?", "（": "(", "）": ")", "：": ":", ";": ",",
    "“": "「", "”": "」", "．": "。",
}  # fmt: skip
_SIGN: Final = re.compile("|".join(map(re.escape, _PUNCTUATION)))


def change_punctuation(text: str, rng: random.Random) -> str:
    """Other quotation marks, hyphens and ends of sentences; commas gone, also from 1,000; Chinese signs and Western ones."""

    def change(found: re.Match[str]) -> str:
        in_words = re.search(r"[^\W\d]$", text[: found.start()]) and not re.match(r"\d", text[found.end() :])
        return _PUNCTUATION[found[0]] if in_words else found[0]

    text = _SIGN.sub(change, text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    others = ("", ";") if "$" in text else ("", ";", " –")
    text = re.sub(r"(?<=[a-z]),(?= [a-z])", lambda _: rng.choice(others), text)
    text = re.sub(r"[.!?](?= |$)", lambda found: rng.choice((found[0], found[0] * 2, " " + found[0])), text)
    return text[:1].swapcase() + text[1:].rstrip(".?。？")


_ENGLISH: Final = (
    "Solve the following math problem step by step. Put your final answer within \\boxed{{}}.\n\n{}",
    "{}\n\nPlease reason step by step, and put your final answer within \\boxed{{}}.",
    "### Instruction:\nAnswer this question: {}\n\n### Response:\n",
    "Below is a problem from a contest. Think carefully before you answer.\n\nProblem: {}\nSolution:",
    "Q: {}\nA: Let's think step by step.",
    "Solve {} and put the answer in \\boxed{{}}",
)
_CHINESE: Final = (
    "请一步一步地推理，并把最终答案放在\\boxed{{}}中。\n{}",
    "题目：{}\n解：",
    "请解答下面的应用题：{} 请给出详细的解题过程。",
)


def put_in_instruction(text: str, rng: random.Random) -> str:
    """With what people put before and after a problem."""
    forms = _CHINESE if len(_IDEOGRAPH.findall(text)) > 3 else _ENGLISH
    return rng.choice(forms).format(text)


def change_all(text: str, rng: random.Random) -> str:
    """Spaces, LaTeX and punctuation changed, inside an instruction."""
    for change in (change_latex, change_punctuation, change_spaces):
        text = change(text, rng)
    return put_in_instruction(text, rng)


KINDS: Final[dict[str, Callable[[str, random.Random], str]]] = {
    "in full": lambda text, _: text,
    "in part": cut_part,
    "other spaces": change_spaces,
    "other LaTeX": change_latex,
    "other punctuation": change_punctuation,
    "in an instruction": put_in_instruction,
    "all but in part": change_all,
}
"""Each way in which a problem is planted."""
