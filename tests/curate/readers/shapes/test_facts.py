"""What a row says of its samples: ends, tokens, flags, pass rates, names; and what only looks like it."""

from typing import Any

import pytest

from curate.readers.shapes.facts import read_facts
from curate.readers.shapes.language_names import find_language
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.said import read_flag, read_rate


@pytest.mark.parametrize(
    ("row", "flags"),
    [
        (
            {"correctness": True, "verified": 0, "is_correct": 1.0, "judgement": "Right."},
            [True, False, True, True],
        ),
        (
            {"llm_correct": "incorrect", "correctness_math_verify": False, "grade": "yes"},
            [False, False, True],
        ),
        ({"correctness": 1, "grade": 1, "judgment": 0, "llm_correct": 1}, []),
        ({"correctness_count": 1, "num_correct": 1, "avg_correctness": True, "correct_answer": "yes"}, []),
        ({"score": 1.0, "reward": 1, "verifier_score": 1.0, "answer": "yes", "grade_reason": "correct"}, []),
        ({"correct": None, "grade": "A", "judgement": "partly correct", "verified": float("nan")}, []),
    ],
)
def test_flags_are_verdicts_and_scores_are_none(row: dict[str, Any], flags: list[bool]):
    assert sorted(read_facts(row).flags.values()) == sorted(flags)


def test_a_flag_is_a_word_a_flag_or_where_that_is_sure_a_number():
    assert [read_flag(one) for one in (True, "TRUE", " wrong ", "maybe", 1, None)] == [
        True,
        True,
        False,
        None,
        None,
        None,
    ]
    assert [read_flag(one, numbers=True) for one in (1, 0.0, 2, " 1 ", "0.0", "2")] == [
        True,
        False,
        None,
        True,
        False,
        None,
    ]


@pytest.mark.parametrize(
    ("row", "cut"),
    [
        ({"finish_reason": "length"}, ("finish_reason", "length")),
        ({"finish_reason": "stop"}, None),
        ({"stop_reason": " Max_Tokens "}, ("stop_reason", "max_tokens")),
        ({"finish_reason": None, "truncated": True}, ("truncated", "true")),
        ({"truncated": False}, None),
        ({"is_complete": False}, ("is_complete", "false")),
        ({"is_complete": "False"}, ("is_complete", "false")),
        ({"is_reasoning_complete": True, "truncated": "yes"}, ("truncated", "true")),
        ({"finish_reason": {"type": "length", "length": 5}}, ("finish_reason", "length")),
        ({"finish_reason": {"type": "stop", "matched": "\n"}}, None),
        ({"finish_reason": 128009}, None),
    ],
)
def test_how_a_response_ended(row: dict[str, Any], cut: tuple[str, str] | None):
    assert read_facts(row).cut == cut


@pytest.mark.parametrize(
    ("row", "tokens"),
    [
        ({"num_tokens": 30}, 30),
        ({"completion_tokens": 30.0}, 30),
        ({"usage": {"completion_tokens": 30}}, 30),
        ({"num_tokens": "30"}, 30),
        ({"num_tokens": "many"}, None),
        ({"num_tokens": -1}, None),
        ({"num_tokens": float("inf")}, None),
        ({"tokens": [1, 2, 3]}, None),
        ({"content_tokens_len": 30}, None),
    ],
)
def test_tokens_are_counts(row: dict[str, Any], tokens: int | None):
    assert read_facts(row).tokens == tokens


@pytest.mark.parametrize(
    ("row", "rate"),
    [
        ({"pass_rate": 0.5}, 0.5),
        ({"pass_rate_72b_tir": "0.75"}, 0.75),
        ({"pass_rate": "n/a", "llm_pass_rate": 1}, 1.0),
        ({"pass_rate": "n/a"}, None),
        ({"pass_rate": 75}, None),
        ({"pass_rate": "nan"}, None),
        ({"pass_rate": None, "passed": 0.5}, None),
    ],
)
def test_pass_rates_are_shares_in_any_form(row: dict[str, Any], rate: float | None):
    assert read_facts(row).pass_rate == rate
    assert read_rate(True) is None


def test_lists_beside_a_list_of_responses_are_each_its_own():
    row = {
        "is_correct": [True, None],
        "finish_reason": ["stop", "length"],
        "num_tokens": [5, 6],
        "source": "x",
    }
    one, two = read_facts(row, 0, 2), read_facts(row, 1, 2)
    assert (one.flags, one.cut, one.tokens, one.source) == ({"is_correct": True}, None, 5, "x")
    assert (two.flags, two.cut, two.tokens) == ({}, ("finish_reason", "length"), 6)
    with pytest.raises(
        Misfit, match="'finish_reason' has 2 values for 3 responses: which is whose cannot be told"
    ):
        read_facts(row, 0, 3)
    assert read_facts({"num_tokens": [5]}, 0, 3).tokens is None
    assert read_facts(row, 7).flags == {}


def test_names_are_words_or_numbers():
    facts = read_facts(
        {"id": 7, "category": "math", "source": {"a": 1}, "license": None, "language": "python"}
    )
    assert (facts.source_id, facts.domain, facts.source, facts.license, facts.language) == (
        "7",
        "math",
        "",
        "",
        None,
    )
    assert read_facts({"id": None, "uuid": True}).source_id == ""


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("en", "en"), ("EN", "en"), ("eng", "en"), ("en-US", "en"), ("eng_Latn", "en"), ("English", "en"), (" english ", "en"),
        ("zh-CN", "zh"), ("zh_Hans_CN", "zh"), ("zho_Hant", "zh"), ("中文", "zh"), ("Chinese (Simplified)", "zh"),
        ("Simplified Chinese", "zh"), ("cmn", "zh"), ("yue", "yue"), ("es-419", "es"), ("Brazilian Portuguese", "pt"),
        ("Français", "fr"), ("deutsch", "de"), ("日本語", "ja"), ("iw", "he"), ("fil", "tl"), ("Norwegian Bokmål", "no"),
        ("la", "la"), ("is", "is"), ("no", "no"), ("so", "so"), ("Tiếng Việt", "vi"), ("azj_Latn", "az"), ("Polish", "pl"),
        ("pl-PL", "pl"), ("cs_CZ", "cs"), ("javanese", "jv"),
    ],
)  # fmt: skip
def test_languages_by_any_name(named: str, code: str):
    assert find_language(named) == code


@pytest.mark.parametrize(
    "named",
    ["", "unknown", "und", "other", "multilingual", "python", "Python 3", "c", "C++", "C#", "go", "r", "java", "swift",
     "JavaScript", "cpp", "rust", "sql", "bash", "cs", "ml", "hy", "pl", "no-code", "non-english", "no language", "text"],
)  # fmt: skip
def test_what_names_no_language(named: str):
    assert find_language(named) is None


def test_flags_in_other_forms():
    row = {"correct": "0", "is_verified": " 1.0 ", "correctness": "n", "judgement": "Y"}
    assert read_facts(row).flags == {
        "correct": False,
        "is_verified": True,
        "correctness": False,
        "judgement": True,
    }
    assert read_facts({"correct": [False]}, None, 1).flags == {"correct": False}
    assert read_facts({"correctness": [0, 1]}, 0, 2).flags == {"correctness": False}
    assert read_facts({"grade": [0, 1]}, 0, 2).flags == {}
    vague = read_facts({"correct": "partly", "grade": 7, "verified": None})
    assert (vague.flags, sorted(vague.unclear)) == ({}, ["correct", "grade"])


@pytest.mark.parametrize(
    ("name", "said", "word"),
    [
        ("finish_reason", "FinishReason.MAX_TOKENS", "max_tokens"),
        ("finishReason", "FINISH_REASON_MAX_TOKENS", "max_tokens"),
        ("stopReason", "maxTokens", "max_tokens"),
        ("finish_reason", ["length"], "length"),
        ("stop_reason", "model_context_window_exceeded", "model_context_window_exceeded"),
        ("is_truncated", 1, "true"),
        ("truncated", "1", "true"),
        ("finished", False, "false"),
        ("complete", "no", "false"),
        ("complete", "The whole answer.", None),
        ("isFinished", 1, None),
    ],
)
def test_ends_in_other_words(name: str, said: Any, word: str | None):
    assert read_facts({name: said}).cut == (word and (name, word))


def test_lists_in_texts_are_lists():
    row = {"correct": "[true, false]", "finish_reason": '["stop", "length"]', "num_tokens": "[5, 6]"}
    two = read_facts(row, 1, 2)
    assert (two.flags, two.cut, two.tokens) == ({"correct": False}, ("finish_reason", "length"), 6)
    with pytest.raises(Misfit, match="has 2 values for 3 responses"):
        read_facts(row, 0, 3)
    with pytest.raises(Misfit, match="is a list in a text that is not JSON"):
        read_facts({"correct": "[True, False]"}, 0, 2)


def test_the_first_that_says_something_counts():
    row = {
        "id": None, "uuid": "u", "source": "", "dataset": "d", "language": "python", "lang": "en", "num_tokens": None,
        "token_count": 3,
    }  # fmt: skip
    facts = read_facts(row)
    assert (facts.source_id, facts.source, facts.language, facts.tokens) == ("u", "d", "en", 3)
    assert set(facts.said) == {"uuid", "dataset", "lang", "token_count"}
