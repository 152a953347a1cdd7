import pytest

from curate.engines.chat_template import Chat
from distill.sft.student import Student, StudentFacts
from distill.sft.tokens import Tokenization
from tests.distill.tiny import CHATML, R1, make_tokenizer

PLAIN = StudentFacts()
BY_TEXT = "{% for m in messages %}### {{ m.role }}\n{{ m.content }}\n### End\n{% endfor %}{% if add_generation_prompt %}### assistant\n{% endif %}"


def student_of(template=CHATML, facts=PLAIN, **tokens):
    tokenizer = make_tokenizer(template, **tokens)
    return Student(Tokenization(tokenizer, Chat(tokenizer, None, "tiny")), facts)


@pytest.mark.parametrize(
    ("template", "facts", "warnings"),
    [
        (CHATML, StudentFacts(vocabulary=261, ends=frozenset({0})), []),
        (R1, StudentFacts(ends=frozenset({2, 7})), []),
        (BY_TEXT, StudentFacts(), ["end_by_text"]),
        ("{{ strftime_now('%Y') }}" + CHATML, StudentFacts(), ["dated_template"]),
        (CHATML, StudentFacts(vocabulary=260), ["large_tokenizer"]),
        (CHATML, StudentFacts(ends=frozenset({77})), ["foreign_end"]),
        (CHATML, StudentFacts(untrained=frozenset({1})), ["new_tokens"]),
        (CHATML, StudentFacts(untrained=frozenset({1}), frozen=True), []),
    ],
)
def test_what_is_suspicious_of_a_student(template, facts, warnings):
    assert list(student_of(template, facts).list_warnings()) == warnings


def test_a_template_of_several_is_looked_at_by_its_default():
    student = student_of()
    student.tokenizer.chat_template = {"default": "{{ strftime_now('%Y') }}" + CHATML, "tool_use": CHATML}
    assert list(student.list_warnings()) == ["dated_template"]


def test_tokens_that_no_completion_may_hold():
    student = student_of(facts=StudentFacts(ends=frozenset({9})))
    assert student.marks == {0, 1, 2, 9}
    assert student.needed_tokens == {1, 2, *(ids[0] for ids in student.tag_ids)}
    assert student_of(special_tags=True).marks == {0, 1, 2}
    # A mark of turns that is no special token, as DeepSeek's, is one all the same.
    marked = make_tokenizer(CHATML.replace("<|im_start|>", "<turn>"))
    marked.add_tokens(["<turn>"])
    turn = marked.convert_tokens_to_ids("<turn>")
    assert turn in Student(Tokenization(marked, Chat(marked, None, "tiny")), StudentFacts()).marks


def test_how_a_student_is_trained_is_said_in_words():
    said = student_of(facts=StudentFacts("m", 300, frozenset({0})), pad="<|im_end|>").describe()
    assert said["end of a turn"] == "<|im_end|> (id 2), the last label of every row"
    assert said["inference stops at"] == "<|endoftext|>, <|im_end|>"
    assert said["padding"].startswith("<|im_end|>, the end of a turn too: labels follow positions")
    assert said["think tags"] == "<think> and </think> are one token each"
    assert said["vocabulary"] == "the tokenizer has 261 tokens, the model 300"
    assert "one token each, special" in student_of(special_tags=True).describe()["think tags"]
