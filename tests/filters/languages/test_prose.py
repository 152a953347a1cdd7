"""What is not prose is blanked out, and nothing else moves."""

from __future__ import annotations

import pytest

from filters.languages.prose import blank_non_prose


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("so $x$ is", "so is"),
        ("so $$x\ny$$ is", "so is"),
        (r"so \(x\) and \[y\] are", "so and are"),
        (r"so \begin{align}x&=1\end{align} is", "so is"),
        ("so `x` is", "so is"),
        ("so\n```python\nfor x in y\n```\nis", "so is"),
        ("so ```never closed", "so"),
        ('he says "por qué" here', "he says here"),
        ("he says «война и мир» here", "he says here"),
        ("他说「だから」吗", "他说 吗"),
        ("see https://a.b/the/end now", "see now"),
        (r"so \boxed{\text{Area} = 2}", "so { = 2}"),
        ("<b>so</b> it is", "so it is"),
    ],
)
def test_formulas_code_quotations_and_addresses_go(text, kept):
    blank = blank_non_prose(text)
    assert len(blank) == len(text)
    assert blank.split() == kept.split()
    assert [at for at, letter in enumerate(text) if letter == "\n"] == [
        at for at, letter in enumerate(blank) if letter == "\n"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "it costs $5 and $6 in all",
        "I don't and they don't",
        'a 5" by 7" frame',
        "so ` alone",
        r"an open \( here",
    ],
)
def test_prices_apostrophes_and_lone_signs_stay(text):
    assert [word for word in text.split() if word.isalpha()] == [
        word for word in blank_non_prose(text).split() if word.isalpha()
    ]


def test_quotations_may_stay():
    assert blank_non_prose('say "por qué"', quotations=False) == 'say "por qué"'
