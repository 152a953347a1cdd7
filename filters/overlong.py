"""Whether a response is too long to train on, or cut off.

A response that ran into its limit has no ending to learn from; one beyond the student's context would be cut.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from filters.check import SampleCheck
from filters.vocabulary import Sample, Verdict

# UTF-8 bytes a token: about 4 in English prose and Chinese text, about 3 in formulas, with the
# vocabularies of Qwen and Llama. Good for a limit, not for a bill.
BYTES_A_TOKEN = 3.5


class Overlong(SampleCheck):
    """Not more tokens than a student can take, and not cut off at a limit.

    Rules: truncated, too_long. The score is the number of tokens.
    """

    name: ClassVar[str] = "overlong"
    version: ClassVar[int] = 2

    max_tokens: int = Field(32768, gt=0)
    """Longest response in tokens; the paper trains its students with a context of 32,768."""

    def judge(self, sample: Sample) -> Verdict:
        """Cut off first, then the length."""
        tokens, how = _tokens(sample)
        if sample.finish == "length":
            end = len(sample.response)
            return Verdict(False, f"truncated: cut off after {tokens} tokens{how}", tokens, (end, end))
        if tokens > self.max_tokens:
            return Verdict(False, f"too_long: {tokens} tokens{how}, at most {self.max_tokens}", tokens)
        return Verdict(True, score=tokens)


def estimate_tokens(text: str) -> int:
    """How many tokens a text has, guessed from its size in UTF-8."""
    return round(len(text.encode("utf-8", "surrogatepass")) / BYTES_A_TOKEN)


def _tokens(sample: Sample) -> tuple[int, str]:
    if sample.tokens is not None:
        return sample.tokens, ""
    return estimate_tokens(sample.response), " (estimated: nobody counted)"
