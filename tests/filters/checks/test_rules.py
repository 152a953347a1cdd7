"""Every check declares its rules: what its verdicts' reasons begin with, by running it and by reading its source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.check import COMMON_RULES, Check, EngineCheck
from filters.registry import CHECKS, find_check_class, make_check
from filters.set_check import SetCheck
from filters.types import Prompt, Sample, Verdict
from tests.filters.checks.source_rules import literals, reachable, reason_rules, tree_of
from tests.filters.checks.test_near_duplicate import judge as judge_signed

RUNNABLE = [
    name
    for name in CHECKS
    if not issubclass(find_check_class(name), EngineCheck) and not find_check_class(name).resident
]
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "text": [{"min_f1": 0.5}],
    "number": [{"relative": 0.01, "absolute": 0.5}],
    "agreement": [{"min_samples": 2, "min_share": 0.9}],
    "overlong": [{"max_tokens": 5}, {"final_answer": "always"}],
    "overlong_penalty": [{"max_tokens": 20, "buffer": 10}],
    "paragraphs": [{"max_tokens": 3}, {"large": 10, "max_tokens": 10**6}],
    "repetition": [{"max_line_share": 0.1, "max_text_share": 0.05}],
    "summary": [{"least_words": 0}],
    "gold_suspect": [{"min_samples": 2}],
    "near_duplicate": [{"of": "response", "likeness": 0.4}],
}
"""Options beside the defaults, under which other rules are reached."""
PARTS = [
    *(
        "<think>",
        "</think>",
        "<think>\nSo we add.\n</think>\n",
        "\\boxed{19}",
        "\\boxed{",
        "<answer>B</answer>",
        "#### 18",
    ),
    *(
        "The answer is 7.",
        "**19**",
        "19 or so",
        "Wait, no.",
        "A",
        "yes",
        "1/2 m",
        "$x^2 = 4$",
        "[1, 2",
        '{"a": 1}',
        "NaN",
    ),
    *(
        "```python\nprint(1)\n```\n",
        "def f(x):\n    return x\nprint(f(1))\n",
        "I'm sorry, but I can't help with that.",
        "As an AI",
    ),
    *(
        "the reference answer says 7",
        "system prompt",
        "</s>",
        "<|im_end|>",
        "所以答案是七。",
        "Это другой язык.",
        "You idiot!",
    ),
    *(
        "Let me check that again. ",
        "word and another word " * 30,
        "the same line stands here\n" * 12,
        "\n",
        " ",
        "\x00",
        "\ud800",
    ),
    *(
        "x" * 9_000,
        "Das ist ein ganz normaler deutscher Satz, der hier steht. " * 3,
        "\n\n",
        "{",
        "}",
        "[" * 50 + "]" * 50,
    ),
]
REFERENCES = [
    "19",
    "",
    None,
    "B",
    "yes",
    "1/2 m",
    '{"a": 1}',
    "[" * 50,
    "\\frac{",
    "(1, 2)",
    "Paris",
    "a \\boxed{7}",
    "x^2=4",
]
INSTRUCTIONS: list[Any] = [
    None,
    [],
    "none",
    [{"id": "punctuation:no_comma"}],
    [{"id": "no_such:thing"}],
    [{"id": "keywords:existence"}],
    [{"id": "keywords:existence", "keywords": ["cat", "answer"]}],
    [{"id": "keywords:existence", "keywords": ["ord"]}],
]
PROMPTS = [
    Prompt.make("What is 12 plus 7? A: 18 B: 19", reference, language=language, extra=extra)
    for number, reference in enumerate(REFERENCES)
    for language, extra in [
        (("en", "zh", None)[number % 3], {"instructions": INSTRUCTIONS[number % len(INSTRUCTIONS)]}),
        ("en", {"aliases": ["nineteen", "seven"], "instructions": [{"id": "punctuation:no_comma"}]}),
    ]
]
TEXTS = [
    "",
    "no tags",
    *PARTS,
    *(f"<think>First we look at it. The answer is 7.</think>{part}" for part in PARTS),
    *(f"<think>{part}</think>The answer is \\boxed{{19}}." for part in PARTS),
]
FINISHES = ["stop", "length", "repetition", "abort"]


def samples_of(prompt: Prompt, texts: list[str], finish: str = "stop") -> list[Sample]:
    return [Sample(str(number), prompt, text, number, finish=finish) for number, text in enumerate(texts)]


def checks_of(name: str) -> Iterator[Check]:
    yield make_check(name)
    for options in OPTIONS.get(name, []):
        yield make_check(name, options)


def judge(check: Check, samples: list[Sample]) -> list[Verdict]:
    return judge_signed(check, samples) if isinstance(check, SetCheck) else check.check(samples)


def rules_in_source(name: str) -> set[str]:
    cls = find_check_class(name)
    code = reachable(cls.__module__, cls.__name__)
    return {rule for module, node in code for rule in reason_rules(module, node)}


def assert_declared(check: Check, verdicts: list[Verdict]) -> None:
    allowed = check.rules.keys() | COMMON_RULES.keys()
    undeclared = {verdict.reason for verdict in verdicts if verdict.reason and verdict.rule not in allowed}
    assert not undeclared, f"{check.name} does not declare what these begin with"


@pytest.mark.parametrize("name", RUNNABLE)
def test_every_rule_that_is_given_is_declared(name: str):
    seen: set[str] = set()
    for check in checks_of(name):
        for number, prompt in enumerate(PROMPTS):
            verdicts = judge(check, samples_of(prompt, TEXTS, FINISHES[number % len(FINISHES)]))
            assert_declared(check, verdicts)
            seen |= {verdict.rule for verdict in verdicts}
    assert "crashed" not in seen
    assert find_check_class(name).rules.keys() - seen - rules_in_source(name) == set()


@pytest.mark.parametrize("name", RUNNABLE)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_hostile_text_gets_an_undeclared_rule(name: str, data: st.DataObject):
    texts = st.lists(st.sampled_from(PARTS) | st.text(max_size=30), max_size=6).map("".join)
    batch = samples_of(
        data.draw(st.sampled_from(PROMPTS)),
        data.draw(st.lists(texts, min_size=1, max_size=5)),
        data.draw(st.sampled_from(FINISHES)),
    )
    for check in checks_of(name):
        assert_declared(check, judge(check, batch))


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_describes_itself(name: str):
    cls = find_check_class(name)
    assert "role" in cls.__dict__
    first = (cls.__doc__ or "").partition("\n")[0]
    assert first.endswith(".")
    assert not first.startswith(("Whether", "Rules"))
    assert "rules" in cls.__dict__
    assert cls.rules
    for rule, meaning in {**cls.rules, **COMMON_RULES}.items():
        assert rule.isidentifier(), rule
        assert meaning.strip() == meaning != "", rule
        assert "\n" not in meaning, rule
    # A program that takes too long is wrong; the check that does so is undecided, and says another thing behind the colon.
    own = {"timeout"} if name == "code_tests" else set()
    assert cls.rules.keys() & COMMON_RULES.keys() == own


@pytest.mark.parametrize("name", CHECKS)
def test_the_declaration_is_what_the_source_says(name: str):
    """Read off the code that a class can reach: its own, and the functions of this project that it names."""
    cls, begins = find_check_class(name), rules_in_source(name)
    assert begins, "no verdict was found: the test does not understand this check"
    assert begins <= cls.rules.keys() | COMMON_RULES.keys()
    written = {text for _, node in reachable(cls.__module__, cls.__name__) for text in literals(node)}
    assert cls.rules.keys() - written == set(), "declared, but nowhere given"


def test_the_rules_that_others_add_are_in_their_source():
    added = {
        "crashed": "filters.check",
        "timeout": "curate.checking.executors.local",
        "engine_failed": "filters.judges.language_model",
        "not_asked": "curate.store.stale_verdicts",
        "judge_unreliable": "filters.judges.bounds",
    }
    assert added.keys() == COMMON_RULES.keys()
    for rule, module in added.items():
        assert any(rule in literals(node) for node in tree_of(module).body), rule


class Undeclared(Check):
    """A check with a rule too many and one too few."""

    rules: ClassVar[dict[str, str]] = {"stale": "nothing gives it"}

    def check(self, batch: Any) -> list[Verdict]:
        rule = "true" if batch else "never"
        return [Verdict(True, f"{rule}: {len(batch)}"), _fault("wrong", "as told")]


def _fault(rule: str, detail: str) -> Verdict:
    return Verdict(False, f"{rule}: {detail}"[:300])


def test_the_source_is_understood():
    code = reachable(__name__, "Undeclared")
    assert {rule for module, node in code for rule in reason_rules(module, node)} == {
        "true",
        "never",
        "wrong",
    }
    assert "stale" not in {text for _, node in code for text in literals(node)}
