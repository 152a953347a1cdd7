import time
from typing import Any

import pytest

from filters.checks.instructions import Instructions
from filters.instruct.rules import RULES
from filters.instruct.wording import count_sentences, count_words
from filters.types import Prompt, Sample, Verdict


def judge(response: str, *instructions: Any, **extra: Any) -> Verdict:
    prompt = Prompt.make("q", extra={"instructions": list(instructions), **extra} if instructions else extra)
    return Instructions().check([Sample("s", prompt, response)])[0]


def kept(response: str, name: str, **arguments: Any) -> bool | None:
    return judge(response, {"id": name, **arguments}).ok


JSON, TITLE = "detectable_format:json_format", "detectable_format:title"
CASES: list[tuple[str, str, dict[str, Any], bool | None]] = [
    ("one two three", "length_constraints:number_words", {"num_words": 3, "relation": "at least"}, True),
    ("one two three", "length_constraints:number_words", {"num_words": 3, "relation": "less than"}, False),
    ("I don't know", "length_constraints:number_words", {"num_words": 4, "relation": "at least"}, None),
    ("I don't know", "length_constraints:number_words", {"num_words": 3, "relation": "exactly"}, None),
    ("我喜欢苹果", "length_constraints:number_words", {"num_words": 20, "relation": "at least"}, False),
    ("A cat. A dog! Why?", "length_constraints:number_sentences", {"num_sentences": 3}, True),
    ("Dr. Who came.", "length_constraints:number_sentences", {"num_sentences": 2, "relation": "less than"}, None),
    ("One.\n***\nTwo.", "length_constraints:number_paragraphs", {"num_paragraphs": 2}, True),
    ("One.\n\nTwo.", "length_constraints:number_paragraphs", {"num_paragraphs": 2}, False),
    ("Ah so.\n\n**Then** it.", "length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "then"}, True),
    ("Ah so.\n\nIt is.", "length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "then"}, False),
    ("The Cat sat.", "keywords:existence", {"keywords": ["cat", "sat"]}, True),
    ("Concatenate.", "keywords:existence", {"keywords": ["cat"]}, None),
    ("A dog.", "keywords:existence", {"keywords": ["cat"]}, False),
    ("cat cat", "keywords:frequency", {"keyword": "cat", "frequency": 2, "relation": "at least"}, True),
    ("cat cat", "keywords:frequency", {"keyword": "cat", "frequency": 2, "relation": "less than"}, False),
    ("Concatenate.", "keywords:forbidden_words", {"forbidden_words": ["cat"]}, True),
    ("A Cat.", "keywords:forbidden_words", {"forbidden_words": ["cat"]}, False),
    ("Anna", "keywords:letter_frequency", {"letter": "a", "let_frequency": 2, "let_relation": "at least"}, True),
    ("Anna", "keywords:letter_frequency", {"letter": "n", "let_frequency": 2, "let_relation": "less than"}, False),
    ("Das ist ein ganz normaler deutscher Satz.", "language:response_language", {"language": "de"}, True),
    ("Das ist ein ganz normaler deutscher Satz.", "language:response_language", {"language": "fr"}, False),
    ("* a\n* b", "detectable_format:number_bullet_lists", {"num_bullets": 2}, True),
    ("- a\n- b\n- c", "detectable_format:number_bullet_lists", {"num_bullets": 2}, False),
    ("- a\n**b** c", "detectable_format:number_bullet_lists", {"num_bullets": 2}, None),
    ("*a* and **b c**", "detectable_format:number_highlighted_sections", {"num_highlights": 2}, True),
    ("2 * 3 * 4", "detectable_format:number_highlighted_sections", {"num_highlights": 1}, False),
    ("SECTION 1\na\nSECTION 2\nb", "detectable_format:multiple_sections",
     {"section_spliter": "SECTION", "num_sections": 2}, True),
    ("SECTION 1", "detectable_format:multiple_sections", {"section_spliter": "SECTION", "num_sections": 2}, False),
    ("[name] at [address]", "detectable_content:number_placeholders", {"num_placeholders": 2}, True),
    ("[name]", "detectable_content:number_placeholders", {"num_placeholders": 2}, False),
    ("<<On cats>>\nCats.", TITLE, {}, True),
    ("<< >>", TITLE, {}, False),
    ('```json\n{"a": 1}\n```', JSON, {}, True),
    ('Here: {"a": 1}', JSON, {}, False),
    ("[" * 50_000, JSON, {}, None),
    ("Well. My answer is yes.", "detectable_format:constrained_response", {}, True),
    ("Yes.", "detectable_format:constrained_response", {}, False),
    ("a\n******\nb", "combination:two_responses", {}, True),
    ("a\n******\na", "combination:two_responses", {}, False),
    ("Write a poem. Roses.", "combination:repeat_prompt", {"prompt_to_repeat": "Write a  poem."}, True),
    ("Roses.", "combination:repeat_prompt", {"prompt_to_repeat": "Write a poem."}, False),
    ("Bye.\nP.S. Feed the cat.", "detectable_content:postscript", {"postscript_marker": "P.S."}, True),
    ("Bye.", "detectable_content:postscript", {"postscript_marker": "P.S."}, False),
    ("Bye! (It is late.) **P.S.** Feed the cat.", "detectable_content:postscript", {"postscript_marker": "P.S."}, True),
    ("It is said in the P.S. of his letter.", "detectable_content:postscript", {"postscript_marker": "P.S."}, False),
    ("Dear cat, hello", "startend:start_checker", {"start_phrase": "dear cat"}, True),
    ("That is all. Any questions?", "startend:end_checker", {"end_phrase": "Any questions?"}, True),
    ("Any questions? No.", "startend:end_checker", {"end_phrase": "Any questions?"}, False),
    ('"A quote."', "startend:quotation", {}, True),
    ('He said "a quote."', "startend:quotation", {}, False),
    ("BIG AND LOUD", "change_case:english_capital", {}, True),
    ("big and Loud", "change_case:english_lowercase", {}, False),
    ("NASA and the FBI", "change_case:capital_word_frequency",
     {"capital_frequency": 2, "capital_relation": "at least"}, True),
    ("I saw NASA", "change_case:capital_word_frequency",
     {"capital_frequency": 2, "capital_relation": "less than"}, None),
    ("no commas here", "punctuation:no_comma", {}, True),
    ("one, two", "punctuation:no_comma", {}, False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "arguments", "expected"), CASES)
def test_each_instruction(text: str, name: str, arguments: dict[str, Any], expected: bool | None) -> None:
    assert kept(text, name, **arguments) is expected


def test_every_known_instruction_is_tested() -> None:
    assert {name for _, name, _, _ in CASES} == set(RULES)


def test_all_must_hold_and_the_score_is_the_share() -> None:
    both = ({"id": TITLE}, {"id": "punctuation:no_comma"})
    assert judge("<<Cats>> purr", *both).reason == "kept: 2"
    verdict = judge("Cats, they purr", both[0], both[1], {"id": "startend:quotation"})
    assert verdict.ok is False
    assert verdict.reason == "broken: detectable_format:title, punctuation:no_comma, startend:quotation"
    assert judge("Cats purr", *both).score == 0.5


def test_an_unknown_instruction_is_undecided_unless_another_is_broken() -> None:
    unknown = {"id": "be:nice"}
    assert judge("x", unknown).reason == "unknown_instruction: be:nice"
    assert judge("x", unknown).ok is None
    assert judge("a, b", unknown, {"id": "punctuation:no_comma"}).ok is False


@pytest.mark.parametrize(
    "extra",
    [
        {"instructions": "no list"},
        {"instructions": [{"name": "x"}]},
        {"instructions": [{"id": "length_constraints:number_words", "num_words": "many"}]},
        {"instructions": [{"id": "keywords:existence", "keywords": [3]}]},
        {"instructions": [{"id": "keywords:letter_frequency", "letter": "ab", "let_frequency": 1}]},
        {"instruction_id_list": ["punctuation:no_comma"], "kwargs": []},
    ],
)
def test_what_makes_no_sense_is_undecided(extra: dict[str, Any]) -> None:
    verdict = judge("x", **extra)
    assert (verdict.ok, verdict.rule) == (None, "bad_instruction")


def test_ifevals_own_columns_are_read() -> None:
    names = ["punctuation:no_comma", "length_constraints:number_words"]
    kwargs = [{"num_words": None}, {"num_words": 2, "relation": "less than", "letter": None}]
    assert judge("word", instruction_id_list=names, kwargs=kwargs).ok is True
    assert judge("three words here", instruction_id_list=names, kwargs=kwargs).ok is False


def test_only_what_follows_the_chain_is_judged() -> None:
    assert kept("<think>a, b</think>no commas", "punctuation:no_comma") is True
    assert judge("<think>a", {"id": TITLE}).reason == "unclosed_think"
    assert judge("<think>a</think> ", {"id": TITLE}).reason == "no_response"
    assert judge("x").reason == "no_instructions"


def test_counts_are_ranges_where_they_depend_on_taste() -> None:
    assert count_words("a well-known fact") == (3, 4)
    assert count_sentences("It costs 3.5 dollars. Fine.") == (2, 2)
    assert count_sentences("A heading\n\nOne sentence.") == (1, 2)
    assert count_sentences("See Fig. 3, e.g. the U.S. map. Look: 3, 2, ... 0!") == (2, 6)
    assert count_sentences("1. Java\n2. C") == (1, 2)
    assert count_sentences("इसे देखो। क्या यह सही है? هل هذا صحيح؟") == (3, 3)
    assert count_sentences('"Why?" he asked. We left.') == (2, 3)
    assert count_words("") == (0, 0)
    assert count_sentences("") == (0, 0)


HOSTILE = ["*" * 200_000, "* " * 100_000, "[" * 200_000, "<<" * 100_000, "." * 200_000, "a'" * 100_000, "a." * 100_000,
           " \n" * 100_000, "SECTION " * 30_000, "P.S." * 50_000, "\x00\ud800" * 50_000, "*a" * 100_000, "- " * 100_000,
           "```json\n" * 20_000, "I. " * 60_000, "\t" * 200_000, "a " + " " * 200_000 + "P"]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_texts_take_linear_time(number: int) -> None:
    asked = [{"id": name, **arguments} for _, name, arguments, _ in CASES]
    started = time.thread_time()
    verdict = judge(HOSTILE[number], *asked)
    assert verdict.ok is not True
    assert verdict.rule != "crashed"
    assert time.thread_time() - started < 3, "for all cases together"
