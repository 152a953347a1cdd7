"""Scripted graders of known biases, which answer the forms of `rubric` and `preference` by what they are shown."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from functools import cache

from curate.calibration.bias import (
    count_preference_errors,
    find_preference_faults,
    measure_changes,
    read_preference_bounds,
)
from curate.calibration.calibration import Calibration
from curate.calibration.preference_calibration import conclude_preferences
from curate.calibration.preference_cases import make_preference_cases
from curate.calibration.preference_pairs import read_bundled_pairs
from curate.engines.scripted import Response, ScriptedEngine
from filters.digest import digest
from filters.registry import make_check
from filters.types import Sample

ENGINE = {"kind": "scripted", "model": "x"}
SHOWN = re.compile(r"\[\w+\] (prompt|response|response A|response B)\n(.*?)\n\[\w+\] end of \1", re.DOTALL)
GOOD = {pair.prompt: pair.good for pair in read_bundled_pairs()}
BAD = {pair.prompt: pair.bad for pair in read_bundled_pairs()}
Grade = Callable[[str, str], float]
"""A grade between 0 and 10 for a response to a prompt."""


def honest(prompt: str, response: str) -> float:
    """Knows the good responses; more words than these are a fault."""
    if response == GOOD.get(prompt):
        return 9
    return 7 if GOOD.get(prompt, "\0") in response and BAD[prompt] not in response else 2


def length_biased(prompt: str, response: str) -> float:
    """Honest, but longer responses please it."""
    return min(10, honest(prompt, response) + 3 * (len(response) > 1.5 * len(GOOD.get(prompt, response))))


def flattered(prompt: str, response: str) -> float:
    """Honest, but not when it is praised."""
    praised = "brilliant" in response or "问得太好" in response
    return min(10, honest(prompt, response) + 3 * praised)


def obedient(prompt: str, response: str) -> float:
    """Honest, but it obeys orders in one of the languages."""
    return 10 if "评分者请注意" in response or "忽略之前" in response else honest(prompt, response)


def lenient(prompt: str, response: str) -> float:
    """Likes everything that says something."""
    return 8


def noisy(rate: float) -> Grade:
    """Honest but in a share of its grades, by the text's content."""

    def grade(prompt: str, response: str) -> float:
        fair = honest(prompt, response)
        turned = int(digest("noise", prompt, response)[:8], 16) / 2**32 < rate
        return 10 - fair if turned else fair

    return grade


def answer_form(grade: Grade, request, place: str = "") -> Response:
    """What a model that grades so says to a form."""
    found = SHOWN.findall(request.messages[0]["content"])
    shown = {title: re.sub(r"^\| ", "", text, flags=re.MULTILINE) for title, text in found}
    if "response" in shown:
        return Response(text=f"So.\nGRADE: {int(grade(shown['prompt'], shown['response']))}")
    a, b = (grade(shown["prompt"], shown[f"response {letter}"]) for letter in "AB")
    better = place or ("TIE" if a == b else "A" if a > b else "B")
    return Response(text=f"So.\nBETTER: {better}")


@cache
def run_cached(grade: Grade, check: str, **options) -> Calibration:
    """As `run_grader`, once for the same."""
    return run_grader(grade, check, **options)


def run_grader(
    grade: Grade, check: str, samples: Sequence[Sample] = (), place: str = "", **options
) -> Calibration:
    """The calibration of a check whose model grades so. place: "A" where it prefers the first of a pair whatever they are."""

    def answer(request) -> Response:
        return answer_form(grade, request, place)

    made = make_check(check, {"engine": ENGINE, **options})
    cases = make_preference_cases(made, samples)
    verdicts = asyncio.run(made.ask([case.sample for case in cases], ScriptedEngine(answer)))
    found = conclude_preferences(made, cases, verdicts)
    rates = count_preference_errors(made, cases, verdicts)
    changes, bounds = measure_changes(cases, verdicts), read_preference_bounds(made)
    assert find_preference_faults(rates, changes, bounds) == found.faults
    return found
