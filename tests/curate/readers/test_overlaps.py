"""Rows that say something twice, elsewhere, or of each of their samples: nothing of it is lost, taken for another's, or dropped without a word."""

from pathlib import Path
from typing import Any

import pytest

from curate.readers.read_samples import SampleReader
from curate.readers.row import Row
from curate.readers.shapes.plain import read_plain
from curate.readers.shapes.shapes import read_row
from tests.curate.readers.rows import SAID, THINK, USER, A, C, Q, read, read_one, refuse

EACH = {"id": ["a", "b"], "language": ["en", "de"], "source": ["s", "t"], "license": ["mit", "gpl"],
        "domain": ["math", "code"], "pass_rate": [0.1, 0.9], "kept": [True, False], "tokens": [5, 6]}  # fmt: skip


def test_what_parallel_columns_say_is_each_samples_own():
    one, two = read({"problem": Q, "generations": [THINK, A], **EACH})
    assert [
        (s.prompt.source_id, s.prompt.language, s.prompt.source, s.prompt.domain) for s in (one, two)
    ] == [
        ("a", "en", "s", "math"),
        ("b", "de", "t", "code"),
    ]
    assert [s.prompt.extra["license"] for s in (one, two)] == ["mit", "gpl"]
    assert [s.prompt.extra["pass_rate"] for s in (one, two)] == [0.1, 0.9]
    assert [(s.facts.kept, s.facts.tokens) for s in (one, two)] == [(True, 5), (False, 6)]


def test_samples_of_which_nothing_else_is_said_share_their_prompt():
    one, two = read({"problem": Q, "generations": [THINK, A], "id": "p"})
    assert one.prompt is two.prompt


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("category", ["math", "algebra"]),
        ("tokens", True),
        ("tokens", [12, 3]),
        ("tokens", "many"),
        ("id", ["a", "b", "c"]),
    ],
)
@pytest.mark.parametrize("responses", [{"response": THINK}, {"generations": [THINK, A]}])
def test_what_was_not_read_stays_among_the_other_columns(column: str, cell: Any, responses: dict[str, Any]):
    if column == "tokens" and isinstance(cell, list) and "generations" in responses:
        cell = [*cell, 4]
    if column == "category" and "generations" in responses:
        cell = [*cell, "geometry"]
    for sample in read({"prompt": Q, column: cell, **responses}):
        assert sample.prompt.extra == {column: cell}


def test_a_count_with_commas_is_one():
    (sample,) = read({"prompt": Q, "response": THINK, "tokens": "1,234"})
    assert sample.facts.tokens == 1234


@pytest.mark.parametrize(
    "response", ["analysisI see.assistantfinalYes.", "\ufeffanalysisI see.assistantfinalYes."]
)
def test_channels_without_their_marks_are_read_at_a_glance_as_closely(response: str):
    row = {"prompt": Q, "response": response}
    assert read_one(row)[1] == "<think>\nI see.\n</think>\n\nYes."
    assert read_plain(row) is None
    refuse({**row, "response": "analysisI see.assistantcommentary to=f{}"}, "channels")


def test_a_context_that_a_question_only_ends_like_is_asked_too():
    row = {"instruction": "Which of these numbers is larger than 12", "input": "2", "output": THINK}
    assert read_one(row)[0] == [("user", "Which of these numbers is larger than 12\n\n2")]
    assert read_one({**row, "instruction": "Double this:\n2"})[0] == [("user", "Double this:\n2")]


@pytest.mark.parametrize("name", ["chat_template_kwargs", "Chat_Template_Kwargs"])
@pytest.mark.parametrize("cell", [{"custom_instructions": "S"}, '{"custom_instructions": "S"}'])
def test_instructions_are_read_in_any_form(name: str, cell: Any):
    for row in ({"messages": [USER, SAID]}, {"prompt": Q, "response": THINK}):
        assert read_one({**row, name: cell})[0] == [("system", "S"), ("user", Q)]


@pytest.mark.parametrize(
    "response",
    [
        "['Okay, let me\\n think</think>b', 'second\\n</think>c']",
        "[\"It's\\n so\", 'no']",
        '{"content": "A", "reasoning_content": "b"}',
        '"[{\\"role\\": \\"user\\", \\"content\\": \\"Q\\"}]"',
    ],
)
def test_what_python_or_json_wrote_is_refused(response: str):
    refuse({"prompt": Q, "response": response}, "JSON")


@pytest.mark.parametrize("answer", ["['a', 'b']", '["a", "b"]', '"[quoted]"', "[1, 2]"])
def test_a_short_list_or_object_is_an_answer(answer: str):
    assert read_one({"prompt": Q, "response": answer})[1] == answer


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": Q, "Response": A, "response": THINK},
        {"Prompt": "P", "prompt": Q, "response": THINK},
        {"question": Q, "Answer": "1", "answer": "2", "response": THINK},
    ],
)
def test_columns_that_differ_in_case_alone_are_refused_where_they_say_different_things(row: dict[str, Any]):
    refuse(row, "whose names are alike")
    same = {name: THINK if name.lower() == "response" else Q for name in row}
    assert read_one(same) == ([("user", Q)], THINK)


def test_a_prompt_that_its_conversation_does_not_hold_stays_among_the_other_columns():
    row = {"prompt": "Another?", "messages": [USER, SAID]}
    (sample,) = read(row)
    assert sample.prompt.extra == {"prompt": "Another?"} and sample.prompt.text == Q
    assert read({**row, "prompt": Q})[0].prompt.extra == {}
    assert read_one({"prompt": Q, "messages": [SAID]}) == ([("user", Q)], THINK)


@pytest.mark.parametrize("name", ["reasoningContent", "think", "ReasoningContent", "thinkContent"])
def test_a_chain_is_found_under_a_name_in_camel_case(name: str):
    assert read_one({"prompt": Q, "response": A, name: C})[1] == THINK
    assert read_one({"messages": [USER, {"role": "assistant", "content": A, name: C}]})[1] == THINK


@pytest.mark.parametrize("cell", [5, "5", "8192", " 1,024 ", "1.5"])
def test_a_number_is_no_chain_whether_or_not_it_is_a_text(cell: Any):
    assert read_one({"prompt": Q, "reasoning": cell, "response": A}) == ([("user", Q)], A)


@pytest.mark.parametrize(
    "prompt",
    [
        "A chat between two. USER: Is it? ASSISTANT:",
        "### Human: Is it?\n### Assistant:",
        "Is it? ### Assistant: <think>",
    ],
)
def test_a_prompt_in_the_words_of_a_template_is_refused(prompt: str):
    refuse({"prompt": prompt, "response": THINK}, "of a prompt template")


@pytest.mark.parametrize(
    "text", ["### Human: Is it? ### Assistant: Yes.", "USER: Is it? ASSISTANT: Yes.</s>"]
)
def test_a_text_in_the_words_of_a_template_is_refused(text: str):
    refuse({"text": text}, "whose speakers are words")


def test_marks_of_a_solution_alone_are_taken_off():
    marked = "<|begin_of_solution|>\nYes.\n<|end_of_solution|>"
    assert read_one({"prompt": Q, "response": marked})[1] == "Yes."


def test_a_response_is_not_among_the_other_columns_as_well():
    (one,) = read({"problem": Q, "solution": THINK, "answer": "42"})
    assert one.prompt.extra == {}
    several = read({"question": Q, "outputs": [THINK, A]})
    assert [sample.prompt.extra for sample in several] == [{}, {}]


def test_columns_that_somebody_added_to_a_sets_rows_are_kept():
    row = {
        "prompt": Q, "completion": THINK, "id": "0f", "prompt_id": "1e", "source": "t", "row_id": "r5", "row_source": "s",
        "metadata": '{"q": [1]}', "mine": 7,
    }  # fmt: skip
    (sample,) = read(row)
    assert sample.prompt.extra == {"mine": 7, "q": [1]} and sample.prompt.source_id == "r5"


@pytest.mark.parametrize(
    "word", ["analysis", "analysis of it: assistantfinal", "USER: ", "'a\\n'", '"[1]"', "{a}"]
)
def test_a_glance_reads_as_the_shapes_do(word: str):
    row = {"prompt": f"{word} {Q}", "response": f"{word} {A}"}
    seen = read_plain(row)
    if seen is not None:
        shape, readings = read_row(row)
        assert (shape.name, readings) == (seen[0], [seen[1]])


def test_the_same_rows_are_read_the_same_from_a_table(tmp_path: Path):
    from curate.readers.read_rows import read_rows

    (tmp_path / "in.csv").write_text("prompt,reasoning,response\nIs it?,5,Yes.\nIs it?,1024,No.\n")
    found = list(SampleReader("in").read(read_rows(str(tmp_path / "in.csv"))))
    assert [one.samples[0].reading.response for one in found] == ["Yes.", "No."]
    assert isinstance(found[0].row, Row)


@pytest.mark.parametrize("cell", [
    "[{'name': 'b', 'type': 2}]", "{'name': 'Ann', 'from': 'Paris'}", "[{'value': 3}, {'value': 1}]", "array([1, 2, 3])",
    "array([[1, 2]])", "['Hello\\n', 'World\\n']", "['\\\\neq', '\\\\nu']", '{"from":"Paris","to":"Rome"}', '{"role":"admin"}',
    '[{"name":"x","role":"admin"}]', '[{"value":1},{"value":2}]', '[{"content":"x","id":1}]', '"[1, 2, 3]"',
    '[{"type": "circle", "r": 1}, {"type": "square", "a": 2}]', '[{"name":"x","role":"user"}]',
])  # fmt: skip
def test_somebodys_data_is_a_text(cell: str):
    assert read_one({"prompt": Q, "response": cell})[1] == cell
    for asked in (cell, f"{cell} - sort this"):
        assert read_one({"prompt": asked, "response": THINK}) == ([("user", asked)], THINK)
    turns = [USER, {"role": "assistant", "content": cell, "reasoning_content": C}]
    assert read_one({"messages": turns})[1] == f"<think>\n{C}\n</think>\n\n{cell}"


@pytest.mark.parametrize("cell", [
    "[{'role': 'user', 'content': 'Hi'}] and so on", '[{"from": "human", "value": "Hi"}, {"from": "gpt", "val',
    "[{'type': 'text', 'text': 'Hi'}]", '[{"value": "Hi"}]', "{'content': 'x'}", '{"messages": [{"role": "user"}]}',
    "array(['<think>a</think>b', 'c'], dtype=object)", '"[\\"<think>a</think>b\\", \\"c\\"]"',
])  # fmt: skip
def test_what_is_messages_or_responses_is_refused(cell: str):
    refuse({"prompt": Q, "response": cell}, "JSON|not a message|has the role")


def test_own_output_reads_its_lists_as_the_first_time():
    row = {
        "prompt": Q,
        "generations": [THINK, A, "No."],
        "tokens": [99, 1],
        "id": ["a", "b"],
        "domain": ["x", "y", "z"],
    }
    first = read(row)
    assert [one.facts.tokens for one in first] == [None] * 3
    for one in first:
        own = {
            **row,
            "response": one.reading.response,
            "generation": one.reading.generation,
            "verdicts": {},
            "kept": True,
        }
        (again,) = read(own)
        assert again.prompt.source_id == one.prompt.source_id == "0"
        assert (again.prompt.domain, again.prompt.extra) == (one.prompt.domain, one.prompt.extra)
        assert again.facts.tokens is None


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_conversation_with_a_system_message_alone_stands_over_the_prompts_column(role: str):
    system = {"role": role, "content": "Be brief."}
    for row in ({"messages": [system, SAID]}, {"messages": [system], "generations": [THINK]}):
        assert read_one({"prompt": Q, **row}) == ([(role, "Be brief."), ("user", Q)], THINK)
    refuse(
        {"prompt": [{"role": "system", "content": "Be kind."}, USER], "messages": [system, SAID]},
        "several system messages",
    )
    same = [{"role": "system", "content": "Be brief."}, USER]
    assert read_one({"prompt": same, "messages": [same[0], SAID]})[0] == [
        ("system", "Be brief."),
        ("user", Q),
    ]


def test_several_responses_are_asked_what_one_is():
    row = {"prompt": Q, "messages": [{"role": "system", "content": "In French."}, USER]}
    asked = [("system", "In French."), ("user", Q)]
    assert read_one({**row, "response": THINK})[0] == asked
    for sample in read({**row, "generations": [THINK, A]}):
        assert [(one["role"], one["content"]) for one in sample.prompt.messages] == asked
    refuse({**row, "prompt": "Another?", "generations": [THINK, A]}, "the prompt is none of the questions")


@pytest.mark.parametrize(("one", "two", "good", "bad"), [
    ("correct", "Correct", True, False), ("kept", "Kept", True, False), ("finish_reason", "Finish_Reason", "stop", "length"),
    ("reasoning_content", "reasoningContent", C, "Another."), ("modelAnswer", "model_answer", THINK, A),
    ("systemPrompt", "system_prompt", "Be brief.", "Be kind."),
])  # fmt: skip
def test_what_two_columns_alike_say_differently_is_refused_in_either_order(
    one: str, two: str, good: Any, bad: Any
):
    base = {"prompt": Q} if "Answer" in one else {"prompt": Q, "response": A}
    refuse({**base, one: good, two: bad}, "whose names are alike")
    refuse({**base, two: bad, one: good}, "whose names are alike")
    for empty in (None, ""):
        pairs = ({one: bad, two: empty}, {two: empty, one: bad}, {one: bad})
        kept = [read({**base, **pair})[0] for pair in pairs]
        assert {str((s.reading, dict(s.facts.flags), s.facts.kept, s.facts.cut)) for s in kept} == {
            str((kept[2].reading, dict(kept[2].facts.flags), kept[2].facts.kept, kept[2].facts.cut))
        }


@pytest.mark.parametrize("cell", [["3", "4"], [3, 4]])
def test_a_list_of_numbers_is_no_chains(cell: Any):
    found = read({"prompt": Q, "responses": [A, "It is."], "reasoning": cell})
    assert [one.reading.response for one in found] == [A, "It is."]


def test_a_text_in_words_with_what_the_system_says_is_refused():
    for text in (
        f"A chat between a curious user and an assistant. USER: Is it? ASSISTANT: {THINK}</s>",
        "A chat between two.\n\n### Human: Is it?\n### Assistant: Yes.",
    ):
        refuse({"text": text}, "whose speakers are words")
    assert read_one({"text": f"<think>\nThe USER: asks ASSISTANT: it.\n</think>\n\n{A}"})[1].endswith(A)


@pytest.mark.parametrize("name", ["complexCoT", "chainOfThought", "Complex_CoT", "REASONING"])
def test_a_chains_name_in_any_case_is_one(name: str):
    assert read_one({"prompt": Q, "response": A, name: C})[1] == THINK


def test_shards_may_be_packed_differently(tmp_path: Path):
    import gzip
    import lzma

    from curate.readers.read_rows import read_rows

    packed = [("", lambda data: data), (".gz", gzip.compress), (".xz", lzma.compress)]
    for number, (suffix, pack) in enumerate(packed):
        line = f'{{"prompt": "{number}?", "response": "x"}}\n'.encode()
        (tmp_path / f"train-{number:05}-of-00003.jsonl{suffix}").write_bytes(pack(line))
    assert [row.values["prompt"] for row in read_rows(str(tmp_path))] == ["0?", "1?", "2?"]
