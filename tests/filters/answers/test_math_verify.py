"""Math-Verify as the last rule: only its yes counts, and a process that hangs or dies is replaced."""

import time
from pathlib import Path

import pytest

import filters.answers.math_verify as second
import filters.checks.math_answer
from filters.checks.math_answer import MathAnswer
from filters.errors import UserError
from filters.registry import make_check
from filters.spec import parse_spec
from filters.types import Prompt, Sample, Verdict

pytest.importorskip("math_verify")


def judge(reference: str, response: str) -> Verdict:
    return MathAnswer(math_verify=True).check([Sample("s", Prompt.make("q", reference), response)])[0]


def test_it_decides_only_what_our_rules_leave_open() -> None:
    assert judge("1/2", r"\boxed{\int_0^1 x \, dx}").reason.startswith("math_verify: box, got")
    assert judge("1/2", r"\boxed{\int_0^1 x \, dx}").ok is True
    assert judge("1/2", r"\boxed{0.5}").rule == "equal"
    assert judge("1/2", r"\boxed{0.6}").rule == "different"


def test_its_no_is_undecided() -> None:
    verdict = judge("1/3", r"\boxed{\int_0^1 x \, dx}")
    assert verdict.ok is None
    assert verdict.rule == "unsure"


def test_weak_finds_text_and_long_answers_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(reference: str, answer: str) -> bool:
        raise AssertionError("asked")

    monkeypatch.setattr(second, "_ask_once", never)
    assert judge("12", "one\n\nWe looked at 12 of them and at some more of those before that.").ok is not True
    assert judge("the red house 1", r"\boxed{the house in red 1}").ok is not True
    assert judge(r"\int_0^1 x", r"\boxed{" + "x+" * 400 + "1}").rule != "crashed"
    assert judge(r"5 \text{ apples or so}", r"\boxed{5 \text{ or so apples}}").ok is not True


def test_a_pair_that_takes_too_long_is_undecided_and_the_next_is_not() -> None:
    assert judge("1", r"\boxed{\int_0^1 2x \, dx}").ok is True, "the process has started"
    started = time.perf_counter()
    slow = judge(
        "7", r"\boxed{\int_0^{\infty} e^{-x^{x^{x}}} \sin(x^x) \, dx + \sum_{k=1}^{1000000000} \frac{1}{k^2}}"
    )
    assert slow.ok is None
    assert time.perf_counter() - started < second.LIMIT_S, (
        "its own deadline ended it: its process was not lost"
    )
    assert judge("2", r"\boxed{\int_0^1 4x \, dx}").ok is True


@pytest.mark.parametrize("answer", ["7_{0}", "7_1", r"7 \text{ m}", r"7^{\circ}", "= 7 = 7 = 8"])
def test_what_it_reads_past_is_not_asked(answer: str) -> None:
    assert judge("7", f"\\boxed{{{answer}}}").rule != "math_verify"


def test_nothing_in_an_answer_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in ("__import__('os').system('touch a')", r"\int_0^1 open('b','w')", "[open('c','w')]"):
        assert judge("7", f"\\boxed{{{text}}}").ok is not True
        second.ask_math_verify(text, "1")
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_the_option_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters.checks.math_answer, "is_installed", lambda: False)
    with pytest.raises(UserError, match=r"math-verify is missing: pip install 'r1curate\[math\]'"):
        make_check(*parse_spec("math_answer:math_verify=true"))
    assert make_check("math_answer").name == "math_answer"
