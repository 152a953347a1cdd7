"""Pairs of replies to general prompts, one good and one bad, for the mini world's reward model.

The good reply is the world's own. The bad ones are what a policy can be tempted to: another fact, another
language, another question's answer, nothing, a refusal, code, a chain that the question did not need, or
the right word among others, which is how a policy learns to please a reward model that looks for words.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from filters.think import CLOSE, OPEN
from recipes.mini.general import Exchange
from recipes.mini.words import (
    ANSWERS,
    CAPITALS,
    CLOSINGS,
    DICTIONARY,
    LANGUAGES,
    NOW,
    OPENINGS,
    OPPOSITES,
    OTHER,
    RAMBLING_WORDS,
    SMALL_TALK,
    Language,
)

REFUSALS: dict[Language, tuple[str, ...]] = {
    "en": ("I cannot help with that.", "Sorry, I cannot answer this.", "I do not know."),
    "zh": ("我不能回答这个问题。", "抱歉,我帮不了你。", "我不知道。"),
}
_CHINESE = tuple(chinese for _, chinese in DICTIONARY)
_ENGLISH = tuple(english for english, _ in DICTIONARY)
_WORDS: dict[Language, tuple[tuple[str, ...], ...]] = {
    language: (
        tuple(word for _, word in CAPITALS[language]),
        tuple(word for pair in OPPOSITES[language] for word in pair),
        tuple(answer for _, answer in SMALL_TALK[language]),
        _CHINESE if language == "en" else _ENGLISH,
    )
    for language in LANGUAGES
}
"""What can be answered in a language, by kind of question: the good reply is wrong for its neighbours."""


def _counterparts() -> dict[str, str]:
    """Each reply in the other language; the lists of both languages have the same order."""
    pairs = list(DICTIONARY)
    for table in (CAPITALS, OPPOSITES, SMALL_TALK):
        pairs += [(en, zh) for (_, en), (_, zh) in zip(table["en"], table["zh"], strict=True)]
    return dict(pairs) | {chinese: english for english, chinese in pairs}


_IN_OTHER = _counterparts()
_NO_QUOTATION = str.maketrans("", "", '"“”')


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt with a good reply and a bad one, and the kind of its fault."""

    prompt: str
    good: str
    bad: str
    kind: str


def wrong_fact(rng: random.Random, row: Exchange) -> str:
    """Another answer of the same kind; for an opposite perhaps the word itself."""
    pool = next(words for words in _WORDS[row.language] if row.response in words)
    return rng.choice([word for word in pool if word != row.response])


def wrong_language(rng: random.Random, row: Exchange) -> str:
    """The answer in the other language, or a greeting in it where both say it alike."""
    found = _IN_OTHER[row.response]
    return found if found != row.response else rng.choice(REFUSALS[OTHER[row.language]])


def another_question(rng: random.Random, row: Exchange) -> str:
    """An answer to a question of another kind, a sum's included."""
    if rng.random() < 0.3:
        return rng.choice(ANSWERS[row.language]).format(v=rng.randint(2, 99))
    pools = [words for words in _WORDS[row.language] if row.response not in words]
    return rng.choice(rng.choice(pools))


def garble_text(rng: random.Random, row: Exchange) -> str:
    """Nothing, a few marks, or pieces of many answers."""
    pieces = "".join(rng.choice(rng.choice(_WORDS[row.language])) for _ in range(4))
    return rng.choice(("", "...", "".join(rng.sample(pieces, len(pieces)))))


def refusal(rng: random.Random, row: Exchange) -> str:
    """No answer to a harmless question."""
    return rng.choice(REFUSALS[row.language])


def code(rng: random.Random, row: Exchange) -> str:
    """The answer as a program."""
    del rng
    return f'```python\nprint("{row.response}")\n```'


def needless_chain(rng: random.Random, row: Exchange) -> str:
    """The answer after a chain, inside the think block or outside."""
    number = rng.randint(2, 99)
    forms = (OPENINGS, RAMBLING_WORDS, NOW, CLOSINGS)
    lines = [rng.choice(rng.choice(forms)[row.language]) for _ in range(rng.randint(1, 4))]
    chain = "\n".join(line.format(start=number, v=number, eq=f"{number}+1={number + 1}") for line in lines)
    return f"{OPEN}\n{chain}\n{CLOSE}\n\n{row.response}" if rng.random() < 0.7 else f"{chain}\n{row.response}"


def pad_text(rng: random.Random, row: Exchange) -> str:
    """The answer among others, or again and again."""
    others = [wrong_fact(rng, row) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.3:
        return " ".join([row.response] * rng.randint(2, 5))
    words = [row.response, *others]
    rng.shuffle(words)
    return " ".join(words)


KINDS: dict[str, Callable[[random.Random, Exchange], str]] = {
    "wrong_fact": wrong_fact,
    "wrong_language": wrong_language,
    "another_question": another_question,
    "garbled": garble_text,
    "refusal": refusal,
    "code": code,
    "needless_chain": needless_chain,
    "padded": pad_text,
}


def retype_text(rng: random.Random, prompt: str) -> str:
    """A prompt as a hasty user types it: without quotation marks or its last mark, a blank too many."""
    if rng.random() < 0.5:
        prompt = prompt.translate(_NO_QUOTATION)
    if rng.random() < 0.3:
        prompt = prompt.rstrip("?？.。!！")
    at = rng.randrange(len(prompt))
    return prompt[:at] + rng.choice(("", " ", " ")) + prompt[at:]


def pair(rng: random.Random, row: Exchange, kind: str) -> Pair:
    """A row's good reply beside a bad one of a kind."""
    return Pair(row.prompt, row.response, KINDS[kind](rng, row), kind)


def make_labelled_pairs(rng: random.Random, rows: Sequence[Exchange]) -> Iterator[Pair]:
    """Each row's good reply beside a bad one of every kind, as a reader of responses alone can tell them apart.

    So a needless chain stands outside the think block: inside it, what follows is the good reply itself.
    """
    for row in rows:
        for kind in KINDS:
            made = pair(rng, row, kind)
            while OPEN in made.bad:
                made = pair(rng, row, kind)
            yield made
