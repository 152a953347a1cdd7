import re
from importlib.resources import files

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers.normalizers import NFC

from curate.engines.chat_template import Chat
from curate.readers.row import Row
from curate.store.whole_files import read_json, write_json
from distill.sft import inspector as module
from distill.sft.inspection import OTHERS, SOURCES
from distill.sft.inspector import Inspector, make_table
from distill.sft.student import Student, StudentFacts
from distill.sft.tokens import Example, Tokenization
from filters.errors import UserError
from filters.think import CLOSE, OPEN, list_tags
from tests.distill.tiny import CHATML, R1, make_tokenizer

END = "<|im_end|>"
SPECIAL = ("<|endoftext|>", "<|im_start|>", END)
FRAGMENTS = (
    *SPECIAL,
    OPEN,
    CLOSE,
    f"`{OPEN}`",
    "<thi",
    "nk>",
    "\r\n",
    "e\u0301",
    "中文",
    " ",
    "\u200b",
    "\x00",
    "\ud800",
)


def student_of(template=CHATML, tokenizer=None):
    tokenizer = tokenizer or make_tokenizer(template)
    return Student(
        Tokenization(tokenizer, Chat(tokenizer, None, "tiny")),
        StudentFacts("tiny", len(tokenizer), frozenset({0})),
    )


STUDENTS = {template: student_of(template) for template in (CHATML, R1)}


def row_of(completion, question="1+1?", **rest):
    return Row(
        "set.jsonl, line 1",
        {"prompt": [{"role": "user", "content": question}], "completion": completion, **rest},
    )


def inspect(student, *rows, max_length=10_000):
    inspector = Inspector(student, "set", max_length)
    table = inspector.take_chunk(rows)
    return table, inspector.conclude(1.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.text(max_size=12), st.sampled_from(FRAGMENTS)), max_size=6).map("".join),
    st.sampled_from((CHATML, R1)),
)
@example("the tag `<think>` is spoken of", R1)
@example(f"the turn ends on {END}", CHATML)
def test_the_chain_survives_or_the_row_is_refused(chain, template):
    student = STUDENTS[template]
    response = f"<think>\n{chain}\n</think>\n\n42"
    table, found = inspect(student, row_of(response))
    text = response.removeprefix("<think>\n") if template == R1 else response
    sound = (
        list_tags(response) == [OPEN, CLOSE]
        and not any(token in chain for token in SPECIAL)
        and "\ud800" not in chain
    )
    assert (table.num_rows, sum(one.rows for one in found.row_faults.values())) == (
        (1, 0) if sound else (0, 1)
    )
    if sound:
        (ids,), (labels,) = (table.column(name).to_pylist() for name in ("input_ids", "labels"))
        target = [label for label in labels if label != -100]
        assert ids[-len(target) :] == target
        assert student.tokenizer.decode(target) == text + END
        assert target.count(student.end) == 1
        assert (OPEN + student.tokenizer.decode(target)).count(chain) >= 1


def test_a_tokenizer_that_changes_the_text_is_found_out():
    """Composed characters are the same text to a tokenizer; a lost character is not."""
    composing = make_tokenizer()
    composing.backend_tokenizer.normalizer = NFC()
    _, found = inspect(student_of(tokenizer=composing), row_of("<think>\ne\u0301\n</think>\n\n42"))
    assert not found.row_faults
    lossy = make_tokenizer()
    lossy.backend_tokenizer.normalizer = NFC()
    encode = Tokenization.encode

    class Lossy(Tokenization):
        def encode(self, lessons):
            return [
                Example([i for i in e.input_ids if i != 30], [i for i in e.labels if i != 30])
                for e in encode(self, lessons)
            ]

    student = Student(Lossy(lossy, Chat(lossy, None, "tiny")), StudentFacts())
    letter = lossy.convert_ids_to_tokens(30)
    table, found = inspect(student, row_of(f"<think>\n{letter}\n</think>\n\n42"), row_of("all is well"))
    assert list(found.row_faults) == ["changed_text"]
    assert table.num_rows == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ids, labels: (ids, ids),  # the prompt carries loss
        lambda ids, labels: (ids, [-100] * len(ids)),  # nothing does
        lambda ids, labels: (ids, [*labels[:-1], -100]),  # the end of the turn does not
        lambda ids, labels: (ids[:-1], labels[:-1]),  # the end is cut off
        lambda ids, labels: ([5, *ids[1:]], labels),  # inference would send another prompt
    ],
)
def test_labels_that_are_not_the_completion_refuse_any_training(monkeypatch, spoil):
    def make_spoiled(examples):
        return make_table([Example(*spoil(*example)) for example in examples])

    monkeypatch.setattr(module, "make_table", make_spoiled)
    _, found = inspect(STUDENTS[CHATML], row_of("<think>\na\n</think>\n\nb"))
    assert found.set_faults["wrong_labels"].rows == 1
    refusal = found.explain_refusal(drop_bad=True)
    assert "wrong_labels: the labels of the tokenized rows are not the completion" in refusal


def test_rows_are_counted_by_source_and_named_by_id():
    good, bad = "<think>\na\n</think>\n\nb", "<think>\na"
    rows = [
        row_of(good, source="math"),
        row_of(bad, source="math", id="7"),
        row_of("plain", source="general"),
    ]
    table, found = inspect(STUDENTS[CHATML], *rows, row_of(good + "c" * 100, source="math"), max_length=60)
    math, general = found.tallies["math"], found.tallies["general"]
    assert (math.rows, math.used, math.bad, math.too_long, math.chains) == (3, 1, 1, 1, 1)
    assert (general.rows, general.used, general.chains) == (1, 1, 0)
    assert found.row_faults["missing_close"].ids == ["7"]
    assert found.warnings["too_long"].ids == ["set.jsonl, line 1"]
    assert math.tokens + general.tokens == sum(table.column("length").to_pylist())
    assert general.learned == len("plain") + 1
    assert math.tokens_too_long > 100
    assert {row["source"] for row in found.shown if not row["fault"]} == {"math", "general"}


def test_many_sources_are_counted_together():
    rows = [row_of("a", source=f"url {number}") for number in range(1200)]
    _, found = inspect(STUDENTS[CHATML], *rows)
    assert len(found.tallies) == SOURCES
    assert found.tallies[OTHERS].rows == 1200 - SOURCES + 1
    assert found.total.rows == 1200


def test_a_chain_beside_that_the_text_has_too_is_not_lost():
    beside = {"role": "assistant", "content": "It is so. 4", "reasoning_content": "It is so."}
    assert not inspect(STUDENTS[CHATML], row_of(beside))[1].row_faults
    _, found = inspect(STUDENTS[CHATML], row_of("4", reasoning="Two and two make four."))
    assert list(found.row_faults) == ["chain_beside"]


@pytest.mark.parametrize(
    ("question", "completion", "kind"),
    [
        ("", "a", "empty_prompt"),
        ("What is the sum of one and two, and of three?", "What is the sum of one and two, and of three? 6", None),
        ("1+1?", "1+1? <think>\na\n</think>\n\n2", "prompt_in_completion"),
        ("hi", "hi there", None),
        ("1+1?", [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}], "several_messages"),
        ("1+1?", [{"role": "assistant", "content": "<think>\na\n</think>\n\nb", "tool_calls": [{"name": "f"}]}], "tool_calls"),
        ("1+1?", "Write <think> tags around it.", None),
        ("1+1?", "<think>\nI write </think> at the end.\n</think>\n\n2", "orphan_close"),
    ],
)  # fmt: skip
def test_a_row_has_the_first_fault_that_it_meets(question, completion, kind):
    _, found = inspect(STUDENTS[CHATML], row_of(completion, question))
    assert list(found.row_faults) == ([kind] if kind else [])


def test_a_chain_may_begin_with_the_question_where_the_prompt_opened_it():
    question = "What is the sum of one and two, and of three?"
    row = row_of(f"<think>\n{question} That is 6.\n</think>\n\n6", question)
    assert not inspect(STUDENTS[R1], row)[1].row_faults
    assert not inspect(STUDENTS[CHATML], row)[1].row_faults


def test_messages_are_looked_for_in_their_order_and_as_json():
    as_json = "{% for m in messages %}{{ m.content | tojson }}\n{% endfor %}{% if add_generation_prompt %}> {% endif %}"
    student = student_of(as_json)
    assert not inspect(student, row_of("a", 'He said "1+1"\nand left.'))[1].row_faults
    last = "{% for m in messages[-1:] %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}"
    turns = [
        {"role": "user", "content": "5"},
        {"role": "assistant", "content": "15"},
        {"role": "user", "content": "15?"},
    ]
    _, found = inspect(student_of(last), Row("set.jsonl, line 4", {"prompt": turns, "completion": "a"}))
    assert found.row_faults["dropped_message"].ids == ["set.jsonl, line 4"]


def test_a_corpus_has_the_columns_that_the_trainer_reads():
    table = make_table([Example([1, 2, 3], [-100, 2, 3]), Example([4], [4])])
    assert table.schema == module.SCHEMA
    assert table.to_pylist() == [
        {"input_ids": [1, 2, 3], "labels": [-100, 2, 3], "length": 3}, {"input_ids": [4], "labels": [4], "length": 1},
    ]  # fmt: skip
    assert make_table([]).num_rows == 0
    assert isinstance(table, pa.Table)


FAMILIES = {
    "qwen2_5": ("<|im_end|>", []),
    "qwen3": ("<|im_end|>", ["chain_of_history"]),
    "llama3": ("<|eot_id|>", []),
    "llama3_1": ("<|eot_id|>", ["dated_template"]),
    "deepseek_r1_distill": ("<｜end▁of▁sentence｜>", ["chain_of_history"]),
    "phi3": ("<|end|>", []),
}
CHAIN = "<think>\nOne and one.\n</think>\n\n2"
SUM = {"role": "user", "content": "1+1?"}
CONVERSATIONS = (
    [SUM],
    [{"role": "system", "content": "Be brief."}, SUM],
    [SUM, {"role": "assistant", "content": CHAIN}, {"role": "user", "content": "Sure?"}],
)


def family(name):
    """The template of a family of models as TRL has it, on bytes and the template's own marks."""
    template = (files("trl") / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")
    tokenizer = make_tokenizer(template)
    marks = set(re.findall(r"<[|｜][^>|｜' ]+[|｜]>", template)) - set(tokenizer.get_vocab())
    tokenizer.add_special_tokens({"additional_special_tokens": sorted(marks)})
    return student_of(tokenizer=tokenizer)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_templates_of_known_families_teach_whole_chains(name):
    student, (end, warnings) = family(name), FAMILIES[name]
    assert student.name(student.end) == end
    table, found = inspect(student, *(row_of(CHAIN, prompt=turns) for turns in CONVERSATIONS))
    assert (found.explain_refusal(drop_bad=False), table.num_rows, found.total.chains) == (None, 3, 3)
    assert sorted(found.warnings) == warnings
    opened = name == "deepseek_r1_distill"
    for labels in table.column("labels").to_pylist():
        learned = student.tokenizer.decode([label for label in labels if label != -100])
        assert learned == (CHAIN.removeprefix("<think>\n") if opened else CHAIN) + end


def test_the_template_of_a_family_that_does_not_think_is_refused():
    _, found = inspect(family("qwen3_5_nothink"), row_of(CHAIN))
    assert list(found.row_faults) == ["reasoning_off"]
    _, found = inspect(family("qwen3_5_nothink"), row_of("2"))
    assert not found.set_faults and not found.row_faults


@pytest.mark.parametrize(("name", "kind"), [("gemma", "refused_prompt"), ("phi3", "dropped_message")])
def test_roles_that_a_family_refuses_or_drops_are_told(name, kind):
    role = "system" if name == "gemma" else "tool"
    asked = (
        [{"role": role, "content": "Be brief."}, SUM]
        if role == "system"
        else [SUM, {"role": role, "content": "two"}]
    )
    _, found = inspect(family(name), row_of(CHAIN, prompt=asked))
    assert list(found.row_faults) == [kind]


def test_names_that_are_no_text_are_written_all_the_same(tmp_path):
    _, found = inspect(STUDENTS[CHATML], row_of("<think>\na", id="\ud800", source="\udcff"), row_of("fine"))
    write_json(tmp_path / "inspection.json", found.describe())
    assert "\ud800" not in found.row_faults["missing_close"].ids[0]
    assert read_json(tmp_path / "inspection.json")["tallies"]["⟨U+DCFF⟩"]["rows"] == 1


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"finish_reason": "length"}, "cut_off"),
        ({"truncated": True}, "cut_off"),
        ({"stop_reason": "max_tokens"}, "cut_off"),
        ({"finish_reason": "stop", "truncated": False, "finish": "stop"}, None),
        ({"tools": [{"name": "f"}]}, None),
        ({"chat_template_kwargs": {"enable_thinking": False}}, None),
    ],
)
def test_columns_beside_that_make_a_row_unfit(columns, kind):
    row = row_of("so then we have to", "1+1?")
    row.values.update(columns)
    assert list(inspect(STUDENTS[CHATML], row)[1].row_faults) == ([kind] if kind else [])


@pytest.mark.parametrize(
    "completion",
    ["<|begin_of_thought|>a<|end_of_thought|>2", "<thinking>a</thinking>2", "\n[THINK]a[/THINK]2"],
)
def test_the_marks_of_others_chains_are_no_part_of_an_answer(completion):
    for template in (CHATML, R1):
        found = inspect(STUDENTS[template], row_of(completion, "1+1?"))[1]
        assert list(found.row_faults) == ["foreign_chain"]


def test_a_row_without_a_chain_closes_a_block_that_the_template_opened():
    assert "closed_at_once" in inspect(STUDENTS[R1], row_of("2", "1+1?"))[1].warnings
    assert "closed_at_once" not in inspect(STUDENTS[CHATML], row_of("2", "1+1?"))[1].warnings


def test_content_in_parts_of_text_is_read():
    turn = [
        {
            "role": "assistant",
            "content": [{"type": "text", "text": "The sum "}, {"type": "text", "text": "is 2"}],
        }
    ]
    table, found = inspect(STUDENTS[CHATML], row_of(turn, "1+1?"))
    assert not found.row_faults and table.num_rows == 1


R1_END = "<\uff5cend\u2581of\u2581sentence\uff5c>"
SWITCHED = CHATML.replace(
    "assistant\n{% endif %}",
    "assistant\n{% if '/no_think' in messages[-1].content %}<think>\n\n</think>\n\n{% endif %}{% endif %}",
)
NAMED = CHATML.replace("{{ m.role }}", "{{ m.role }}{% if m.name %} {{ m.name }}{% endif %}")
DEFAULT = "{% if messages[0].role != 'system' %}<|im_start|>system\nBe kind.<|im_end|>\n{% endif %}" + CHATML
TOOLS = CHATML + "{% if tools %}{% endif %}"


@pytest.mark.parametrize(
    ("row", "template", "kinds"),
    [
        (row_of("4", reasoning_content="\u4e8c\u52a0\u4e8c\u7b49\u4e8e\u56db\uff0c\u6240\u4ee5\u56db\u3002"), CHATML, ["chain_beside"]),
        (row_of([{"role": "assistant", "content": "<think>\n\n</think>\n\n4", "reasoning_content": "two and two"}]), CHATML, ["chain_beside"]),
        (row_of([{"role": "assistant", "content": "4", "thinking_blocks": [{"type": "thinking", "thinking": "2 + 2"}]}]), CHATML, ["chain_beside"]),
        (row_of([{"role": "assistant", "content": "4", "provider_specific_fields": {"reasoning_content": "two and two"}}]), CHATML, ["chain_beside"]),
        (row_of("4", metadata={"reasoning": "two and two"}), CHATML, ["chain_beside"]),
        (row_of("4", thinking="on"), CHATML, []),
        (row_of(f"4{R1_END}"), CHATML, ["left_end"]),
        (row_of("4<|eot_id|>\n"), CHATML, ["left_end"]),
        (row_of("4</s>"), CHATML, ["left_end"]),
        (row_of("Not <s>four</s>"), CHATML, []),
        (row_of(f"Turns end with {R1_END} there."), CHATML, []),
        (row_of("4", finish_reason=["length"]), CHATML, ["cut_off"]),
        (row_of("4", truncated=1), CHATML, ["cut_off"]),
        (row_of("4", truncated="true"), CHATML, ["cut_off"]),
        (row_of("4", finish_reasons=["stop", "length"]), CHATML, ["cut_off"]),
        (row_of([{"role": "assistant", "content": "4", "finish_reason": "length"}]), CHATML, ["cut_off"]),
        (row_of("4", truncated=False, finish_reason="stop"), CHATML, []),
        (row_of("4", prompt=[{"role": "system", "content": ""}, {"role": "user", "content": "2+2?"}]), DEFAULT, ["unput_message"]),
        (row_of("4", prompt=[{"role": "user", "content": "2+2?", "name": "Ann"}]), NAMED, ["unput_message"]),
        (row_of("4", prompt=[{"role": "user", "content": "2+2?", "name": "Ann"}]), CHATML, []),
        (row_of("4", tools="[]"), TOOLS, []),
        (row_of("4", tools=[{"name": "sum"}]), TOOLS, ["unused_tools"]),
        (row_of("<think>\na\n</think>\n\n4", question="2+2? /no_think"), SWITCHED, ["reasoning_off"]),
        (row_of("Use `<think>` and then go on."), R1, []),
    ],
)  # fmt: skip
def test_a_row_that_would_teach_the_wrong_thing_is_told(row, template, kinds):
    student = student_of(template)
    _, found = inspect(student, row, row_of("fine"))
    assert list(found.row_faults) == kinds
    assert found.set_faults == {}
    assert found.total.used == 2 - len(kinds)


@pytest.mark.parametrize("begun", ["<think>\nOkay, so ", "<think>Let"])
def test_a_template_that_begins_the_chain_with_its_own_words_is_refused(begun):
    template = CHATML.replace("assistant\n{% endif %}", f"assistant\n{begun}{{% endif %}}")
    _, found = inspect(student_of(template), row_of("<think>\na\n</think>\n\n4"))
    assert "begun_chain" in found.set_faults


def test_a_template_that_closes_a_block_with_words_switches_reasoning_off():
    template = CHATML.replace(
        "assistant\n{% endif %}", "assistant\n<think>\nI skip it.\n</think>\n{% endif %}"
    )
    _, found = inspect(student_of(template), row_of("<think>\na\n</think>\n\n4"))
    assert list(found.row_faults) == ["reasoning_off"]


def test_a_template_that_changes_what_the_assistant_said_is_refused():
    with pytest.raises(UserError, match="changes or leaves out an assistant's words"):
        student_of(CHATML.replace("m.content }}", "m.content | upper }}"))
