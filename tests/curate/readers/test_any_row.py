"""Whatever a row holds: its texts come out as they stood there, or it is refused; no other error, in linear time."""

import contextlib
import json
import re
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.readers.prompts import make_prompts
from curate.readers.read_samples import ReadSample, SampleReader
from curate.readers.row import Row
from curate.readers.shapes import columns as names
from curate.readers.shapes.chains import normalize_chain
from curate.readers.shapes.facts import DOMAINS, FINISHES, IDS, TOKENS
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.templates import has_tokens, parse_rendered, strip_end
from filters.errors import UserError

QUICK = settings(deadline=None, max_examples=300, derandomize=True, suppress_health_check=list(HealthCheck))
WORDS = ["plum", "seven", "so 15", "Wait", "答案", "é", "\x00", "\ud83d", "x < y", "a\nb"]
MARKS = [
    "<think>", "</think>", "<thinking>", "</thinking>", "</THINK>", "<|begin_of_thought|>", "<|end_of_thought|>",
    "<|begin_of_solution|>", "<|end_of_solution|>", "[THINK]", "[/THINK]", "◁/think▷", "`</think>`", "<answer>",
]  # fmt: skip
TEMPLATES = [
    "<|im_start|>user\n", "<|im_start|>assistant\n", "<|im_end|>\n", "<｜User｜>", "<｜Assistant｜>", "[INST]", "[/INST]",
    "<|start|>assistant", "<|channel|>analysis<|message|>", "<|channel|>final<|message|>", "<|end|>", "<|return|>",
    "<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>", "<start_of_turn>user\n", "<end_of_turn>", "</s>",
]  # fmt: skip
COLUMNS = [
    *names.PROMPTS, *names.SYSTEMS, *names.HISTORIES, *names.TURNS, *names.LISTS, *names.LOOSE_LISTS, *names.RESPONSES,
    *names.CHAINS, *names.REFERENCES, *names.LONG_REFERENCES, *FINISHES[:2], *TOKENS[:2], *IDS[:2], *DOMAINS[:2],
    "text", "verdicts", "kept", "r1_solution_1", "r1_solution_2", "a_responses", "a_thinking_trajectory", "a_attempt",
    "correctness", "is_correct", "grade", "pass_rate", "tool_calls", "language", "inputs", "reward_model",
]  # fmt: skip

plain_texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
marked_texts = st.lists(st.sampled_from([*WORDS, *MARKS]), min_size=1, max_size=5).map(" ".join)
chained_texts = st.builds(
    "{}{}{}{}".format, st.sampled_from(MARKS), plain_texts, st.sampled_from(MARKS), plain_texts
)
hostile_texts = st.lists(st.sampled_from([*WORDS, *MARKS, *TEMPLATES]), max_size=6).map("".join)
rendered_texts = st.builds(
    "{0}{2}{1}\n{0}{3}{1}".format, *map(st.sampled_from, (TEMPLATES, TEMPLATES, WORDS, WORDS))
)
texts = st.one_of(
    plain_texts, plain_texts, marked_texts, chained_texts, hostile_texts, rendered_texts, st.just("")
)
scalars = st.one_of(
    texts, st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.binary(max_size=3), plain_texts
)
contents = st.one_of(
    texts, st.none(), st.integers(), st.lists(st.fixed_dictionaries({"type": st.sampled_from(["text", "image"])},
    optional={"text": texts}), max_size=2), st.dictionaries(st.sampled_from(["text", "a"]), scalars, max_size=2),
)  # fmt: skip
calls = st.one_of(
    st.none(), texts, st.lists(st.fixed_dictionaries({"name": texts, "arguments": scalars}), max_size=2)
)
turns = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant", "system", "tool", "human", "gpt", "odd", 3])},
            optional={"content": contents, "reasoning_content": contents, "thinking": texts, "tool_calls": calls,
                      "info": st.dictionaries(st.sampled_from(["think_content", "reference_answer"]), scalars)},
        ),
        st.fixed_dictionaries({"from": st.sampled_from(["human", "gpt", "system"]), "value": contents}),
        scalars,
    ),
    max_size=4,
)  # fmt: skip
chats = st.lists(texts, min_size=2, max_size=4).map(
    lambda said: [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(said)]
)
nested = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=2)),
    max_leaves=6,
)
cells = st.one_of(texts, texts, nested, turns, chats, st.lists(texts, max_size=3), chats.map(json.dumps), chats.map(str),
                  turns.map(lambda value: {"role": value, "content": value}))  # fmt: skip
rows = st.dictionaries(st.sampled_from(COLUMNS), cells, max_size=6)
answered = st.one_of(
    st.fixed_dictionaries(
        {"prompt": st.one_of(texts, chats), "response": st.one_of(texts, chats)},
        optional={"reasoning": texts, "system": texts, "input": texts, "solution": texts, "messages": chats},
    ),
    st.fixed_dictionaries(
        {"problem": texts, "generations": st.lists(texts, min_size=1, max_size=3)},
        optional={
            "messages": chats,
            "answer": scalars,
            "is_correct": st.lists(st.booleans(), min_size=1, max_size=3),
        },
    ),
    st.fixed_dictionaries(
        {"messages": st.one_of(chats, turns)}, optional={"system": texts, "reasoning": texts}
    ),
    st.fixed_dictionaries({"text": texts}),
)


def read(row: dict[str, Any]) -> list[ReadSample]:
    (found,) = SampleReader("row").read([Row("row 1", row)])
    return found.samples


def texts_in(value: Any) -> set[str]:
    """Every text of a value, and the numbers that a cell may be."""
    if isinstance(value, str):
        found = {value}
        with contextlib.suppress(ValueError):
            found |= texts_in(json.loads(value)) if value[:1] in "[{" else set()
        return found
    if isinstance(value, dict):
        return set().union(*map(texts_in, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(texts_in, value)) if value else set()
    return {str(value)} if isinstance(value, (int, float)) and not isinstance(value, bool) else set()


def require_place(error: UserError) -> None:
    """A refusal is one sentence with the row's place."""
    assert str(error).startswith("row 1: ") and str(error).endswith(".") and len(str(error)) < 2000


SYNTAX = re.compile(
    r"<\|?/?[^<>\n|]{1,20}\|?>|</?\w+ ?>|<｜\w+｜>|\[/?INST\]|\[/?THINK\]|◁/?think▷|### \w+:|Human:|Assistant:|\s+"
)


def pieces(text: str) -> list[str]:
    """A text's words without marks and tokens, blanks or not."""
    return [one for one in SYNTAX.sub("\n", text).split("\n") if one.strip()]


def from_row(text: str, there: str) -> bool:
    """Whether every word of a text stands in the row's own texts."""
    return all(word in there for word in pieces(text))


@QUICK
@given(st.one_of(rows, answered))
def test_what_comes_out_stood_in_the_row(row: dict[str, Any]):
    try:
        samples = read(row)
    except UserError as error:
        require_place(error)
        return
    there = "\n".join(texts_in(row))
    for sample in samples:
        response = sample.reading.response
        said = [
            re.sub(r"<tool_call>\n.*\n</tool_call>", "", m["content"], flags=re.S)
            for m in sample.prompt.messages
        ]
        assert all(from_row(text, there) for text in (response, *said))
        assert not any(has_tokens(text) for text in (response, *said))
        assert not re.search(
            r"""[{\[]["']?(?:role|content|from|value|type)["']?:""", response + "".join(said)
        )
        again = read_again(row, sample)
        assert again.reading.response == response
        assert again.reading.generation == sample.reading.generation
        if isinstance(row.get("response", ""), str) and "echoed prompts" not in sample.reading.notes:
            assert again.prompt.messages == sample.prompt.messages


def read_again(row: dict[str, Any], sample: ReadSample) -> ReadSample:
    """A sample from the row that `filter` wrote for it, given back."""
    own = {**row, "response": sample.reading.response, "verdicts": {}, "kept": True}
    if sample.reading.generation is not None:
        own["generation"] = sample.reading.generation
    (again,) = read(own)
    return again


@QUICK
@given(rows)
def test_prompts_are_read_or_refused(row: dict[str, Any]):
    try:
        (prompt,) = make_prompts([Row("row 1", row)])
    except UserError as error:
        require_place(error)
    else:
        assert not any(has_tokens(message["content"]) for message in prompt.messages)


@QUICK
@given(texts)
def test_a_normal_response_stays_as_it_is(text: str):
    try:
        once = normalize_chain(text).text
    except Misfit:
        return
    assert normalize_chain(once).text == once
    assert strip_end(strip_end(once)) == strip_end(once)


@QUICK
@given(plain_texts, plain_texts)
def test_the_normal_form_comes_out_letter_by_letter(chain: str, answer: str):
    response = f"<think>{chain} [/THINK] </thinking>\n</think>  {answer}"
    assert read({"prompt": "Why?", "response": response})[0].reading.response == response


HOSTILE = [
    "<think>", "</think>", "<thinking>", "</thinking >", "< / think", "< ", "<|", "[THINK]", "[/THINK]", "[INST]", "[INST]x[/INST]",
    "[INST] <<SYS>>", "<|im_start|>user\n", "<|im_start|>assistant\nx<|im_end|>\n", "<|im_end|>", "<|im_end|> \n", "</s>",
    "<|channel|>analysis<|message|>", "<|channel|>final<|message|>", "<|start|>assistant<|channel|>analysis<|message|>x<|end|>",
    "<|start_header_id|>user<|end_header_id|>\n", "<｜User｜>", "<｜", "### Instruction:\n", "\n\nHuman: x\n\nAssistant: y", "\n", " ",
    '[{"role": ', "[{'role': ", "[", "{", "`</think>`", "<|begin_of_thought|>", "<|end_of_solution|>", "analysis", "assistantfinal",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize(
    "before", ["", "x", "<|channel|>analysis<|message|>a<|channel|>final<|message|>", "<thinking>"]
)
def test_a_megabyte_of_marks_is_read_in_linear_time(piece: str, before: str):
    text = before + piece * (1_000_000 // len(piece))
    start = time.perf_counter()
    for row in (
        {"prompt": "Why?", "response": text},
        {"prompt": text, "response": "x"},
        {"text": text + "x"},
    ):
        with contextlib.suppress(UserError):
            read(row)
    with contextlib.suppress(Misfit):
        parse_rendered(text, words=True)
    assert time.perf_counter() - start < 10
