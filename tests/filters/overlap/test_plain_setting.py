"""What says the same is set the same, and nothing is lost but setting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.plain_setting import set_plainly
from filters.overlap.skeleton import list_skeleton

SAME = [
    (r"Find \(n\) with \[n^2 = 4.\]", "Find  $n$\twith\n$$n^2 = 4.$$"),
    (r"at $90^\circ$ or $90^{\circ}$", "at\u00a0$90°$ or $90°$"),
    (r"$\dfrac{3}{x - 5} + \tfrac12$", r"$\frac{3}{x - 5} + \frac12$"),
    ("一班的学生有42人。二班呢？", "一班的学生有42人．二班呢?"),
    ("Anna’s 3 hens", "Anna's 3 hens"),
    ("平 均 每天 看\n多少页？（答案）", "平均每天看多少页？(答案)"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_setting_makes_no_difference(one, other):
    assert set_plainly(one) == set_plainly(other)
    assert list_skeleton(one) == list_skeleton(other) != []


@pytest.mark.parametrize("text", [r"a \\[4pt] b \\(c) \circle", "x^{\\circledast}", "two words 한국 어"])
def test_what_is_no_setting_stays(text):
    assert set_plainly(text).replace(" ", "") == text.replace(" ", "")


@given(st.text(alphabet="ab \n\\()[]$^{}circfrad茶（°"))
def test_what_is_set_plainly_stays_so(text):
    once = set_plainly(text)
    assert set_plainly(once).count("茶") == text.count("茶")
    assert "  " not in once
    assert "\n" not in once
