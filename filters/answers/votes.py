"""The votes of one prompt's samples: equal final answers are one class, whatever their form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from filters.answers.compare.equality import group_answers
from filters.answers.extract.final_answer import FinalAnswer, extract_answer
from filters.types import Sample

MAX_VOTE = 600
"""Characters of an answer that may vote: every new one is compared with the classes before it."""


@dataclass(frozen=True, slots=True)
class VoteCount:
    """The votes of one prompt's samples.

    found: each sample's final answer. classes: each sample's class, None where it has no vote: no answer, a
    weakly found one, or one that is far too long. leading: the class with the most votes, None where nobody
    voted or two are tied. answer: the first answer of the leading class. votes: how many it has.
    decided: how many samples voted.
    """

    found: tuple[FinalAnswer, ...]
    classes: tuple[int | None, ...]
    leading: int | None
    answer: str
    votes: int
    decided: int

    @property
    def share(self) -> float:
        """The leading class's share of the votes; 0 where nothing leads."""
        return self.votes / self.decided if self.leading is not None else 0.0


def count_votes(samples: Sequence[Sample]) -> VoteCount:
    """Count the answers of all samples of one prompt."""
    found = tuple(extract_answer(sample.parts) for sample in samples)
    voting = [position for position, answer in enumerate(found) if _has_vote(answer)]
    numbers = group_answers([found[position].text for position in voting])
    classes: list[int | None] = [None] * len(found)
    for position, number in zip(voting, numbers, strict=True):
        classes[position] = number
    ranked = Counter(numbers).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return VoteCount(found, tuple(classes), None, "", 0, len(voting))
    leading, votes = ranked[0]
    answer = found[classes.index(leading)].text
    return VoteCount(found, tuple(classes), leading, answer, votes, len(voting))


def _has_vote(answer: FinalAnswer) -> bool:
    return answer.strong and not (answer.doubt or answer.rival) and 0 < len(answer.text) <= MAX_VOTE
