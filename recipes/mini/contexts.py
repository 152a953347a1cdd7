"""What can stand around a question: worked exchanges before it, an instruction to reflect after it.

The paper's cold start asks a base model so. One that saw bare questions only would not know which of several
it is asked, so the teacher's second phase shows it such conversations. Its response is then better than its
plain manner, which is why anybody would ask so: examples keep it in form, the instruction makes it look for its
mistakes. Slips in the arithmetic stay as frequent as they are.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from curate.sampling.prompting import REFLECTIVE
from filters.think import CLOSE
from filters.types import Message
from recipes.mini.chains import CLEAN, Manner, respond
from recipes.mini.words import Language
from recipes.mini.world import Problem, draw_problem

INSTRUCTIONS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "Think carefully, check each step, and mend what is wrong. Then sum up in one sentence.",
        "Reason step by step inside <think> tags. If a step is wrong, correct it. End with a short summary.",
        "Work slowly. After every step ask yourself whether it is right, and fix it if it is not.",
        "Please show your reasoning between <think> and </think>, verify it, and put the answer in \\boxed{}.",
        "Look at every line again before you go on. Say where you made a mistake and do that step anew.",
        "Solve this with care: reflect on each result, repair any error, and finish with a clear summary.",
        "Use the think block for a detailed solution with verification. After it, write the answer for the reader.",
        "Take your time and double-check the numbers. A mistake that you find must be corrected at once.",
        "First think, then answer. Check your work as you go and summarise the result with \\boxed{}.",
        "Give a detailed answer: reason, reflect, verify, and close with one sentence that states the result.",
        "Do not trust a step until you have checked it. When something is off, say so and try it again.",
        "Explain each step within <think></think>, watch for errors and correct them, then summarise.",
    ),
    "zh": (
        "请仔细思考,检查每一步,有错就改,最后用一句话总结。",
        "请在 <think> 标签里一步一步推理。如果哪一步错了,就改正它。最后写简短的总结。",
        "慢慢来。每做完一步都问问自己对不对,不对就改过来。",
        "请在 <think> 和 </think> 之间写出推理过程并验证,把答案放在 \\boxed{} 里。",
        "继续之前请再看一遍每一行。指出错误的地方,并重新做那一步。",
        "认真解答:反思每个结果,修正任何错误,最后给出清楚的总结。",
        "先在思考部分写出详细的解法和验证,然后为读者写出答案。",
        "不要着急,核对每个数字。发现错误必须马上改正。",
        "先思考,再回答。边做边检查,最后用 \\boxed{} 总结结果。",
        "给出详细的回答:推理、反思、验证,最后用一句话说明结果。",
        "没有检查过的步骤不要相信。发现不对就说出来,再试一次。",
        "请在 <think></think> 中解释每一步,注意错误并改正,然后总结。",
    ),
}
"""Wordings beside the built-in `REFLECTIVE`, so that no single one is what works."""
VERBATIM = 0.35
"""The share of instructions that are `REFLECTIVE` word for word."""
_CHECKS: Mapping[Language, tuple[str, str]] = {
    "en": ("I check it: {all}. Right.", ", "),
    "zh": ("检查一下:{all}。没错。", ","),
}


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages up to the last question, and a response to it with whether it comes to an end."""

    messages: list[Message]
    response: str
    ends: bool


def converse(rng: random.Random, problem: Problem, plain: Manner) -> Conversation:
    """One or two exchanges before a problem, an instruction after it, or both; at times as a system message."""
    shots = rng.choice((0, 0, 0, 1, 1, 1, 2, 2, 2, 2))
    said = _instruction(rng, problem.language) if not shots or rng.random() < 0.5 else ""
    system = bool(said) and rng.random() < 0.15
    checked, suffix = rng.random() < 0.5, "" if system or not said else f"\n\n{said}"
    messages = [Message(role="system", content=said)] if system else []
    for _ in range(shots):
        shown = _another(rng, problem.language)
        messages.append(Message(role="user", content=shown.question + suffix))
        messages.append(Message(role="assistant", content=make_worked_examples(rng, shown, checked)))
    messages.append(Message(role="user", content=problem.question + suffix))
    response = respond(rng, problem, manner_amid(plain, bool(shots), bool(said)))
    return Conversation(messages, response.text, response.ends)


def manner_amid(plain: Manner, shots: bool, instructed: bool) -> Manner:
    """How a response differs from the plain manner where examples or an instruction stand around its question."""
    manner = plain
    if shots:
        manner = replace(manner, direct=0.0, no_think=0.01, mixed=0.03, code=0.01, rambling=0.02, endless=0.0)
    if instructed:
        manner = replace(manner, direct=0.0, no_think=0.0, endless=0.0, mends=0.8)
    return manner


def make_worked_examples(rng: random.Random, problem: Problem, checked: bool) -> str:
    """A clean response, with a line before the end of its chain that goes over its steps again if `checked`."""
    text = respond(rng, problem, CLEAN).text
    return text.replace(f"\n{CLOSE}", f"\n{check_line(problem)}\n{CLOSE}") if checked else text


def check_line(problem: Problem) -> str:
    """Every step once more, right after right: `I check it: 47+38=85, 85-27=58. Right.`"""
    line, comma = _CHECKS[problem.language]
    values = problem.values
    return line.format(
        all=comma.join(
            f"{before}{step.operation}{step.operand}={after}"
            for before, step, after in zip(values, problem.steps, values[1:], strict=False)
        )
    )


def _instruction(rng: random.Random, language: Language) -> str:
    return REFLECTIVE[language] if rng.random() < VERBATIM else rng.choice(INSTRUCTIONS[language])


def _another(rng: random.Random, language: Language) -> Problem:
    while True:
        problem = draw_problem(rng, held_out=False)
        if problem.language == language:
            return problem
