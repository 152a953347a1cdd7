"""Where sentences end: a table of the project's own, what must hold for any text, and hostile texts."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.sentences import (
    SentenceBegins,
    ends_sentence,
    find_sentence_begin,
    find_sentence_ends,
    find_stops,
    split_sentences,
)

TABLE = Path(__file__).parent / "data" / "sentences.tsv"
CASES = [
    (group, re.sub(r"\\n(?![a-z])", "\n", text))
    for group, _, text in (
        line.partition("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")
    )
]
PIECES = [
    "e.g.", "i.e.", "Dr.", "U.S.", "No.", "Fig.", "etc.", "z. B.", "J.", "B.", "3.14", "35.06", ".5", "1.", "5!", "n!", "...",
    "…", "?", "!", ".", "。", "？", "۔", "।", "؟", "\n", " ", "\t", "\"", "”", "“", ")", "(", "$", "*", "a", "The", "the", "cm.",
    "So", "答", "は", "я", "Он", "=", ",", "\\right.", "https://a.b/c.", "\u00a0", "\r", "．", "３", "\ud800", "\x00",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=24).map(" ".join) | st.lists(
    st.sampled_from(PIECES), max_size=24
).map("".join)


@pytest.mark.parametrize(("group", "text"), CASES, ids=lambda value: value[:40])
def test_the_table(group: str, text: str) -> None:
    sentences = text.split("‖")
    assert split_sentences("".join(sentences)) == sentences, group


def test_the_table_is_as_wide_as_it_says() -> None:
    groups = {group for group, _ in CASES}
    assert len(CASES) >= 200
    assert groups >= {
        "decimal",
        "unit",
        "initial",
        "ellipsis",
        "url",
        "version",
        "time",
        "quote",
        "bracket",
        "list",
    }
    assert len(groups & {"english", "german", "french", "spanish", "portuguese", "italian", "dutch", "polish", "russian", "swedish",
                         "czech", "turkish", "hungarian", "hindi", "arabic", "chinese", "japanese", "korean"}) == 18  # fmt: skip


@given(TEXTS | st.text(max_size=60))
def test_no_character_is_lost(text: str) -> None:
    assert "".join(split_sentences(text)) == text
    ends = find_sentence_ends(text)
    assert ends == sorted(set(ends))
    assert all(0 < end < len(text) for end in ends)


@given(
    TEXTS, st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["", " g/mol", "%", " m."]), TEXTS
)
def test_a_decimal_number_is_never_cut(before: str, whole: int, part: int, unit: str, after: str) -> None:
    number = f"{whole}.{part}"
    text = f"{before} {number}{unit} {after}"
    place = len(before) + 1
    assert not [end for end in find_sentence_ends(text) if place < end < place + len(number)]
    assert find_sentence_begin(text, place + len(number) - 1) <= place


@given(TEXTS, TEXTS)
def test_what_is_added_changes_no_earlier_end(text: str, more: str) -> None:
    before = [end for end in find_sentence_ends(text) if end < len(text.rstrip())]
    after = [end for end in find_sentence_ends(f"{text} {more}") if end < len(text.rstrip())]
    assert before == after


@given(TEXTS)
def test_all_questions_have_one_answer(text: str) -> None:
    ends = find_sentence_ends(text)
    for stop in find_stops(text):
        if text[stop.begin] != "\n" and len(text) < 300:
            assert ends_sentence(text, stop.begin) == stop.ends
        assert (stop.begin if text[stop.begin] == "\n" else stop.end) in [*ends, len(text)] or not stop.ends
    for end in ends:
        begin = end + len(text[end:]) - len(text[end:].lstrip())
        assert begin == len(text) or "\n" in text[end:begin] or find_sentence_begin(text, begin) == begin


def test_the_sentence_of_a_place() -> None:
    text = "It is so. The mass is 35.06 g/mol (cf. Fig. 2) and the answer is 5. So be it."
    place = text.index("5. So")
    assert text[find_sentence_begin(text, place) : place].startswith("The mass is 35.06")
    assert find_sentence_begin(text, 0) == 0
    assert ends_sentence(text, text.index(". The"))
    assert not ends_sentence(text, text.index(".06"))
    assert not ends_sentence(text, 0)
    begins = SentenceBegins(text)
    assert text.index("The mass") in begins
    assert text.index("So be") in begins
    assert 0 in begins
    assert text.index("mass") not in begins
    assert text.index("2)") not in begins


def test_what_was_guessed_is_said() -> None:
    told = {
        text[stop.begin - 1]: stop.sure
        for text in ["It is cm. The", "It is so. The"]
        for stop in find_stops(text)
    }
    assert told == {"m": False, "o": True}


HOSTILE = [".", " .", ". ", "e.g. ", "\n", " \n", "A. ", "1. ", "! ", "z. B. ", ". (", '."', "。", "。」と", "5.所", "?!", "…", "．",
           "a.b.", ". \u00a0", "$.", "\\right. ", "x" * 50 + ". ", ".\u200b", "*.*", "\r\n", ". »"]  # fmt: skip


@pytest.mark.parametrize("bait", HOSTILE)
def test_hostile_texts_take_linear_time(bait: str) -> None:
    text = bait * (200_000 // len(bait))
    started = time.thread_time()
    find_sentence_ends(text)
    find_sentence_begin(text, len(text) - 1)
    ends_sentence(text, len(text) - 2)
    SentenceBegins(text)
    assert time.thread_time() - started < 4
