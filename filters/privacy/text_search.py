"""A check that searches the texts of a sample for what should not be published, and says what it found without quoting it."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import ClassVar, Final, Literal, NamedTuple

import polars as pl

from filters.check import Check, judge_safely
from filters.errors import UserError
from filters.privacy.candidates import MOST, TextPattern, TooManyError, compile_all, find_suspects
from filters.privacy.findings import Hit, count_kinds, merge_findings
from filters.types import Prompt, Sample, Verdict

Where = Literal["prompt", "reference", "response"]
_PLACES: Final[Mapping[Where, str]] = {
    "prompt": "in the prompt, characters {} to {}",
    "reference": "in the reference answer, characters {} to {}",
}


UNREADABLE: Final = (ImportError, AttributeError, TypeError, ValueError, re.error, pl.exceptions.PolarsError)
"""What it raises where a later version of a package has its patterns elsewhere, or in another form."""


class SampleText(NamedTuple):
    """A text of a sample, and what of the sample it is."""

    where: Where
    text: str


class Place(NamedTuple):
    """What was found, and in which text of the sample."""

    where: Where
    hit: Hit


Found = list[Place] | Verdict
"""What a text holds, or that it could not be searched to its end."""


class TextSearchCheck(Check):
    """Searches prompt, reference answer and response; false where anything is found.

    What a class says: the packages it needs, its patterns, what it finds by them, and the verdict on that.
    """

    hides_text: ClassVar[bool] = True
    packages: ClassVar[Mapping[str, str]]
    """Module -> package, of what the extra `privacy` installs for it."""

    of: Literal["both", "prompt", "response"] = "both"
    """Which texts are searched: prompt (all its messages, and the reference answer), response, or both: a published row holds both."""

    @property
    def reads_response(self) -> bool:
        """See Check."""
        return self.of != "prompt"

    @property
    @abstractmethod
    def patterns(self) -> Sequence[TextPattern]:
        """What is looked for first, over a whole batch."""

    @abstractmethod
    def find(self, text: str, likely: Sequence[TextPattern]) -> Iterator[Hit]:
        """What a text holds of what it may hold, in any order. Raises TooManyError."""

    @abstractmethod
    def reject(self, what: str, number: int, span: tuple[int, int] | None) -> Verdict:
        """The verdict where something was found. what: kinds, numbers and places; number: of all; span: of the first in the response."""

    def prepare(self) -> None:
        """Refuse where a package is missing, or too new for us. Raises UserError."""
        for module, package in self.packages.items():
            if find_spec(module) is None:
                raise UserError(
                    f"The check '{self.name}' needs the package {package}, which is missing: pip install 'r1curate[privacy]'."
                )
        try:
            compile_all(self.patterns)
        except UNREADABLE as error:
            raise UserError(
                f"The check '{self.name}' cannot read the patterns of {', '.join(self.packages.values())} ({error}): "
                "install the versions that r1curate[privacy] names."
            ) from None

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch: one look at all its texts, each prompt once, then each text that may hold something."""
        asked = {sample.prompt.id: sample.prompt for sample in batch} if self.of != "response" else {}
        texts: dict[str | int, SampleText] = {}
        for key, prompt in asked.items():
            texts |= {f"{one.where} {key}": one for one in _list_texts(prompt)}
        if self.of != "prompt":
            texts |= {number: SampleText("response", one.response) for number, one in enumerate(batch)}
        found = self._find_in(texts)
        return [
            self._tell(
                [
                    found.get(key, [])
                    for key in (f"prompt {sample.prompt.id}", f"reference {sample.prompt.id}", number)
                ],
            )
            for number, sample in enumerate(batch)
        ]

    def _tell(self, results: Sequence[Found]) -> Verdict:
        """False where something was found; undecided where a text could not be searched to its end."""
        found = [one for result in results if not isinstance(result, Verdict) for one in result]
        if not found:
            return next((one for one in results if isinstance(one, Verdict)), Verdict(True, score=0.0))
        said = [count_kinds([one.hit for one in found])]
        first = {one.where: one.hit for one in reversed(found)}
        said += [
            place.format(first[where].start, first[where].end)
            for where, place in _PLACES.items()
            if where in first
        ]
        span = (first["response"].start, first["response"].end) if "response" in first else None
        return self.reject(", ".join(said), len(found), span)

    def _find_in(self, texts: Mapping[str | int, SampleText]) -> dict[str | int, Found]:
        """What each text holds, of those that hold anything, by its key."""
        keys, listed = list(texts), list(texts.values())
        suspects = find_suspects([one.text for one in listed], self.patterns)
        return {
            keys[number]: judge_safely(self._search, listed[number], likely, hides_text=True)
            for number, likely in suspects.items()
        }

    def _search(self, one: SampleText, likely: Sequence[TextPattern]) -> Found:
        """What a text holds; too many candidates make it undecided only where nothing was found among them."""
        found: list[Hit] = []
        try:
            found.extend(self.find(one.text, likely))
        except TooManyError:
            if not found:
                return Verdict(
                    None, f"too_many: more than {MOST:,} places that look alike, in the {one.where}"
                )
        return [Place(one.where, each) for each in merge_findings(found)]


def _list_texts(prompt: Prompt) -> Iterator[SampleText]:
    yield SampleText("prompt", "\n".join(turn["content"] for turn in prompt.messages))
    if prompt.answer:
        yield SampleText("reference", prompt.answer)
