"""Whether a response is too long to train on, cut off, or comes to no answer.

A response that ran into its limit has no ending to learn from; one beyond the student's context would be cut.
Where nobody kept the engine's finish reason, a chain that is never closed, or a response that leaves a question
with a known answer unanswered, says the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from filters.answers.extract.final_answer import extract_answer
from filters.check import Role, SampleCheck
from filters.think import split_response
from filters.types import Prompt, Sample, Verdict

# UTF-8 bytes a token: about 4 in English prose and Chinese text, about 3 in formulas, with the
# vocabularies of Qwen and Llama. Good for a limit, not for a bill.
BYTES_A_TOKEN = 3.5
_SHORT_REFERENCE = 200
"""Characters up to which a reference is a final answer, and not a solution, a table or a list of tests."""
_BOXED = re.compile(r"\\boxed\s{0,9}\{[^{}]{0,200}[^\s{}]")
"""A box with something in it: most responses have one, and are done."""
_VISIBLE = re.compile(r"[^\s\x00\u200b-\u200f\u2060\ufeff]")


class Overlong(SampleCheck):
    """The response is not too long for a student's context, was not cut off, and comes to a final answer.

    The score is the number of tokens.
    """

    name: ClassVar[str] = "overlong"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "truncated": "the engine cut the response off at its token limit",
        "too_long": "the response has more tokens than max_tokens",
        "no_answer": "the chain is never closed, nothing follows it, or what follows names no final answer",
    }
    default_filter: ClassVar[bool] = True
    version: ClassVar[int] = 3

    max_tokens: int = Field(default=32768, gt=0)
    """Longest response in tokens; the paper trains its students with a context of 32,768."""
    final_answer: Literal["reference", "always", "never"] = "reference"
    """Which prompts want a final answer (a box, a phrase such as "the answer is", a number at the end): those
    with a short reference answer, all of them, or none. Any prompt wants some text after the chain, unless none
    wants an answer."""

    def judge(self, sample: Sample) -> Verdict:
        """Cut off first, then the length, then whether it comes to an answer."""
        tokens, how = _tokens(sample)
        end = len(sample.response)
        if sample.finish == "length":
            return Verdict(False, f"truncated: cut off after {tokens} tokens{how}", tokens, (end, end))
        if tokens > self.max_tokens:
            return Verdict(False, f"too_long: {tokens} tokens{how}, at most {self.max_tokens}", tokens)
        missing = self._missing(sample)
        return (
            Verdict(False, f"no_answer: {missing}", tokens, (end, end))
            if missing
            else Verdict(True, score=tokens)
        )

    def _missing(self, sample: Sample) -> str:
        """What a response lacks of an answer, or nothing."""
        if self.final_answer == "never":
            return ""
        span = split_response(sample.response).answer_span
        if span is None:
            return "the chain is never closed"
        if not _VISIBLE.search(sample.response, *span):
            return "nothing follows the chain" if span[0] else "the response is empty"
        if self.final_answer == "reference" and not _wants_answer(sample.prompt):
            return ""
        if _BOXED.search(sample.response, *span) or extract_answer(sample.parts).text:
            return ""
        return "no box, no phrase that names an answer, no number"


def _wants_answer(prompt: Prompt) -> bool:
    """Whether a prompt has a final answer: a short reference, and it does not ask for a program."""
    return bool(prompt.answer) and len(prompt.answer or "") <= _SHORT_REFERENCE and prompt.domain != "code"


def estimate_tokens(text: str) -> int:
    """How many tokens a text has, guessed from its size in UTF-8."""
    return round(len(text.encode("utf-8", "surrogatepass")) / BYTES_A_TOKEN)


def _tokens(sample: Sample) -> tuple[int, str]:
    if sample.tokens is not None:
        return sample.tokens, ""
    return estimate_tokens(sample.response), " (estimated: nobody counted)"
