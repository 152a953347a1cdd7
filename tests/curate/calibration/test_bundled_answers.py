"""The labels that ship with the package are right as far as rules can tell, and a judge is asked about each of them."""

from collections import Counter

import pytest

from curate.calibration.bundled_answers import list_bundled_cases, read_questions
from filters.judges.language_model import Look
from filters.registry import make_check
from tests.curate.calibration.scripted_judges import make_judge


@pytest.mark.parametrize("name", ["math_answer", "text"])
def test_no_rule_contradicts_a_label(name: str) -> None:
    cases = list_bundled_cases()
    verdicts = make_check(name).check([case.sample for case in cases])
    wrong = [
        (case.sample.prompt.answer, case.sample.response, verdict.reason)
        for case, verdict in zip(cases, verdicts, strict=True)
        if verdict.ok is not None and verdict.ok is not case.right
    ]
    assert wrong == []
    assert sum(verdict.ok is not None for verdict in verdicts) > 20


def test_they_are_many_and_balanced_and_each_is_another_question_to_a_judge() -> None:
    cases, check = list_bundled_cases(), make_judge()
    assert min(Counter(case.right for case in cases).values()) >= 160
    assert len({case.right for case in cases}) == 2
    assert Counter(case.right for case in cases)[True] * 2 == len(cases)
    assert len({case.sample.id for case in cases}) == len(cases)
    looks = [check.find_case(case.sample) for case in cases]
    assert all(isinstance(look, Look) for look in looks)
    assert len({look.case.key for look in looks}) == len(cases)


def test_they_are_of_many_kinds_and_languages() -> None:
    questions = read_questions()
    kinds, languages = ({getattr(one, of) for one in questions} for of in ("kind", "language"))
    assert kinds >= {"integer", "fraction", "unit", "latex", "interval", "set", "name", "date", "choice"}
    assert kinds >= {"yes_no", "parts", "text", "sentence", "matrix", "equation", "percent", "chemistry"}
    assert languages >= {"en", "zh", "es", "de", "fr", "ja", "ru", "ar", "pt", "ko", "hi"}
    assert len({one.prompt.id for one in questions}) == len(questions)
