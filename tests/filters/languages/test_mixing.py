"""Foreign segments: scripts, spelling, words, and what only looks foreign."""

from __future__ import annotations

import pytest

from filters.languages.mixing import find_foreign_segments
from filters.languages.prefilter import find_suspects
from filters.languages.prose import blank_non_prose


def segments(text: str, *languages: str, known: str = ""):
    found = find_foreign_segments(blank_non_prose(text), frozenset(languages), known)
    return [(text[s.start : s.end], s.language) for s in found]


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "So we have 所以 19.", ("所以", "zh")),
        ("en", "So we have, потому что, 19.", ("потому что", "ru")),
        ("en", "Además, we have 19.", ("Además", "es")),
        ("en", "We add them, nên tôi khá chắc chắn.", None),
        ("en", "We add them, dann hätten wir einen Widerspruch.", None),
        ("en", "We have λόγος here.", ("λόγος", "el")),
        ("zh", "所以 then 我们有19。", ("then", "en")),
        ("zh", "因此so我们有19。", ("so", "en")),
        ("zh", "所以だから19。", ("だから", "ja")),
        ("ja", "答えは19です。所以答案是19。", ("所以答案是", "zh")),
        ("ko", "Because, 답은 19입니다.", ("Because", "en")),
        ("fr", "On a donc 19, so that is fine.", None),
        ("es", "Entonces, therefore son 19.", ("therefore", "en")),
        ("ru", "Ответ 19, бо ці числа правильні.", None),
        ("pt", "Concluímos, parce que são 19.", ("parce", "fr")),
    ],
)
def test_a_foreign_word_or_clause_is_found(language, text, found):
    got = segments(text, language)
    assert len(got) >= 1
    if found:
        assert got == [found]
    assert find_suspects([text], language) == [0]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Euler, Gödel and Erdős met in Königsberg; naïve or not, it is a café."),
        ("en", "A priori the ansatz holds, i.e. et al. de facto, Q.E.D."),
        ("en", "Let α, β and Δ be angles, and Ш the group."),
        ("en", "The sign says \"Prohibido el paso\" and 'nicht rauchen'."),
        ("en", "Los Angeles, Rio de Janeiro and the Tour de France"),
        ("zh", "设 speed 为 v，用 AM-GM 不等式和 dp 求 max，再用 Python 检验。"),
        ("zh", "若 x = 3 or y = 4，则 a and b 相等"),
        ("zh", "贪心算法（greedy algorithm）"),
        ("hi", "ट्रेन की speed 60 km/h है"),
        ("ja", "総合的に考えて、数学的帰納法を使います。与えられた条件から、没頭します。"),
        ("de", "Also war die Hand des Mannes im Haus."),
        ("fr", "Le train part et la table pour trois, point final."),
        ("es", "El número primo es real y la media es normal."),
        ("vi", "Gọi x là số học sinh, khi đó ta có x = 3."),
    ],
)
def test_names_terms_and_shared_words_are_no_mix(language, text):
    assert segments(text, language) == []


def test_the_prompt_s_words_and_accepted_languages_are_welcome():
    assert segments("So 数学 has two letters.", "en") == [("数学", "zh")]
    assert segments("So 数学 has two letters.", "en", known="What is 数学?") == []
    assert segments("So 数学 has two letters.", "en", "zh") == []


def test_segments_are_counted():
    text = "We add. 所以十九。 We subtract. Entonces quince. Done."
    assert [language for _, language in segments(text, "en")] == ["zh", "es"]


def test_the_cheap_look_takes_any_text():
    assert find_suspects(["fine", "\ud800 所以", "\x00"], "en") == [1]
    assert find_suspects([], "en") == []
