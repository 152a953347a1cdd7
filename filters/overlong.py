"""Whether a response is too long to train on, cut off, or written as a wall of text.

The paper (arXiv 2501.12948, section 2.3.3) drops chains with long paragraphs; and a response that ran into
its limit has no ending to learn from.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from filters.check import SampleCheck
from filters.think import split_response
from filters.vocabulary import Sample, Verdict

# UTF-8 bytes a token: about 4 in English prose and Chinese text, about 3 in formulas, with the
# vocabularies of Qwen and Llama. Good for a limit, not for a bill.
BYTES_A_TOKEN = 3.5


class Overlong(SampleCheck):
    """Too many tokens, a response cut off at its limit, or a paragraph nobody would read.

    Rules: truncated, too_long, long_paragraph. The score is the number of tokens; for long_paragraph it is
    that paragraph's length in estimated tokens.
    """

    name: ClassVar[str] = "overlong"

    max_tokens: int = Field(32768, gt=0)
    """Longest response in tokens; the paper trains its students with a context of 32,768."""
    max_paragraph: int = Field(1000, ge=0)
    """Longest paragraph (text without a line break) of the chain, in estimated tokens; 0 means no limit."""

    def judge(self, sample: Sample) -> Verdict:
        """Cut off first, then the whole length, then the chain's paragraphs."""
        tokens, how = _tokens(sample)
        if sample.finish == "length":
            end = len(sample.response)
            return Verdict(False, f"truncated: cut off after {tokens} tokens{how}", tokens, (end, end))
        if tokens > self.max_tokens:
            return Verdict(False, f"too_long: {tokens} tokens{how}, at most {self.max_tokens}", tokens)
        return self._paragraph_fault(sample.response) or Verdict(True, score=tokens)

    def _paragraph_fault(self, text: str) -> Verdict | None:
        begin, end = split_response(text).chain_span or (0, len(text))
        if not self.max_paragraph:
            return None
        while begin < end:
            stop = text.find("\n", begin, end)
            stop = end if stop < 0 else stop
            # A character has at most four bytes: short lines need no encoding.
            short = (stop - begin) * 4 <= self.max_paragraph * BYTES_A_TOKEN
            tokens = 0 if short else estimate_tokens(text[begin:stop])
            if tokens > self.max_paragraph:
                reason = f"long_paragraph: about {tokens} tokens, at most {self.max_paragraph}"
                return Verdict(False, reason, tokens, (begin, stop))
            begin = stop + 1
        return None


def estimate_tokens(text: str) -> int:
    """How many tokens a text has, guessed from its size in UTF-8."""
    return round(len(text.encode("utf-8", "surrogatepass")) / BYTES_A_TOKEN)


def _tokens(sample: Sample) -> tuple[int, str]:
    if sample.tokens is not None:
        return sample.tokens, ""
    return estimate_tokens(sample.response), " (estimated: nobody counted)"
