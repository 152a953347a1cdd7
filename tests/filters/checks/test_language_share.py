"""The language-consistency reward: shares, what counts as a chain, and what earns nothing."""

from __future__ import annotations

import pytest

from filters.checks.language_share import LanguageShare
from filters.types import Prompt, Sample, Verdict

QUESTION = "How many apples does Ann have now?"


def judged(response: str, prompt: str = QUESTION, language: str | None = None, **options) -> Verdict:
    sample = Sample("s", Prompt.make(prompt, language=language), response)
    return LanguageShare(**options).check([sample])[0]


def chain(text: str) -> str:
    return f"<think>\n{text}\n</think>\nIt is 3."


@pytest.mark.parametrize(
    ("text", "language", "share"),
    [
        ("First we add the apples and then we count them.", "en", 1.0),
        ("我们先把苹果加起来，然后再数一遍。", "zh", 1.0),
        ("まず、りんごの数を数えて、足し算をします。", "ja", 1.0),
        ("เรานับแอปเปิลแล้วบวกกัน", "th", 1.0),
        ("Сначала мы складываем яблоки.", "ru", 1.0),
        # Ten English words, and 16 Chinese characters that make ten.
        ("First we add the apples and then we count them. 我们先把苹果加起来然后再数一遍吧", "en", 0.5),
        ("First we add the apples and then we count them. 我们先把苹果加起来然后再数一遍吧", "zh", 0.5),
        ("我们先把苹果加起来然后再数一遍吧", "en", 0.0),
        # Formulas, code and quotations are no words.
        ("We add $x$ and \\(\\text{manzanas}\\) and `contar` and 3+4=7.", "en", 1.0),
        ("We add.\n```\nfür alle äpfel\n```\nThen we count.", "en", 1.0),
        # English terms in another script count neither way.
        ("我们用 Python 的 list 来数苹果。", "zh", 1.0),
    ],
)
def test_the_score_is_the_share_of_the_languages_words(text, language, share):
    found = judged(chain(text), language=language)
    assert found.score == pytest.approx(share)
    assert (found.ok, found.rule) == ((True, "") if share >= 0.9 else (False, "low_share"))


@pytest.mark.parametrize(
    ("prompt", "language", "text", "share"),
    [
        (QUESTION, None, "We count the apples.", 1.0),
        ("小明现在有多少个苹果?", None, "We count the apples.", 0.0),
        ("小明现在有多少个苹果?", "en-GB", "We count the apples.", 1.0),
    ],
)
def test_the_language_is_the_one_given_or_told_from_the_prompt(prompt, language, text, share):
    assert judged(chain(text), prompt, language).score == share


def test_a_prompt_without_words_leaves_it_undecided():
    assert judged(chain("We add."), "2+3=?") == Verdict(None, "unknown_language")


@pytest.mark.parametrize(
    ("response", "rule"),
    [
        ("We count the apples. It is 3.", "no_chain"),
        ("<think>\nWe count the apples.", "no_chain"),
        ("<think>We count.</think>It is 3.<think>We count again.", "no_chain"),
        ("", "no_chain"),
        ("<think></think>It is 3.", "no_words"),
        ("<think>1+2=3</think>It is 3.", "no_words"),
    ],
)
def test_a_missing_chain_and_one_without_words_earn_nothing(response, rule):
    found = judged(response)
    assert (found.ok, found.rule, found.score) == (False, rule, 0.0)


def test_the_chain_is_all_that_stands_before_the_last_closing_tag():
    assert judged("We count the apples.</think>C'est trois.").score == 1.0
    mixed = "我们先数苹果再说</think>We count them all.</think>It is 3."
    found = judged(mixed)
    assert found.score == pytest.approx(4 / (4 + 8 / 1.6))
    assert found.span == (0, mixed.rindex("</think>"))
    assert found.reason == "low_share: 0.44 of the words are en"


def test_least_says_what_is_kept_and_the_score_stays():
    text = chain("First we add the apples and then we count them. 我们先把苹果加起来然后再数一遍吧")
    assert judged(text, least=0.5).ok is True
    assert judged(text, least=0.51).ok is False


@pytest.mark.parametrize(
    "text", ["\x00\ud800 words", "a" * 300_000, "的" * 300_000, "“" * 50_000, "$" * 50_000]
)
def test_hostile_text_has_a_share_too(text):
    score = judged(chain(text)).score
    assert score is not None and 0 <= score <= 1
