"""One pair by hand: the verdict, what was extracted, and by which rule."""

import io
import re
import sys
from types import SimpleNamespace

import pytest

from curate import VerifyOptions, verify_samples
from curate.checking.one_pair import JudgedPair, PairResult, judge_pair
from curate.cli import app
from filters.errors import UserError
from filters.spec import make_spec
from tests.curate.checking.test_local_executor import spec
from tests.shown import shown


def judge(answer: str, response: str, prompt: str = "", check: str = "math_answer") -> JudgedPair:
    (judged,) = judge_pair(answer, response, prompt, [make_spec(check)]).judged
    return judged


def lines(result: object) -> dict[str, str]:
    """The rows of the one table that is shown."""
    assert isinstance(result, PairResult)
    found = re.findall(r"^│ (.*?) +│ (.*?) +│$", shown(result, width=400), re.MULTILINE)
    return dict(found)


def verify(*arguments: str) -> dict[str, str]:
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    return lines(verify_samples(VerifyOptions(**given)))  # type: ignore[arg-type]


def test_a_pair_is_judged_and_what_was_extracted_is_shown():
    assert verify("answer", "3/4", "response", "<think>so</think>So it is \\boxed{0.75}.") == {
        "verdict": "true",
        "rule": "equal: the final answer is proved equal to the reference answer",
        "reason": "equal: box, value, got 0.75, expected 3/4",
        "extracted": "0.75",
        "found": "box, characters 33 to 37: 0.75",
        "reference": "3/4",
        "reference is": "read whole",
    }


def test_what_could_not_be_read_is_shown():
    said = verify("answer", r"\nabla f", "response", r"\boxed{\nabla g}")
    assert said["verdict"] == "undecided"
    assert (
        said["rule"]
        == "unreadable_reference: undecided: the reference answer is not read whole, and the answer is not written the same way"
    )
    assert said["reference is"] == r"not read whole: the command \nabla"
    assert said["not read"] == r"the command \nabla; the command \nabla"


def test_a_response_without_an_answer_and_a_pair_without_a_reference():
    said = verify("answer", "7", "response", "<think>so")
    assert (said["verdict"], said["extracted"], said["found"]) == ("false", "no answer", "unclosed_think")
    said = verify("answer", " ", "response", "7")
    assert (said["verdict"], said["reference"], said["reference is"]) == ("undecided", "none", "missing")


def test_a_guess_is_called_one():
    assert verify("answer", "7", "response", "We take 5 and get **8** or so.")["found"] == (
        "emphasis, a guess, characters 20 to 21: 8"
    )


def test_the_prompt_counts():
    prompt = "Which is red?\n(A) the sky\n(B) a cherry"
    assert judge("B", "It is \\boxed{a cherry}.", prompt).verdict.ok is True
    assert judge("B", "It is \\boxed{a cherry}.").verdict.ok is not True


@pytest.mark.parametrize(
    ("check", "answer", "response", "ok"),
    [
        ("text", "Paris", "\\boxed{paris}", True),
        ("number:relative=0.01", "100", "\\boxed{100.5}", True),
        ("choice", "B", "\\boxed{C}", False),
        ("json", '{"a": 1}', '{"a": 1}', True),
    ],
)
def test_every_check_that_compares_a_reference_can_be_asked(check: str, answer: str, response: str, ok: bool):
    assert judge(answer, response, check=check).verdict.ok is ok


def test_what_a_check_of_ones_own_extracts_is_not_claimed():
    (judged,) = judge_pair("7", "8", "", [spec("Gullible")]).judged
    assert judged.verdict.ok is True and judged.found is None and judged.meaning == ""


def test_several_checks_have_a_table_each():
    said = shown(verify_samples(VerifyOptions(answer="7", response="7", check=["math_answer", "text"])))
    assert said.count("verdict") == 2 and re.search(r"^ +text", said, re.MULTILINE)


@pytest.mark.parametrize(
    ("check", "why"),
    [
        ("format", "'format' cannot judge one pair: it does not compare a response with a reference answer."),
        ("code_tests:unsafe_no_sandbox=true", "'code_tests' cannot judge one pair: it does not compare"),
        ("agreement", "'agreement' cannot judge one pair: it judges all samples of a prompt together."),
        (
            "near_duplicate",
            "'near_duplicate' cannot judge one pair: it judges all samples of a set together.",
        ),
        ("judge:engine.model=m", "'judge' cannot judge one pair: it needs a language model"),
    ],
)
def test_a_check_that_cannot_judge_one_pair_is_refused(check: str, why: str):
    with pytest.raises(UserError) as refusal:
        judge("7", "7", check=check)
    assert str(refusal.value).startswith(why)


@pytest.fixture
def r1curate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["r1curate", "verify", *arguments])
        code = 0
        try:
            app.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, *capsys.readouterr()

    return call


def test_the_command_exits_0_whatever_the_verdict(r1curate):
    for answer, verdict in (("-5", "true"), ("5", "false"), ("Paris", "undecided")):
        code, out, _ = r1curate("--answer", answer, "--response", "It is \\boxed{-5}.")
        assert code == 0 and re.search(rf"verdict +│ {verdict} ", out)


def test_a_response_is_read_from_standard_input(r1curate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO("Es ist \\boxed{五}.\n".encode())))
    code, out, _ = r1curate("--answer", "5", "--response", "-")
    assert code == 0 and "characters 14 to 15: 五" in out
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xff")))
    code, _, err = r1curate("--answer", "5", "--response", "-")
    assert (code, err) == (2, "r1curate: The response on standard input is not UTF-8 text.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'SOURCE': give a run or a file, or one pair as --answer A --response R"),
        (["--answer", "5"], "One pair is given as --answer A --response R; --response R is missing."),
        (["--response", "5"], "One pair is given as --answer A --response R; --answer A is missing."),
        (["--prompt", "5"], "One pair is given as --answer A --response R; --answer A is missing."),
        (
            ["rows.jsonl", "--answer", "5", "--response", "5"],
            "verify judges a run or a file, or one pair: give either 'rows.jsonl' or --answer and --response.",
        ),
        (["rows.jsonl", "--prompt", "5"], "verify judges a run or a file, or one pair: give either"),
        (
            ["--answer", "5", "--response", "5", "--out", "o.jsonl"],
            "--out is for a run or a file, not for one pair.",
        ),
        (
            ["--answer", "5", "--response", "5", "--audit"],
            "--audit is for a run or a file, not for one pair.",
        ),
    ],
)
def test_half_a_pair_or_too_much_is_refused(r1curate, arguments: list[str], said: str):
    code, _, err = r1curate(*arguments)
    assert code == 2
    (line,) = err.splitlines()
    assert line.startswith(f"r1curate: {said}")


def test_hostile_text_is_shown_by_name(r1curate):
    hostile = "\x1b[31m[bold]\u202e \ud800"
    code, out, err = r1curate("--answer", hostile, "--response", f"\\boxed{{{hostile}}}", "--prompt", hostile)
    assert (code, err) == (0, "")
    assert "\x1b[31m" not in out and "\u202e" not in out and "⟨U+001B⟩" in out and "[bold]" in out
