"""Responses with what is to be read in them: boxes in their surroundings, cues and guesses, in ten languages.

Columns are separated by tabs, ⏎ stands for a line feed. Each response that has no doubt has a wrong twin: with
another answer in the same place it never equals the answer of the first.
"""

from pathlib import Path

import pytest

from filters.answers.extract.final_answer import extract_answer
from filters.checks.math_answer import MathAnswer
from filters.think import split_response
from filters.types import Prompt, Sample

DATA = Path(__file__).parent / "data"


def read_rows(name: str, width: int) -> list[list[str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    rows = [line.replace("⏎", "\n").split("\t") for line in lines if not line.startswith("#")]
    return [row + [""] * (width - len(row)) for row in rows]


BOXES, CUES = read_rows("boxes.tsv", 4), read_rows("cues.tsv", 4)


@pytest.mark.parametrize(("response", "text", "doubt", "rival"), BOXES)
def test_boxes_in_their_surroundings(response: str, text: str, doubt: str, rival: str) -> None:
    found = extract_answer(split_response(response))
    assert (found.text, found.how, found.rival) == (text, "box", rival)
    assert bool(found.doubt) is (doubt != "-"), found.doubt
    assert doubt == "-" or doubt in found.doubt


@pytest.mark.parametrize(("response", "how", "text", "doubt"), CUES)
def test_cues_and_guesses(response: str, how: str, text: str, doubt: str) -> None:
    found = extract_answer(split_response(response))
    assert (found.text, found.how) == (text, how)
    assert bool(found.doubt) is (doubt != "-"), found.doubt
    assert doubt == "-" or doubt in found.doubt


def twins() -> list[tuple[str, str]]:
    """Each response with an answer in digits, and the same response with another number in that place."""
    found = []
    for row in [*BOXES, *CUES]:
        place = extract_answer(split_response(row[0]))
        if place.span is not None and row[0][slice(*place.span)].strip("$ ").isdigit():
            begin, end = place.span
            found.append((row[0], f"{row[0][:begin]}9{row[0][begin:end].strip('$ ')}{row[0][end:]}"))
    return found


def test_a_wrong_twin_is_never_equal() -> None:
    check, pairs = MathAnswer(), twins()
    assert len(pairs) >= 180
    for response, twin in pairs:
        answer = extract_answer(split_response(response)).text
        assert check.judge(Sample("", Prompt.make("q", answer), twin)).ok is not True, twin


def test_with_a_doubt_nothing_is_proved() -> None:
    check = MathAnswer()
    doubtful = [row[0] for row in BOXES if row[2] != "-"] + [row[0] for row in CUES if row[3] != "-"]
    assert len(doubtful) >= 80
    for response in doubtful:
        answer = extract_answer(split_response(response)).text
        for reference in (answer, "123"):
            assert check.judge(Sample("", Prompt.make("q", reference), response)).ok is None, response


def test_the_tables_are_large_enough() -> None:
    assert len(BOXES) + len(CUES) >= 300
