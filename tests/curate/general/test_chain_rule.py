"""The rule that decides which general prompts are asked for a chain."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.general.chain_rule import READ, RULES, decide_chain, mark_prompt
from filters.types import Prompt

DECIDED = [
    ("Hi!", "none: greeting"),
    ("你好!", "none: greeting"),
    ("Hello, how are you today?", "none: small_talk"),
    ("谢谢你!", "none: small_talk"),
    ("Who are you?", "none: self_cognition"),
    ("你是谁?", "none: self_cognition"),
    ("What is your name, and who created you?", "none: self_cognition"),
    ("Translate into Chinese: compare", "none: translation"),
    ("“猫”用英语怎么说?", "none: translation"),
    ("What is the capital of France?", "none: fact"),
    ("法国的首都是哪里?", "none: fact"),
    ("Write a poem about spring.", "none: short"),
    ("¿Cuál es la capital de Francia?", "none: short"),
    ("Write a poem about spring in exactly 8 lines.", "asked: constraints"),
    ("写一首关于春天的诗,不超过50字", "asked: constraints"),
    ("Write a 500-word essay on rivers.", "asked: writing"),
    ("Compare Python and Rust.", "asked: comparison"),
    ("猫和狗有什么区别?", "asked: comparison"),
    ("Write a Python function that reverses a list.", "asked: code"),
    ("写一个排序算法的代码", "asked: code"),
    ("Why is the sky blue?", "asked: analysis"),
    ("分析这首诗的主题", "asked: analysis"),
    ("Plan a trip to Rome.", "asked: plan"),
    ("制定一个学习计划", "asked: plan"),
    ("Hello there! Why is the sky blue?", "asked: analysis"),
    ("Hi, fix my code", "asked: code"),
    (
        "Le fleuve traverse la ville du nord au sud, et ses rives sont bordées de maisons très anciennes.",
        "asked: long",
    ),
    ("x " * READ, "asked: long"),
]


@pytest.mark.parametrize(("text", "decided"), DECIDED, ids=range(len(DECIDED)))
def test_hard_prompts_are_asked_for_a_chain_and_trivial_ones_are_not(text, decided):
    assert mark_prompt(Prompt.make(text), "auto").chain == decided


def test_it_can_be_forced():
    for text, _ in DECIDED:
        assert str(decide_chain(Prompt.make(text), "always")) == "asked: forced"
        assert str(decide_chain(Prompt.make(text), "never")) == "none: forced"


def test_what_was_decided_is_no_part_of_a_prompts_identity():
    prompt = Prompt.make("Hi!")
    marked = mark_prompt(prompt, "auto")
    assert (prompt.wants_chain, marked.wants_chain, marked.id) == (None, False, prompt.id)
    assert mark_prompt(prompt, "always").wants_chain is True


texts = st.one_of(
    st.lists(st.sampled_from([word for text, _ in DECIDED[:-1] for word in text.split()]), max_size=30).map(
        " ".join
    ),
    st.text(max_size=80),
)


@settings(max_examples=100, deadline=None)
@given(texts, st.text(alphabet=" \t\n\r\u00a0\u3000", min_size=1, max_size=3))
def test_it_is_stable_under_white_space(text, blank):
    found = decide_chain(Prompt.make(text))
    other = re.sub(r"\s+", blank, text)
    assert found == decide_chain(Prompt.make(f"{blank}{other}{blank[::-1]}"))
    assert found.rule in RULES


def test_a_hostile_text_is_decided_in_linear_time():
    for piece in ("what is ", "1. ", "以", "translate ", "```", "how ", "é", "一"):
        assert decide_chain(Prompt.make(piece * 50_000)).rule == "long"
        assert decide_chain(Prompt.make(piece * (READ // len(piece)))).rule in RULES
