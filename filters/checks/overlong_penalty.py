"""A soft punishment for long responses, which grows before the limit is reached.

A response that is cut off gets no answer and so no reward, however good its chain was. DAPO (arXiv 2503.14476,
section 3.4, equation 13) takes the shock out of it: from some way before the limit on, each token costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, ValidationInfo, field_validator

from filters.check import Role, SampleCheck
from filters.checks.overlong import estimate_tokens
from filters.types import Sample, Verdict


class OverlongPenalty(SampleCheck):
    """The response ends before the last tokens of the limit, in which a penalty grows from 0 to -1.

    The score is the penalty: 0 up to `max_tokens` - `buffer` tokens, falling linearly to -1 at `max_tokens`;
    -1 too where the response was cut off.
    """

    name: ClassVar[str] = "overlong_penalty"
    role: ClassVar[Role] = "reward"
    rules: ClassVar[Mapping[str, str]] = {
        "near_limit": "the response ends within the last tokens before the limit, where each one costs",
        "too_long": "the response has more tokens than max_tokens; the score is -1",
        "truncated": "the engine cut the response off at its token limit; the score is -1",
    }
    graded: ClassVar[bool] = True

    max_tokens: int = Field(default=20480, gt=0)
    """The limit in tokens, as the policy samples; DAPO takes 20,480."""
    buffer: int = Field(default=4096, gt=0)
    """How many tokens before the limit the penalty begins; DAPO takes 4,096."""

    @field_validator("buffer")
    @classmethod
    def _within(cls, value: int, info: ValidationInfo) -> int:
        if value > info.data.get("max_tokens", value):
            raise ValueError("the buffer is longer than max_tokens")
        return value

    def judge(self, sample: Sample) -> Verdict:
        """Cut off first, then by the length, which is estimated where nobody counted."""
        tokens = estimate_tokens(sample.response) if sample.tokens is None else sample.tokens
        if sample.finish == "length":
            return Verdict(False, f"truncated: cut off after {tokens} tokens", -1.0)
        over = tokens - (self.max_tokens - self.buffer)
        if over <= 0:
            return Verdict(True, score=0.0)
        rule = "near_limit" if tokens <= self.max_tokens else "too_long"
        return Verdict(
            False, f"{rule}: {tokens} tokens, at most {self.max_tokens}", max(-1.0, -over / self.buffer)
        )
