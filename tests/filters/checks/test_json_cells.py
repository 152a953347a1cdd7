import json
import time

import pytest

from filters.checks.json_cells import JsonCells
from filters.types import Prompt, Sample, Verdict

GRID = '{"House 1": {"Name": "Anna", "Pet": "cat"}, "House 2": {"Name": "Bob", "Pet": 3}}'


def judge(reference: str | None, response: str) -> Verdict:
    return JsonCells().check([Sample("s", Prompt.make("q", reference), response)])[0]


def test_equal_cells_are_right_whatever_order_space_and_case() -> None:
    answer = '{"house 2": {"Pet": 3.0, "Name": " bob "}, "House 1": {"Name": "ANNA", "Pet": "Cat"}}'
    verdict = judge(GRID, f"<think>{{}}</think>Here it is:\n```json\n{answer}\n```\nDone.")
    assert verdict.ok is True
    assert verdict.reason == "equal: 4 cells"
    assert verdict.score == 1.0


def test_the_score_is_the_share_of_right_cells_and_only_all_are_true() -> None:
    verdict = judge(GRID, GRID.replace("cat", "dog"))
    assert verdict.ok is False
    assert verdict.score == 0.75
    assert verdict.reason == "different: 3 of 4 cells, first wrong: house 1.pet"
    assert judge('{"a": 1}', '{"a": 1, "b": 2}').score == 0.5
    assert judge("[1, 2, 3]", "[1, 2]").ok is False


@pytest.mark.parametrize(
    ("reference", "answer", "ok"),
    [
        ('{"a": 1}', '{"a": "1"}', False),
        ('{"a": 1}', '{"a": true}', False),
        ('{"a": null}', '{"a": false}', False),
        ('{"a": 0.1}', '{"a": 1e-1}', True),
        ('{"a": []}', '{"a": {}}', False),
        ('{"a": []}', '{"a": []}', True),
        ('{"a": 100000000000000000001}', '{"a": 100000000000000000002}', False),
        ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]", True),
        ("[[1, 2], [3, 4]]", "[[1, 3], [2, 4]]", False),
    ],
)
def test_cells_are_typed_and_exact(reference: str, answer: str, ok: bool) -> None:
    assert judge(reference, f"So: {answer}").ok is ok


def test_the_last_value_of_the_references_kind_counts() -> None:
    assert judge('{"a": 1}', '{"a": 2}, no, rather {"a": 1}. See [3].').ok is True
    assert judge('{"a": "}"}', 'x in [0, 1) gives {"a": "}"} ').ok is True
    assert judge('{"a": 1}', '```\n{"a": 1}\n```\nand not {"a": 2}').ok is True
    assert judge('{"a": 1}', r'It is \boxed{{"a": 1}}.').ok is True
    response = '<think>x</think>It is 5" wide: {"a": 1}'
    verdict = judge('{"a": 1}', response)
    assert verdict.span is not None
    assert response[slice(*verdict.span)] == '{"a": 1}'


COLOURS = '{"Alice": "red", "Bob": "blue"}'
SWAPPED = '{"Alice": "blue", "Bob": "red"}'
FENCED = f"```json\n{COLOURS}\n```"


@pytest.mark.parametrize(
    "response",
    [
        f"It is not {COLOURS}.",
        f"It is not\n{FENCED}",
        f"{FENCED}\nThis is wrong.",
        f"For example: {COLOURS}",
        f"{FENCED}\nCorrected:\n{SWAPPED}",
        f"{FENCED}\n\nFinal answer:\n{SWAPPED}",
        f"```json\n{SWAPPED}\n```\nor\n{FENCED}",
        f"{SWAPPED} oder {COLOURS}",
    ],
)
def test_words_and_other_values_beside_the_json_are_doubts(response: str) -> None:
    assert judge(COLOURS, response).rule == "doubt"


@pytest.mark.parametrize(
    "response",
    [
        f"{COLOURS}\n\nHope this helps {{smile}}!",
        f'{FENCED}\n\nThe template was:\n```json\n{{"Alice": "...", "Bob": "..."}}\n```',
        f"{FENCED}\nand not {SWAPPED}",
        FENCED.replace("\n", "\r\n"),
        f"A first try is {SWAPPED}. Bob likes blue, so it must be the other way round:\n{FENCED}",
        f'{FENCED}\nAlice has {{"Alice": "red"}} by clue 1.',
    ],
)
def test_what_is_no_other_answer_is_no_doubt(response: str) -> None:
    assert judge(COLOURS, response).ok is True


@pytest.mark.parametrize(
    ("reference", "answer"), [("Aa", "AA"), ("5 mW", "5 MW"), ("Pa", "PA"), ("NaCl", "NACL"), ("x1", "X1")]
)
def test_case_counts_in_what_may_be_a_symbol(reference: str, answer: str) -> None:
    one, two = json.dumps({"g": reference, "n": 1}), json.dumps({"g": answer, "n": 1})
    assert judge(one, two).rule == "unsure"
    assert judge(one, two.replace("1}", "2}")).rule == "different"


@pytest.mark.parametrize(
    ("response", "rule"),
    [
        ("<think>{}", "unclosed_think"),
        ("It is 4.", "no_json"),
        ("{'a': 1}", "invalid_json"),
        ('{"a": NaN}', "invalid_json"),
        ('{"a": 1, "A": 2}', "different"),
        ('{"House": 1, "HOUSE": 2}', "invalid_json"),
        ('{"a": 1,}', "invalid_json"),
        ("```json\n{broken}\n```", "invalid_json"),
    ],
)
def test_what_is_no_strict_json_is_false(response: str, rule: str) -> None:
    verdict = judge('{"a": 1}', response)
    assert (verdict.ok, verdict.rule) == (False, rule)


def test_without_a_readable_reference_nothing_is_decided() -> None:
    assert judge(None, "{}").reason == "no_reference"
    assert judge("seven", "{}").rule == "unreadable_reference"
    assert judge("7", "7").reason == "unreadable_reference: not a JSON object or list"


HOSTILE = ["[" * 200_000, '{"' + '\\"' * 100_000, '"' * 200_000, "[" * 50_000 + "]" * 50_000, "{}" * 100_000,
           '{"a": ' + "9" * 90_000 + "}", '{"a": 1e999999999999999999999}', "```\n" * 50_000, "[\n" * 90_000,
           '{"a": "' + "x" * 300_000 + '"}', '{"a": [' + "[1]," * 20_000 + "1]}", '[" ' * 60_000]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("reference", ['{"a": 1}', "[1]"])
def test_hostile_texts_are_never_right_slow_or_fatal(number: int, reference: str) -> None:
    started = time.thread_time()
    verdict = judge(reference, HOSTILE[number])
    assert verdict.ok is not True
    assert verdict.rule != "crashed"
    assert time.thread_time() - started < 1


def test_deep_and_long_values_are_undecided() -> None:
    deep = "[" * 40 + "]" * 40
    assert judge("[1]", deep).rule == "too_large"
    assert judge(json.dumps([1] * 60_000), "[1]").rule == "unreadable_reference"
