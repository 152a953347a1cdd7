import pytest

from filters.checks.text import Text
from filters.types import Prompt, Sample, Verdict


def judge(reference: str, response: str, check: Text | None = None, **extra: object) -> Verdict:
    prompt = Prompt.make("q", reference, extra=extra)
    return (check or Text()).check([Sample("s", prompt, response)])[0]


def test_case_articles_and_accents_do_not_count() -> None:
    assert judge("The Café", r"\boxed{café}").rule == "equal"


def test_numbers_are_words_here() -> None:
    assert judge("1984", "The answer is 1984.").ok is True
    assert judge("1984", "The answer is 1985.").ok is False


def test_other_words_are_undecided_unless_they_are_known_to_differ() -> None:
    assert judge("Monday", "The answer is Friday.").rule == "different"
    assert judge("World War 2", "The answer is World War 1.").rule == "different"
    assert judge("Ann and Bob", "The answer is Ann, Carl and Bob.").rule == "different"
    assert judge("guilty", r"\boxed{\text{not guilty}}").rule == "different"
    assert judge("dark blue", "The answer is green.").rule == "unsure"
    assert judge("dark blue", "The answer is light blue.").rule == "unsure"


def test_aliases_come_from_the_prompts_column() -> None:
    assert judge("United Kingdom", "The answer is Britain.", aliases=["Great Britain", "Britain"]).ok is True
    assert judge("UK", "The answer is Britain.", Text(aliases="also"), also="Britain").ok is True


def test_f1_accepts_enough_overlap() -> None:
    check = Text(min_f1=0.5)
    assert (
        judge("dark blue", "The answer is blue.", check).reason
        == "equal: cue, f1 0.67, got blue, expected dark blue"
    )
    assert judge("very dark blue sky", "The answer is blue.", check).ok is False


def test_a_name_more_or_less_is_undecided() -> None:
    assert judge("Marie Curie", "The answer is Marie Skłodowska Curie.").ok is None
    assert judge("Marie Curie", "The answer is Pierre Curie.").ok is None


@pytest.mark.parametrize(
    "response",
    [
        "The capital of France is Paris.",
        "That would be Paris.",
        "フランスの首都はParisです。",
        "Die Hauptstadt von Frankreich ist Paris.",
    ],
)
def test_a_plain_sentence_may_hold_the_answer(response: str) -> None:
    assert judge("Paris", response).ok is None
