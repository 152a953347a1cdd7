"""Text that could steer a terminal, hide, or become Markdown is shown as what it is."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.visible_text import code_span, escape_controls, escape_markdown

KEPT = set("\t\n\u200c\u200d")
HOSTILE = (
    "![x](https://evil.example/x.png) <img src=x> |\n# title\n```\n[a](b) `code` www.evil.example a@b.example"
)


def test_hidden_characters_are_named():
    assert (
        escape_controls("a\x00b\u2066c\U000e0041\tü\n\ud800") == "a⟨U+0000⟩b⟨U+2066⟩c⟨U+E0041⟩\tü\n⟨U+D800⟩"
    )
    assert escape_controls("\x1b[31m\r\x9b") == "⟨U+001B⟩[31m⟨U+000D⟩⟨U+009B⟩"


def test_no_control_override_or_lone_surrogate_passes_and_what_people_write_does():
    for code in range(0x110000):
        letter = chr(code)
        steers = unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(
            letter
        ) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        if steers and letter not in KEPT:
            assert escape_controls(letter) == f"⟨U+{code:04X}⟩"
    written = "नमस्ते می‌خواهم 👩‍👩‍👧 你好 Ünïcode\tx\n"
    assert escape_controls(written) == written


@settings(deadline=None)
@given(st.text())
def test_what_is_shown_can_be_shown_again(text: str):
    shown = escape_controls(text)
    assert escape_controls(shown) == shown
    shown.encode()


@pytest.mark.parametrize("plain", ["rejected by language", "1 × math_answer, 0.5 × format", "51.8%", ""])
def test_plain_words_stay_as_they_are_in_markdown(plain: str):
    assert escape_markdown(plain) == plain


@settings(deadline=None)
@given(st.text(alphabet="`|\\[]()<>!#*_\n\r\t &;:/.wx@\u202e\x1b"))
def test_nothing_leaves_its_code_span_or_its_line(text: str):
    shown = escape_markdown(HOSTILE + text)
    assert shown.startswith("`") and shown.endswith("`") and shown.count("`") == 2
    assert "\n" not in shown and "\x1b" not in shown and "\u202e" not in shown
    assert "|" not in shown.replace("\\|", "")


def test_a_code_span_of_nothing_is_nothing():
    assert code_span(" \n") == ""
