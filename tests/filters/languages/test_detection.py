"""The language of a text, and the languages that a prompt allows."""

from __future__ import annotations

import pytest

from filters.languages.detection import detect_language, find_allowed_languages
from filters.languages.identifiers import load_identifier
from filters.languages.scripts import get_base_language, list_scripts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is 12 plus 7?", "en"),
        ("12 加 7 等于多少？", "zh"),
        ("小明有12个苹果", "zh"),
        ("12と7を足すといくつですか", "ja"),
        ("12 더하기 7은 얼마입니까?", "ko"),
        ("Сколько будет двенадцать плюс семь?", "ru"),
        ("ما هو مجموع اثني عشر وسبعة؟", "ar"),
        ("बारह और सात का योग क्या है?", "hi"),
        ("¿Cuánto es la suma de doce y siete?", "es"),
        ("Quelle est la somme de douze et de sept ?", "fr"),
        ("Wie groß ist die Summe aus zwölf und sieben?", "de"),
        ("Quanto fa la somma di dodici e sette?", "it"),
        ("Qual é a soma de doze e sete?", "pt"),
        ("Wat is de som van twaalf en zeven?", "nl"),
        ("Tổng của mười hai và bảy là bao nhiêu?", "vi"),
        ("Mennyi tizenkettő és hét összege, ha mindkettőt megduplázzuk?", "hu"),
        ("12 + 7 = ?", None),
        ("", None),
        ("$x^2$ `code` \\frac{1}{2}", None),
    ],
)
def test_prompts_tell_their_language(text, language):
    assert detect_language(text, load_identifier("fasttext")) == language


@pytest.mark.parametrize(
    ("prompt", "target", "others"),
    [
        ("Translate 'the cat' into Spanish and French.", "en", {"es", "fr"}),
        ("把下面的句子翻译成英文：我喜欢数学", "zh", {"en"}),
        ("How many letters has the Chinese word 数学?", "en", {"zh"}),
        ("Solve it and answer in German.", "en", {"de"}),
        ("A French bakery sells 12 loaves.", "en", set()),
        ("求 x 的值", "zh", set()),
    ],
)
def test_a_task_about_languages_allows_them(prompt, target, others):
    assert find_allowed_languages(prompt, target) == others | {target}


def test_codes_are_read_in_their_usual_forms():
    assert [get_base_language(code) for code in ("zh-CN", "zh_Hans", "EN", " pt-br")] == [
        "zh",
        "zh",
        "en",
        "pt",
    ]
    assert list_scripts("ja") == {"kana", "han"}
    assert list_scripts("sw") == {"latin"}


def test_both_identifiers_name_a_language_with_its_probability():
    for name in ("fasttext", "langdetect"):
        language, probability = load_identifier(name).identify(
            "Dies ist ein ganz gewöhnlicher Satz.\nNoch einer."
        )
        assert language == "de"
        assert 0.5 < probability <= 1
        assert load_identifier(name).identify("12 + 7")[1] <= 1
        assert load_identifier(name).identify("") == ("und", 0.0)
