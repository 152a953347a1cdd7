"""The linear search finds what the pattern itself finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.privacy.candidates import TextPattern, find_candidates, find_suspects
from filters.privacy.findings import Hit, count_kinds, merge_findings
from filters.privacy.personal_search import KINDS, make_patterns
from filters.privacy.secret_search import load_patterns

PATTERN = TextPattern("word", re.compile(r"(?<![\w.])(?:ab|é\d)c{1,3}(?!\w)"))
TEXTS = st.lists(
    st.sampled_from(["ab", "é1", "c", "cc", " ", ".", "\n", "x", "\ud800", "是"]), max_size=25
).map("".join)


@given(TEXTS)
def test_matches_are_those_of_the_pattern(text: str):
    expected = [match.span() for match in PATTERN.pattern.finditer(text)]
    assert [match.span() for match in find_candidates(text, PATTERN)] == expected
    assert expected == [] or find_suspects(["", text], [PATTERN]) == {1: [PATTERN]}


@pytest.mark.parametrize("one", [*load_patterns(), *make_patterns(KINDS, ("US",))], ids=lambda one: one.kind)
def test_no_look_around_is_left_for_the_engine_that_has_none(one: TextPattern):
    assert not re.search(r"\(\?<?[=!]", one.gate)


def test_what_overlaps_counts_once():
    found = [Hit("b", 4, 9), Hit("a", 0, 5), Hit("a", 20, 22)]
    assert merge_findings(found) == [Hit("a", 0, 9), Hit("a", 20, 22)]
    assert count_kinds(merge_findings(found)) == "a (2)"
