"""A language model as judge, where no rule can tell: question, reference answer, final answer, never the chain.

The form is the paper's (DeepSeek-R1, Nature version, rejection sampling): the judge analyses first and then
decides. `filters.judges.answer_forms` holds the forms, `filters.judges.language_model` what surrounds them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from filters.answers.extract.final_answer import extract_answer
from filters.check import Role
from filters.engine import Completion
from filters.judges.answer_forms import ANSWER_FORMS, Preset
from filters.judges.language_model import PANEL_RULES, Case, Look, PanelCheck, says_nothing
from filters.judges.quoted_text import LONGEST, clean_text
from filters.think import CUT_OFF
from filters.types import Sample, Verdict

ANSWER_TAIL = 4000
"""Characters of a final answer's end that the judge is shown, where it names none in a box or tag."""
EXPLICIT = frozenset({"tag", "json", "box", "boxes", "whole"})


class Judge(PanelCheck):
    """A language model finds that the response's final answer agrees with the reference.

    Several votes decide only when all agree; half of them see the two answers swapped, but for presets of models that
    were trained on one order. The score is the share of votes for correct.
    """

    name: ClassVar[str] = "judge"
    version: ClassVar[int] = 2
    role: ClassVar[Role] = "verifier"
    calibrated = "answers"
    rules: ClassVar[Mapping[str, str]] = {
        "identical": "the answer is the reference, character by character; the model is not asked",
        "correct": "the model finds that the answer agrees with the reference",
        "incorrect": "the model finds that the answer does not agree with the reference",
        "no_answer": "there is no answer to ask about: the chain is not closed or cut off, or nothing is said after it",
        "unsure": "undecided: the model says that it is unsure, or that the answer is no valid one",
        "disagree": "undecided: the votes differ",
        "no_reference": "undecided: the prompt has no reference answer",
        "too_long": f"undecided: the reference, or the answer that is named, has more than {LONGEST:,} characters",
        **PANEL_RULES,
    }

    preset: Preset = "r1curate"
    """The form of question and answer. r1curate: for any model, reasons and then a verdict. paper: DeepSeek-R1's, reasons and a verdict in JSON. compass_verifier, xverify: those that models of these names were trained on, without reasons."""

    @property
    def output(self) -> str:
        """The form of the preset's answers."""
        return ANSWER_FORMS[self.preset].output

    def find_case(self, sample: Sample) -> Look | Verdict:
        """The final answer where one is named, else the end of what follows the chain."""
        reference = (sample.prompt.answer or "").strip()
        if not reference:
            return Verdict(None, "no_reference")
        parts = sample.parts
        found = extract_answer(parts)
        if parts.answer_span is None or found.how == "unclosed_think":
            return Verdict(False, f"no_answer: {CUT_OFF if parts.cut else 'think is not closed'}")
        whole = (parts.answer or "").strip()
        # What takes an answer back, or offers another beside it, must be seen.
        named = found.how in EXPLICIT and found.strong and not found.doubt and not found.rival
        answer = found.text.strip() if named else whole[-ANSWER_TAIL:]
        if answer == reference:
            return Verdict(True, "identical", 1.0, found.span)
        if max(len(answer), len(reference)) > LONGEST:
            return Verdict(None, "too_long")
        shown = clean_text(answer).strip()
        if says_nothing(shown):
            return Verdict(False, "no_answer")
        return Look(Case(sample.prompt, shown), parts.answer_span)

    def write_form(self, case: Case, number: int) -> str:
        """The preset's form."""
        return ANSWER_FORMS[self.preset].write(case, number)

    def read_vote(self, made: Completion) -> Verdict:
        """The verdict in the preset's form, strictly; anything else is undecided."""
        found = ANSWER_FORMS[self.preset].read(made)
        if isinstance(found, Verdict):
            return found
        label, analysis = found
        ok = {"correct": True, "incorrect": False}.get(label)
        return Verdict(ok, f"{label}: {analysis}", None if ok is None else float(ok))

    def decide(self, votes: Sequence[Verdict]) -> Verdict:
        """The verdict that all votes share, or none."""
        if len({vote.ok for vote in votes}) == 1:
            return votes[0]
        share = Counter(vote.ok for vote in votes)[True]
        return Verdict(None, f"disagree: {share} of {len(votes)} say correct", share / len(votes))
