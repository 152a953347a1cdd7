import pytest

from curate.engines.chat_template import Chat
from curate.readers.row import Row
from distill.common.turn_end import find_turn_end
from distill.sft.tokens import IGNORED_LABEL, Tokenization, strip_opened_think
from filters.errors import UserError
from tests.distill.tiny import CHATML, R1, make_tokenizer


def tokenization(template):
    tokenizer = make_tokenizer(template)
    return tokenizer, Tokenization(tokenizer, Chat(tokenizer, None, "tiny"))


def learned(tokenizer, example):
    return tokenizer.decode([label for label in example.labels if label != IGNORED_LABEL])


def prompt_of(tokenizer, example):
    ignored = [
        i for i, label in zip(example.input_ids, example.labels, strict=True) if label == IGNORED_LABEL
    ]
    return tokenizer.decode(ignored)


def row_of(messages, response):
    return Row("set.jsonl, line 1", {"prompt": messages, "completion": response})


ASKED = [{"role": "user", "content": "1+1?"}]


def test_the_prompt_is_rendered_as_at_inference_and_the_completion_is_the_text_and_the_turns_end():
    tokenizer, tokens = tokenization(CHATML)
    response = "<think>\nOne and one 是 2.\n</think>\n\n2"
    (example,) = tokens.encode([tokens.make_lesson(row_of(ASKED, response))])
    rendered = tokenizer.apply_chat_template(ASKED, add_generation_prompt=True, tokenize=False)
    assert (
        prompt_of(tokenizer, example)
        == rendered
        == "<|im_start|>user\n1+1?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert learned(tokenizer, example) == response + "<|im_end|>"


def test_the_chain_survives_a_template_that_deletes_it():
    tokenizer, tokens = tokenization(R1)
    response = "<think>\nOne and one is 2.\n</think>\n\n2"
    whole = [*ASKED, {"role": "assistant", "content": response}]
    assert "One and one" not in tokenizer.apply_chat_template(whole, tokenize=False)
    (example,) = tokens.encode([tokens.make_lesson(row_of(ASKED, response))])
    assert prompt_of(tokenizer, example).endswith("<|im_start|>assistant\n<think>\n")
    assert learned(tokenizer, example) == "One and one is 2.\n</think>\n\n2<|im_end|>"
    assert tokenizer.decode(example.input_ids).count("<think>") == 1


@pytest.mark.parametrize(
    ("response", "rest"),
    [
        ("<think>\nchain</think>answer", "chain</think>answer"),
        ("<think>\n\nchain</think>answer", "\nchain</think>answer"),
        ("<think>chain</think>answer", "chain</think>answer"),
        (" <think>\nchain</think>answer", "chain</think>answer"),
        ("chain</think>answer", "chain</think>answer"),
        ("answer", "\n</think>\n\nanswer"),
        ("<think>never closed", "never closed"),
    ],
)
def test_an_opened_block_is_not_opened_again(response, rest):
    assert strip_opened_think(response, "<think>\n") == rest
    assert strip_opened_think(response, "") == response


def test_the_turns_end_is_the_templates_not_the_texts():
    assert find_turn_end(make_tokenizer(CHATML)) == 2
    assert find_turn_end(make_tokenizer(R1)) == 2
    assert (
        find_turn_end(make_tokenizer("{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}"))
        == 0
    )
    assert find_turn_end(make_tokenizer("{% for m in messages %}{{ m.content }}\n{% endfor %}")) == 0


def test_a_template_that_refuses_is_reported_with_the_row():
    refusing = "{{ raise_exception('no such role') }}"
    with pytest.raises(UserError, match="refuses a question with an answer: no such role"):
        find_turn_end(make_tokenizer(refusing))
    _, tokens = tokenization(
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system') }}{% endif %}{{ m.content }}{% endfor %}"
    )
    with pytest.raises(
        UserError, match=r"set\.jsonl, line 1: the student cannot be given this prompt: .*no system"
    ):
        tokens.make_lesson(row_of([{"role": "system", "content": "x"}], "y"))
