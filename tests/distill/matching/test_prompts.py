import json

import datasets
import pytest

from curate.engines.chat_template import Chat
from curate.store.whole_files import read_json
from distill.matching.prompts import inspect_prompts, tokenize_prompts
from distill.sft.corpus import Admission
from distill.sft.student import Student, StudentFacts
from distill.sft.tokens import Tokenization
from filters.errors import UserError
from tests.distill.tiny import CHATML, R1, make_tokenizer, write_set

LENIENT = Admission(drop_bad=True, max_too_long=1)
NO_SYSTEM = CHATML.replace("{% for m in messages %}", "{% for m in messages if m.role != 'system' %}")
QWEN3_OFF = CHATML.replace("assistant\n{% endif %}", "assistant\n<think>\n\n</think>\n\n{% endif %}")
REFUSES = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + CHATML


def student_of(template=CHATML, **facts):
    tokenizer = make_tokenizer(template, special_tags=facts.pop("special_tags", False))
    about = {"name": "tiny", "vocabulary": len(tokenizer), **facts}
    return Student(Tokenization(tokenizer, Chat(tokenizer, None, "tiny")), StudentFacts(**about))


def turns(*contents, role="user"):
    return [{"role": role, "content": content} for content in contents]


def test_each_prompt_is_there_once_as_at_inference(tmp_path):
    student = student_of()
    rows = [
        {"prompt": "1+1?", "completion": "2"},
        {"prompt": "1+1?"},
        {"prompt": "x" * 200},
        {"prompt": "2?"},
    ]
    source = write_set(tmp_path / "s.jsonl", rows)
    counts = tokenize_prompts(source, student, 60, tmp_path, LENIENT)
    assert (counts.rows, counts.bad, counts.too_long) == (2, {"repeated": 1}, 1)
    kept = datasets.Dataset.from_file(str(tmp_path / "prompts.arrow"))["input_ids"][:]
    assert counts.longest == max(map(len, kept))
    assert [student.tokenizer.decode(ids) for ids in kept] == [
        f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n" for asked in ("1+1?", "2?")
    ]
    assert tokenize_prompts(tmp_path / "gone.jsonl", student, 60, tmp_path, LENIENT) == counts
    assert read_json(tmp_path / "inspection.json")["tallies"][""]["used"] == 2


@pytest.mark.parametrize(
    ("prompt", "template", "kind"),
    [
        (turns("Be brief.", role="system"), REFUSES, "refused_prompt"),
        ([*turns("Be brief.", role="system"), *turns("1+1?")], NO_SYSTEM, "dropped_message"),
        (turns(" "), CHATML, "empty_prompt"),
        (turns("\ud800"), CHATML, "not_unicode"),
        ([{"role": "user"}], CHATML, "unreadable"),
    ],
)
def test_a_prompt_that_the_student_would_not_see_refuses_the_set(tmp_path, prompt, template, kind):
    rows = [{"prompt": prompt, "id": "bad"}, {"prompt": turns("1+1?")}]
    source = tmp_path / "s.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(UserError, match=rf"{kind}: 1 of 2 rows \(bad\)"):
        tokenize_prompts(source, student_of(template), 60, tmp_path, Admission())
    assert not (tmp_path / "prompts.arrow").exists()
    counts = tokenize_prompts(source, student_of(template), 60, tmp_path, LENIENT)
    assert (counts.rows, counts.bad) == (1, {kind: 1})


def test_tools_that_the_template_knows_and_nobody_gives_it_refuse_the_set(tmp_path):
    rows = [{"prompt": "1+1?", "tools": [{"name": "sum"}]}]
    source = write_set(tmp_path / "s.jsonl", rows)
    found = inspect_prompts(source, student_of(CHATML + "{% if tools %}{% endif %}"), 60, Admission())
    assert found.row_faults.keys() == {"unused_tools"}


@pytest.mark.parametrize(
    ("student", "fault", "warning"),
    [
        (student_of(special_tags=True), "special_think_tags", None),
        (student_of(vocabulary=100), "vocabulary", None),
        (student_of(untrained=frozenset({2}), frozen=True), "untrained_tokens", None),
        (student_of(QWEN3_OFF), None, "reasoning_off"),
        (student_of(CHATML + "{{ strftime_now('%d') }}"), None, "dated_template"),
        (student_of(R1), None, None),
    ],
    ids=["special tags", "vocabulary", "untrained", "off", "dated", "opened"],
)
def test_what_would_spoil_any_training_is_found_without_a_completion(tmp_path, student, fault, warning):
    source = write_set(tmp_path / "s.jsonl", [{"prompt": "1+1?"}])
    found = inspect_prompts(source, student, 100, Admission())
    assert found.set_faults.keys() == ({fault} if fault else set())
    assert warning is None or warning in found.warnings
    (shown,) = found.shown
    assert not any(piece["learned"] for piece in shown["pieces"])


@pytest.mark.parametrize(
    ("row", "longest", "said"),
    [
        ({"question": "1+1?"}, 60, "there is no column 'prompt' to answer; there are: question"),
        ({"prompt": "1+1?"}, 5, "1 of 1 rows are longer than the 5 tokens that are left beside a response"),
    ],
)
def test_a_set_without_prompts_is_refused(tmp_path, row, longest, said):
    with pytest.raises(UserError, match=said):
        tokenize_prompts(write_set(tmp_path / "s.jsonl", [row]), student_of(), longest, tmp_path, Admission())
