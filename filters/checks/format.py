"""Whether a response has the form that templates, trainers and readers rely on.

A student learns the form with the content: a missing tag, a chain without an answer or a stray template
token in one sample in a hundred comes back in one response in a hundred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from filters.check import Role, SampleCheck, judge_safely
from filters.text_columns import make_text_column
from filters.think import CLOSE, FOREIGN_BEGIN, OPEN, list_tags
from filters.types import Sample, Verdict

# Tokens of the common chat templates: ChatML, Llama 2 to 4, Gemma, Mistral, DeepSeek, Phi. `<|x|>` alone
# is also how people write an average, so a bar token must be a known word or hold an underscore.
_TOKEN = re.compile(
    r"<\|(?:[a-zA-Z0-9]{1,24}(?:_[a-zA-Z0-9]{1,24}){1,6}|endoftext|end|user|assistant|system|eot|eom|pad)\|>"
    r"|<｜[^｜<>\n]{1,40}｜>|\[/?INST\]|<</?SYS>>|</?(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>"
    r"|\A\s{0,9}<s>|</s>\s{0,9}\Z"
)
_BEGINNINGS = r"<\||<｜|</?s>|<</?SYS|</?start_|</?end_|<bos>|<eos>|<pad>|<unk>|INST\]"
"""Every token holds one of these: fixed strings, which are found many times as fast as the tokens."""
_VISIBLE = re.compile(r"[^\s\x00\u200b-\u200f\u2060\ufeff]")
_TAIL = "think>"
"""What both tags end in."""
_TOKEN_BEGINS = re.compile(_BEGINNINGS)
_WORD = re.compile(r"[^\W_]")
_TAG = re.compile(f"{OPEN}|{CLOSE}")


class Format(SampleCheck):
    """Exactly one pair of think tags opens the response, with a chain in it, text after it, and no template tokens.

    Of a prompt that was asked for no chain (`generate --kind general`) the response is text without any think tag, and begins with no mark that chains have elsewhere (`<thinking>`).
    """

    name: ClassVar[str] = "format"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "no_think": "there is no <think>",
        "unclosed_think": "<think> is never closed",
        "nested_think": "a think tag stands there twice, or in the wrong order",
        "text_before_think": "text stands before <think>",
        "empty_chain": "there is not a word between the think tags",
        "no_response": "nothing stands after </think>, or nothing at all",
        "unasked_chain": "there is a mark of a chain, though the prompt was asked for none",
        "template_token": "a chat template's special token is left in the text",
    }
    default_filter: ClassVar[bool] = True

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch: one look at all texts for tags and tokens, then each that is not plainly well formed."""
        texts = make_text_column([sample.response for sample in batch])
        plain = (texts.str.count_matches(_TAIL) == 2) & ~texts.str.contains(_BEGINNINGS)
        passed = Verdict(True)
        return [
            passed
            if seen and sample.prompt.wants_chain is not False and _well_formed(sample.response)
            else judge_safely(self.judge, sample)
            for sample, seen in zip(batch, plain.to_list(), strict=True)
        ]

    def judge(self, sample: Sample) -> Verdict:
        """The first fault found; tags come first, because everything else is read through them."""
        text = sample.response
        if sample.prompt.wants_chain is False:
            return _chain_fault(text) or _token_fault(sample) or Verdict(True)
        return _tag_fault(text) or _content_fault(text) or _token_fault(sample) or Verdict(True)


def _well_formed(text: str) -> bool:
    """Whether a text with two tags begins with one, ends a chain with the other, and goes on after it."""
    close = text.rfind(CLOSE)
    if not text.startswith(OPEN) or close < len(OPEN):
        return False
    return bool(_WORD.search(text, len(OPEN), close) and _VISIBLE.search(text, close + len(CLOSE)))


def _fault(rule: str, detail: str, span: tuple[int, int]) -> Verdict:
    return Verdict(False, f"{rule}: {detail}", None, span)


def _chain_fault(text: str) -> Verdict | None:
    """What is wrong with a response that is to hold no chain; a tag that it only speaks of is none."""
    if list_tags(text):
        found = _TAG.search(text)
        assert found is not None, "a tag was listed"
        return _fault("unasked_chain", f"{found.group()}, and no chain was asked for", found.span())
    if found := FOREIGN_BEGIN.match(text):
        return _fault("unasked_chain", f"{found.group().strip()}, and no chain was asked for", found.span())
    return None if _VISIBLE.search(text) else _fault("no_response", "nothing is said", (0, len(text)))


def _tag_fault(text: str) -> Verdict | None:
    if _one_pair(text):
        return None
    start, close = text.find(OPEN), text.find(CLOSE)
    if start < 0:
        detail = "no <think>" if close < 0 else "</think> without <think>"
        return _fault("no_think", detail, (0, 0) if close < 0 else (close, close + len(CLOSE)))
    if close < start:
        late = text.find(CLOSE, start)
        if close < 0 or late < 0:
            return _fault("unclosed_think", "no </think> after <think>", (start, len(text)))
        return _fault("nested_think", "</think> before <think>", (close, close + len(CLOSE)))
    for tag, begin in ((OPEN, start), (CLOSE, close)):
        second = text.find(tag, begin + 1)
        if second >= 0:
            return _fault("nested_think", f"a second {tag}", (second, second + len(tag)))
    before = _VISIBLE.search(text, 0, start)
    assert before is not None, "one pair with nothing before it was seen above"
    return _fault("text_before_think", "the response does not begin with <think>", (before.start(), start))


def _one_pair(text: str) -> bool:
    """Whether one pair opens the response: seen from both ends, so that the chain is scanned only once."""
    start, close = text.find(OPEN), text.rfind(CLOSE)
    if not 0 <= start < close or text.find(_TAIL, start + len(OPEN), close) >= 0:
        return False
    return text.find(OPEN, close) < 0 and not _VISIBLE.search(text, 0, start)


def _content_fault(text: str) -> Verdict | None:
    begin, close = text.find(OPEN) + len(OPEN), text.rfind(CLOSE)
    answer = close + len(CLOSE), len(text)
    if not _WORD.search(text, begin, close):
        return _fault("empty_chain", "no word between the think tags", (begin, close))
    return None if _VISIBLE.search(text, *answer) else _fault("no_response", "nothing after </think>", answer)


def _token_fault(sample: Sample) -> Verdict | None:
    """A template's token, unless the prompt itself speaks of it."""
    if not _TOKEN_BEGINS.search(sample.response):
        return None
    for found in _TOKEN.finditer(sample.response):
        token = found.group().strip()
        if token not in sample.prompt.text:
            return _fault("template_token", token, found.span())
    return None
