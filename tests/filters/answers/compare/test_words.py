import pytest

from filters.answers.compare.words import compare_words, compute_word_f1, read_form, split_words


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("the cat", "Cat"),
        ("São Paulo", "Sao Paulo"),
        ("London", "london."),
        (r"\text{Washington D.C.}", "Washington DC"),
        ("AT&T", r"AT\&T"),
        ("a blood-red moon", "Blood red moon"),
        ("well-known", "well known"),
        ("Ann and Bob", "Bob, Ann"),
        ("die Katze", "Katze"),
        ("**Paris**", "Paris"),
        ("HELIUM", "helium"),
    ],
)
def test_what_may_differ_by_policy_is_equal(one: str, two: str) -> None:
    assert compare_words(one, two).equal is True
    assert compare_words(two, one).equal is True


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("A+", "A-", None),
        ("C#", "C++", None),
        ("C", "C#", None),
        ("Na^+", "Na^-", None),
        ("¬p ∧ q", "p ∧ q", None),
        (r"\vec{a}+\vec{b}", r"\vec{a}-\vec{b}", None),
        ("Vitamin A", "Vitamin", None),
        ("The Hague", "Hague", None),
        ("Los Angeles", "Angeles", None),
        ("a positive", "positive", None),
        ("John Adams", "John Quincy Adams", None),
        ("Paris, France", "Paris, not France", False),
        ("guilty", "Not guilty", False),
        ("MW", "mW", None),
        ("Co", "CO", None),
        ("AaBb", "aabb", None),
        ("AABB", "aabb", None),
        ("Pa", "PA", None),
        ("か", "が", None),
        ("año", "ano", None),
        ("schon", "schön", None),
        ("Paris", "London", None),
        ("grey", "gray", None),
        ("United States of America", "USA", None),
        ("World War I", "World War II", None),
        ("Monday", "Tuesday", False),
        ("odd", "even", False),
        ("John 3:16", "John 6:32", False),
        ("3 to 5 days", "5 to 3 days", None),
        ("Ann, Bob", "Ann, Carl, Bob", False),
        ("1.5", "15", False),
        ("-5", "5", None),
    ],
)
def test_signs_items_and_unknown_words_are_not_thrown_away(one: str, two: str, equal: bool | None) -> None:
    assert compare_words(one, two).equal is equal
    assert compare_words(two, one).equal is equal


def test_an_order_that_is_asked_for_counts() -> None:
    assert compare_words("Ann, Bob", "Bob, Ann", ordered=True).equal is False
    assert compare_words("Ann, Bob", "Ann and Bob", ordered=True).equal is True


def test_the_form_keeps_every_sign() -> None:
    assert read_form(r"\text{not } -(5+x)") == ("not", "-", "(", "5", "+", "x", ")")


def test_words_for_f1_drop_articles_accents_and_markup() -> None:
    assert split_words(r"\text{The Café}") == ("cafe",)
    assert split_words("北京市") == ("北", "京", "市")
    assert split_words("The") == ("the",)


def test_f1() -> None:
    assert compute_word_f1("dark blue", "blue") == pytest.approx(2 / 3)
    assert compute_word_f1("dog", "cat") == 0
