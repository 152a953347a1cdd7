"""Whether a general prompt is asked for a chain: for hard ones one, for trivial ones none.

DeepSeek-R1's 200k general samples (arXiv 2501.12948v1, section 2.3.3) call for a chain "for certain non-reasoning tasks" and
provide none "for simpler queries, such as 'hello'". The rule here goes by the prompt's words alone, so that it can be shown
before anything is paid for, and comes out the same every time.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from curate.general.task_signals import (
    CONSTRAINT_MARKS,
    FACT_WORDS,
    GREETING_WORDS,
    HARD_WORDS,
    SELF_WORDS,
    SENTENCE_ENDS,
    SMALL_TALK_WORDS,
    TRANSLATION_WORDS,
    WRITING_WORDS,
)
from filters.types import CHAIN_ASKED, CHAIN_NONE, Prompt

VERSION: Final = 1
"""Raised when a prompt may be decided otherwise: samples that were asked for by another version are not gone on with."""
Mode = Literal["auto", "always", "never"]
READ: Final = 20_000
"""Characters of a prompt whose words are looked at; one that is longer is hard for its length alone."""
PHRASE, QUESTION, SHORT, FEW = 30, 20, 8, 3
"""Words: of a phrase to be translated with what asks for it, of a question about one thing, of a prompt that is short,
and beside a greeting."""
SENTENCES: Final = 3
"""From so many on a prompt is not short."""
RULES: Final = {
    "greeting": "no more than a greeting",
    "small_talk": "thanks, a farewell, how somebody is",
    "self_cognition": "a short question about the model itself",
    "translation": f"a word or a phrase to be translated: at most {PHRASE} words in all",
    "constraints": "two constraints or more: lengths, words to use or avoid, lists of demands",
    "writing": "a text to be written that has to keep to a constraint",
    "comparison": "two things are to be compared",
    "code": "a program is asked for or asked about",
    "analysis": "reasons, an explanation, a proof, a calculation or a judgement",
    "plan": "a plan, a procedure, a design",
    "fact": f"a question for one fact, of at most {QUESTION} words",
    "short": f"at most {SHORT} words, fewer than {SENTENCES} sentences, and nothing of the above",
    "long": "anything longer",
    "forced": "the option chain says so for all prompts",
}
"""The rules in the order in which they are asked, and what each means; the last is not asked."""

_CHARACTER = r"[㐀-䶿一-鿿぀-ヿ가-힯]"
_WORD: Final = re.compile(rf"{_CHARACTER}{{1,2}}|(?:(?!{_CHARACTER})\w)+")


class ChainDecision(NamedTuple):
    """Whether a chain is asked for, and by which of `RULES`."""

    asked: bool
    rule: str

    def __str__(self) -> str:
        """As `Prompt.chain` has it."""
        return f"{CHAIN_ASKED if self.asked else CHAIN_NONE}: {self.rule}"


def decide_chain(prompt: Prompt, mode: Mode = "auto") -> ChainDecision:
    """Whether a prompt is asked for a chain: by its user's words, whatever white space stands between them."""
    if mode != "auto":
        return ChainDecision(mode == "always", "forced")
    words = prompt.text.split()
    text = " ".join(unicodedata.normalize("NFKC", " ".join(words)).casefold().split())
    if len(text) > READ:
        return ChainDecision(True, "long")
    trivial = _find_talk(text)
    if trivial is not None:
        return ChainDecision(False, trivial)
    hard = _find_task(text)
    return ChainDecision(True, hard) if hard is not None else _decide_rest(text)


def mark_prompt(prompt: Prompt, mode: Mode) -> Prompt:
    """The prompt with what was decided of it."""
    return replace(prompt, chain=str(decide_chain(prompt, mode)))


def count_words(text: str) -> int:
    """Words; of scripts without spaces, pairs of characters."""
    return sum(1 for _ in _WORD.finditer(text))


def _find_talk(text: str) -> str | None:
    """The rule by which a prompt is trivial whatever task its words may hint at."""
    size, constraints = count_words(text), len(CONSTRAINT_MARKS.findall(text))
    for rule, pattern in (("greeting", GREETING_WORDS), ("small_talk", SMALL_TALK_WORDS)):
        if (
            pattern.search(text)
            and count_words(SMALL_TALK_WORDS.sub(" ", GREETING_WORDS.sub(" ", text))) <= FEW
        ):
            found = "small_talk" if SMALL_TALK_WORDS.search(text) else rule
            return None if _find_task(SMALL_TALK_WORDS.sub(" ", GREETING_WORDS.sub(" ", text))) else found
    if SELF_WORDS.search(text) and size <= QUESTION and constraints < 2:
        return "self_cognition"
    if TRANSLATION_WORDS.search(text) and size <= PHRASE and constraints < 2:
        return "translation"
    return None


def _find_task(text: str) -> str | None:
    """The rule by which a prompt is hard."""
    constraints = len(CONSTRAINT_MARKS.findall(text))
    if constraints >= 2:
        return "constraints"
    if constraints and WRITING_WORDS.search(text):
        return "writing"
    return next((rule for rule, pattern in HARD_WORDS.items() if pattern.search(text)), None)


def _decide_rest(text: str) -> ChainDecision:
    """By form and length alone."""
    size, sentences = count_words(text), len(SENTENCE_ENDS.findall(text))
    if (
        size <= QUESTION
        and sentences < SENTENCES
        and FACT_WORDS.search(text)
        and not WRITING_WORDS.search(text)
    ):
        return ChainDecision(False, "fact")
    if size <= SHORT and sentences < SENTENCES:
        return ChainDecision(False, "short")
    return ChainDecision(True, "long")
