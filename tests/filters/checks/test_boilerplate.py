"""Refusals, and talk of being a model, of a given answer or of a prompt."""

from __future__ import annotations

import pytest

from filters.checks.boilerplate import Boilerplate
from filters.types import Prompt, Sample


def verdicts(*responses: str, prompt: str = "What is 12 + 7?"):
    asked = Prompt.make(prompt)
    return Boilerplate().check([Sample(str(n), asked, text) for n, text in enumerate(responses)])


def chain(text: str, answer: str = "19") -> str:
    return f"<think>\nI add. {text} So 19.\n</think>\n{answer}"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("As an AI language model, I add.", "self_reference"),
        ("I'm just an AI, so I add.", "self_reference"),
        ("I was trained by OpenAI.", "self_reference"),
        ("作为一个人工智能语言模型，我来算。", "self_reference"),
        ("Como un modelo de lenguaje, sumo.", "self_reference"),
        ("En tant qu'IA, je calcule.", "self_reference"),
        ("Как языковая модель, я считаю.", "self_reference"),
        ("The reference answer says 20.", "given_answer"),
        ("According to the given answer, it is 20.", "given_answer"),
        ("That does not match the reference answer.", "given_answer"),
        ("The provided solution is 20.", "given_answer"),
        ("The answer key has 20.", "given_answer"),
        ("the correct answer is given as 20.", "given_answer"),
        ("但是参考答案是20。", "given_answer"),
        ("根据给出的答案，应该是20。", "given_answer"),
        ("Die Musterlösung sagt 20.", "given_answer"),
        ("模範解答は20だ。", "given_answer"),
        ("The system prompt tells me to add.", "leaked_prompt"),
        ("My instructions say that I add.", "leaked_prompt"),
        ("系统提示要求我思考。", "leaked_prompt"),
        ("\n### Response: 19", "leaked_prompt"),
    ],
)
def test_each_phrase_is_found_in_the_chain_with_its_place(text, rule):
    response = chain(text)
    (found,) = verdicts(response)
    assert (found.ok, found.rule) == (False, rule)
    assert found.span is not None
    assert response[slice(*found.span)].strip(" ,.") in text


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot assist with this request.",
        "抱歉，我无法回答这个问题。",
        "Lo siento, pero no puedo ayudar.",
    ],
)
def test_a_refusal_is_found_where_the_response_opens(answer):
    found, further, inside = verdicts(
        chain("", answer), chain("", "It is 19. " * 60 + answer), chain(answer, "19")
    )
    assert (found.ok, found.rule) == (False, "refusal")
    assert further.ok is True
    assert inside.ok is True


@pytest.mark.parametrize(
    "text",
    [
        "The final answer is 19.",
        "Which of the given answers fits? The answer choices are 17 and 19.",
        "I can't help but notice that 12 + 7 is odd.",
        "I cannot provide more digits. The given solution set is empty.",
        "Let me model the answer as a sum. The correct answer is 19.",
        "It was developed by Euler. An aimless step.",
        "答案是19。标准差是3。",
        "We use the standard solution of a quadratic equation.",
    ],
)
def test_plain_reasoning_passes(text):
    assert verdicts(chain(text))[0].ok is True


def test_what_the_prompt_speaks_of_is_no_fault():
    says = chain("The reference answer is 20, so the student is wrong.")
    assert verdicts(says, prompt="The reference answer is 20. Is it right?")[0].ok is True
    assert verdicts(chain("As an AI, I add."), prompt="Are you an AI? Who are you?")[0].ok is True


def test_hostile_text_is_read_in_linear_time():
    for bait in (
        "as an ai ",
        "the given ",
        "i am sorry",
        "\n\n",
        "\x00",
        "\ud800",
        "给",
        "答案",
        "###",
        "I ",
    ):
        verdicts(bait * (500_000 // len(bait)))
