"""When a text and a problem count as one: the rule and its numbers, of which an index is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Rule = Literal["coverage", "paper"]
MatchKind = Literal["exact", "overlap", "paper", "reworded"]
"""How a problem was found in a text.

exact: all of it, word for word. overlap: a share of its runs of words. paper: one run of 10 words.
reworded: a share of its runs once numbers and names are masked.
"""
PAPER_WORDS: Final = 10
"""The run of words by which DeepSeek-R1's authors removed what its benchmarks hold (arXiv 2501.12948, the supplement)."""
WHOLE_WORDS: Final = 5
"""Words from which on a short problem counts also where it stands inside a longer text."""
LINE_WORDS: Final = 3
"""Words from which on a shorter one counts where it is a line of the text, as templates put it."""


@dataclass(frozen=True, slots=True)
class MatchRules:
    """ngram: words of a run. coverage: the share of a problem's runs that make a match, above 0.

    masked_coverage: the same once numbers and names are masked; not looked for where it is None. rule: `paper` asks
    for one run of PAPER_WORDS words instead, and for nothing else.
    """

    rule: Rule = "coverage"
    ngram: int = 8
    coverage: float = 0.5
    masked_coverage: float | None = None

    def describe(self) -> str:
        """The rules in a few words, for people."""
        if self.rule == "paper":
            return f"any run of {PAPER_WORDS} words"
        masked = (
            ""
            if self.masked_coverage is None
            else f", or {self.masked_coverage:.0%} with numbers and names masked"
        )
        return f"{self.coverage:.0%} of a problem's runs of {self.ngram} words{masked}; shorter ones whole"
