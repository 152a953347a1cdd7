"""The forms in which a judge of answers is asked: one for any model, the paper's, and those of models trained to verify.

What a form shows stands in our own words; the labels that a model answers with are those that it was trained on. The paper's
(DeepSeek-R1, arXiv 2501.12948v2, Listing 4) wants JSON; CompassVerifier (arXiv 2508.03686) gives A, B or C, xVerify (arXiv
2504.10481) gives [Correct] or [Incorrect], both without reasons.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from filters.engine import Completion
from filters.judges.language_model import (
    Case,
    describe_end,
    enclose_part,
    make_last_line,
    make_mark,
    make_output,
    read_last_line,
)
from filters.judges.quoted_text import RULE, quote_text, write_question
from filters.think import split_response
from filters.types import Verdict

Preset = Literal["r1curate", "paper", "compass_verifier", "xverify"]
Label = Literal["correct", "incorrect", "unsure"]


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """How a judge is asked and how its answer is read.

    text: with places for `mark` and `parts`. output: a regular expression of the completion, for engines that enforce one.
    read: the label and the end of the reasons, or an undecided verdict. swaps: whether the two answers may change places;
    a model that was trained on one order is asked in it.
    """

    text: str
    output: str
    read: Callable[[Completion], tuple[Label, str] | Verdict]
    swaps: bool = True

    def write(self, case: Case, number: int) -> str:
        """What is asked about a final answer in a vote; in every second one the answers stand the other way round."""
        mark = make_mark(case)
        answers = [
            enclose_part(mark, "reference answer", quote_text(case.prompt.answer or "")),
            enclose_part(mark, "candidate's final answer", quote_text(case.text)),
        ]
        shown = answers[::-1] if self.swaps and number % 2 else answers
        question = enclose_part(mark, "question", quote_text(write_question(case.prompt)))
        return self.text.format(mark=mark, parts="\n\n".join([question, *shown]))


_QUOTED: Final = f"{RULE}\n\n{{parts}}"

ANY_MODEL: Final = f"""\
Decide whether a candidate's final answer to a question agrees with the reference answer.

- The reference answer is right. Do not solve the question yourself.
- Compare final answers only: what they mean, not how they are written. Other notation, units spelled out, \
or equal numbers in another form agree.
- Every part that the question asks for must be there and agree. An answer that offers several values, \
or none, does not agree.
{_QUOTED}

First compare them in a few sentences. Then end with one line that is exactly one of:
VERDICT: CORRECT
VERDICT: INCORRECT
VERDICT: UNSURE"""

PAPER: Final = f"""\
You are given a question, a reference answer and the answer of a model. Judge whether the model's answer is correct.

- Take the reference answer for right, and hold the model's final answer against it: it is correct where it means the same.
- Analyse first: what each of the two says, and in what they differ. Decide after that.
{_QUOTED}

Answer with one JSON object and nothing else, its keys in this order:
{{{{"analysis": "your analysis", "correctness": "correct" or "incorrect"}}}}"""

LETTER: Final = f"""\
Grade the final answer of a candidate against the standard answer of a question.

- The standard answer (the reference answer below) is always right and the question is valid. Do not solve it again.
- Only the final answer counts: it is correct where it means the same as the standard answer, in all of its parts.
{_QUOTED}

Give one letter and nothing else:
A: CORRECT, it means the same.
B: INCORRECT, it does not.
C: INVALID, it is cut off, repeats itself without end, or refuses to answer."""

BRACKET: Final = f"""\
Say whether the final answer that a language model gave to a question is equivalent to the correct answer.

- The correct answer is the reference answer below; it is not to be questioned.
- Equivalent are answers that mean the same, however they are written: as formulas, as numbers, as the letter or the text of an option.
{_QUOTED}

Give [Correct] where they are equivalent, else [Incorrect], and nothing else."""

_VERDICT: Final = "VERDICT", "CORRECT|INCORRECT|UNSURE"
_LAST_LINE: Final = make_last_line(*_VERDICT)
_LETTER: Final = re.compile(r"(?:\\boxed\{)?\**([ABC])\**\}?\.?")
_BRACKET: Final = re.compile(r"\[?(Correct|Incorrect)\]?\.?")
_FENCED: Final = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_LETTERS: Final[Mapping[str, Label]] = {"A": "correct", "B": "incorrect", "C": "unsure"}
_WORDS: Final[Mapping[str, Label]] = {"correct": "correct", "incorrect": "incorrect", "unsure": "unsure"}


def _read_line(made: Completion) -> tuple[Label, str] | Verdict:
    found = read_last_line(made, _LAST_LINE)
    return found if isinstance(found, Verdict) else (_WORDS[found[0].lower()], found[1])


def _read_json(made: Completion) -> tuple[Label, str] | Verdict:
    """The object that is the whole answer, with the two keys that were asked for, once each."""
    said = _read_whole(made)
    if isinstance(said, Verdict):
        return said
    fenced = _FENCED.fullmatch(said)
    try:
        pairs: Any = json.loads(fenced[1] if fenced else said, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return _unparsable(said)
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return _unparsable(said)
    keys = [key for key, _ in pairs]
    analysis, label = (dict(pairs).get(key) for key in ("analysis", "correctness"))
    if (
        keys != ["analysis", "correctness"]
        or not isinstance(analysis, str)
        or label not in ("correct", "incorrect")
    ):
        return _unparsable(said)
    return _WORDS[label], describe_end(analysis)


def _read_letter(made: Completion) -> tuple[Label, str] | Verdict:
    return _read_fixed(made, _LETTER, _LETTERS)


def _read_bracket(made: Completion) -> tuple[Label, str] | Verdict:
    return _read_fixed(made, _BRACKET, {"Correct": "correct", "Incorrect": "incorrect"})


def _read_fixed(
    made: Completion, pattern: re.Pattern[str], labels: Mapping[str, Label]
) -> tuple[Label, str] | Verdict:
    """The label that is the whole answer."""
    said = _read_whole(made)
    if isinstance(said, Verdict):
        return said
    found = pattern.fullmatch(said)
    return _unparsable(said) if found is None else (labels[found[1]], said)


def _read_whole(made: Completion) -> str | Verdict:
    """The answer, whatever chain stands before it; undecided where it was cut off."""
    said = (split_response(made.text).answer or "").strip()
    return said if made.finish == "stop" else _unparsable(said)


def _unparsable(said: str) -> Verdict:
    return Verdict(None, f"unparsable: {describe_end(said)}")


_AFTER_CHAIN: Final = r"(([^<]|<+[^/<]|<+/[^t<])*<*</think>\s{0,4})?"
"""A model that reasons ends its chain first, once; its `<think>` may stand in the template, so that nothing else tells it."""
_JSON_TEXT: Final = r'"([^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'

ANSWER_FORMS: Final[Mapping[Preset, AnswerForm]] = {
    "r1curate": AnswerForm(ANY_MODEL, make_output(*_VERDICT), _read_line),
    "paper": AnswerForm(
        PAPER,
        _AFTER_CHAIN + rf'\{{"analysis": ?{_JSON_TEXT}, ?"correctness": ?"(correct|incorrect)"\}}',
        _read_json,
    ),
    "compass_verifier": AnswerForm(LETTER, "[ABC]", _read_letter, swaps=False),
    "xverify": AnswerForm(BRACKET, r"\[(Correct|Incorrect)\]", _read_bracket, swaps=False),
}
"""The forms by the name of their preset."""
