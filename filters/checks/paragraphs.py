"""Whether a chain has paragraphs that nobody would read, or is a wall of text as a whole.

The paper (arXiv 2501.12948, section 2.3.3) drops chains with long paragraphs. It gives no number; here a
paragraph is what stands between line breaks, and its size is guessed in tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from filters.check import Role, SampleCheck
from filters.checks.overlong import BYTES_A_TOKEN
from filters.think import split_response
from filters.types import Sample, Verdict

_WALL_FROM = 2_000
"""Tokens from which a chain can be a wall: a short one is read in one go."""


class Paragraphs(SampleCheck):
    """No paragraph of the chain is too long, and most of a long chain does not stand in large paragraphs.

    A response without think tags is judged as a whole. The score is the longest paragraph's length in estimated
    tokens; for wall_of_text the share in large paragraphs.
    """

    name: ClassVar[str] = "paragraphs"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "long_paragraph": "one paragraph is longer than max_tokens",
        "wall_of_text": "too large a share of a long chain stands in large paragraphs",
    }
    default_filter: ClassVar[bool] = True

    max_tokens: int = Field(default=1000, gt=0)
    """Longest paragraph (text without a line break), in estimated tokens: about two printed pages."""
    large: int = Field(default=400, gt=0)
    """From how many estimated tokens on a paragraph is large: about the most that style guides allow."""
    max_large_share: float = Field(default=0.5, ge=0, le=1)
    """Largest share of a chain of 2,000 tokens and more that may stand in large paragraphs."""

    def judge(self, sample: Sample) -> Verdict:
        """The longest paragraph first; most chains have no large one, and are done."""
        text = sample.response
        begin, end = split_response(text).chain_span or (0, len(text))
        sizes = _line_sizes(text[begin:end])
        longest = max(sizes)
        tokens = round(longest / BYTES_A_TOKEN)
        if tokens > self.max_tokens:
            reason = f"long_paragraph: about {tokens} tokens, at most {self.max_tokens}"
            return Verdict(False, reason, tokens, _line(text, begin, end, sizes.index(longest)))
        if tokens >= self.large and (size := sum(sizes) + len(sizes) - 1) >= _WALL_FROM * BYTES_A_TOKEN:
            share = sum(line for line in sizes if line >= self.large * BYTES_A_TOKEN) / size
            if share > self.max_large_share:
                reason = f"wall_of_text: {share:.0%} in paragraphs of {self.large} tokens and more"
                return Verdict(False, reason, share, _line(text, begin, end, sizes.index(longest)))
        return Verdict(True, score=tokens)


def _line_sizes(text: str) -> list[int]:
    """The bytes of each line in UTF-8."""
    if text.isascii():
        return list(map(len, text.split("\n")))
    return list(map(len, text.encode("utf-8", "surrogatepass").split(b"\n")))


def _line(text: str, begin: int, end: int, number: int) -> tuple[int, int]:
    """The character range of a line of the chain, by its number from 0."""
    lines = text[begin:end].split("\n")
    start = begin + sum(map(len, lines[:number])) + number
    return start, start + len(lines[number])
