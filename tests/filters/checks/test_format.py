"""The form of a response: tags, chain, answer, template tokens."""

from __future__ import annotations

import pytest

from filters.checks.format import Format
from filters.types import Prompt, Sample

GOOD = "<think>\n12 + 7 = 19\n</think>\nThe answer is 19."


def verdict(response: str, prompt: str = "What is 12 + 7?"):
    return Format().judge(Sample("s", Prompt.make(prompt), response))


@pytest.mark.parametrize(
    "response", [GOOD, "\n " + GOOD, "<think>a < b | c</think>x", "<think>|x| <|x|> y</think>👍"]
)
def test_a_chain_and_an_answer_pass(response):
    assert verdict(response).ok is True


@pytest.mark.parametrize(
    ("response", "rule", "marked"),
    [
        ("19", "no_think", ""),
        ("", "no_think", ""),
        ("so 19</think>19", "no_think", "</think>"),
        ("<think>so 19", "unclosed_think", "<think>so 19"),
        ("</think>x<think>so 19", "unclosed_think", "<think>so 19"),
        ("</think><think>a</think>b", "nested_think", "</think>"),
        ("<think>a<think>b</think></think>c", "nested_think", "<think>"),
        ("<think>a</think>b</think>c", "nested_think", "</think>"),
        ("Sure! <think>a</think>b", "text_before_think", "Sure! "),
        ("<think> \n\u200b... </think>b", "empty_chain", " \n\u200b... "),
        ("<think>a</think> \n\u200b", "no_response", " \n\u200b"),
        ("<think>a</think>b<|im_end|>", "template_token", "<|im_end|>"),
        ("<think>a<|eot_id|></think>b", "template_token", "<|eot_id|>"),
        ("<think>a</think>b<｜end▁of▁sentence｜>", "template_token", "<｜end▁of▁sentence｜>"),
        ("<think>[INST] a</think>b", "template_token", "[INST]"),
        ("<think>a</think>b</s>", "template_token", "</s>"),
    ],
)
def test_each_fault_has_its_rule_and_span(response, rule, marked):
    found = verdict(response)
    assert (found.ok, found.rule) == (False, rule)
    assert found.span is not None
    assert response[slice(*found.span)] == marked


def test_a_token_that_the_prompt_speaks_of_is_no_leftover():
    response = "<think>It opens a turn.</think><|im_start|> opens a turn."
    assert verdict(response).rule == "template_token"
    assert verdict(response, "What does <|im_start|> do?").ok is True


def test_a_megabyte_of_openings_is_read_in_linear_time():
    for bait in ("<think>", "<|", "<｜", "</think>", "\x00", "\ud800"):
        assert verdict(bait * (1_000_000 // len(bait))).ok is False


def test_a_prompt_asked_for_no_chain_is_answered_without_a_think_tag():
    prompt = Prompt.make("Hi!", chain="none: greeting")

    def reason(response: str) -> str:
        (found,) = Format().check([Sample("s", prompt, response)])
        assert (found.ok is True) == (not found.reason)
        return found.rule

    assert reason("Hello! How can I help?") == ""
    assert reason("Put it between `<think>` tags.") == ""
    assert reason("Write <thinking> first.") == ""
    for chained in (
        "<think>A greeting.</think>Hello!",
        "<think></think>Hello!",
        "Hello!</think>",
        "<think>Hm",
        "<thinking>Hm</thinking>Hello!",
        "<THINK></THINK> Hello!",
        "[THINK]Hm[/THINK]Hello!",
        "\n<|begin_of_thought|>Hm<|end_of_thought|>Hello!",
        "<|channel|>analysis<|message|>Hm",
    ):
        assert reason(chained) == "unasked_chain"
    assert reason(" \n") == "no_response"
    assert reason("Hello!<|im_end|>") == "template_token"


def test_one_asked_for_a_chain_has_one():
    prompt = Prompt.make("Why?", chain="asked: analysis")
    samples = [Sample("s", prompt, text) for text in ("So.", "<think>Since so.</think>So.")]
    assert [found.rule for found in Format().check(samples)] == ["no_think", ""]
