"""Instructions about how a text is laid out: paragraphs, lists, marks, beginnings and ends."""

from __future__ import annotations

import json
import re

from filters.answers.extract.json_text import TooLargeError, refuse_large
from filters.instruct.given import BadInstructionError, Given

_BULLET = re.compile(r"^[ \t]{0,20}(?:[-•]|\*(?!\*))[ \t]*\S", re.MULTILINE)
_BOLD_BULLET = re.compile(r"^[ \t]{0,20}\*\*\S", re.MULTILINE)
_DIVIDER = re.compile(r"^[ \t]*\*\*\*[ \t]*$", re.MULTILINE)
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_HIGHLIGHT = re.compile(r"(?<!\*)(\*{1,3})(?=[^\s*])[^*\n]{1,2000}(?<=[^\s*])\1(?!\*)")
_PLACEHOLDER = re.compile(r"\[[^\[\]\n]{1,200}\]")
_TITLE = re.compile(r"<<[^<>\n]{0,300}\w[^<>\n]{0,300}>>")
_FENCED = re.compile(r"\A```(?:json|JSON|Json)?[ \t]*\n(.*)\n[ \t]*```\Z", re.DOTALL)
_CHOICES = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_PARTS = "******"


def number_paragraphs(given: Given) -> bool | None:
    """Exactly so many paragraphs, told apart by lines of three asterisks."""
    return len(_filled(_DIVIDER.split(given.text))) == given.number("num_paragraphs")


def nth_paragraph_first_word(given: Given) -> bool | None:
    """Exactly so many paragraphs, told apart by blank lines, and the word that begins one of them."""
    found, place = _filled(_BLANK_LINE.split(given.text)), given.number("nth_paragraph")
    wanted = given.phrase("first_word").casefold()
    if not 1 <= place <= given.number("num_paragraphs"):
        raise BadInstructionError("nth_paragraph is not among the paragraphs")
    if len(found) != given.number("num_paragraphs"):
        return False
    return re.sub(r"[^\w'’-]", "", found[place - 1].split()[0]).casefold() == wanted


def bullets(given: Given) -> bool | None:
    """Exactly so many points in lists; a bold line without a mark may be meant as one."""
    count, bold = len(_BULLET.findall(given.text)), len(_BOLD_BULLET.findall(given.text))
    wanted = given.number("num_bullets")
    if count == wanted:
        return True
    return None if bold and count < wanted <= count + bold else False


def highlights(given: Given) -> bool | None:
    """At least so many *marked* passages."""
    count = sum(1 for _ in _HIGHLIGHT.finditer(given.text))
    return count >= given.number("num_highlights")


def sections(given: Given) -> bool | None:
    """At least so many sections headed by a word and a number: SECTION 1."""
    heading = re.compile(rf"(?<!\w){re.escape(given.phrase('section_spliter'))} ?\d{{1,4}}(?!\d)")
    return sum(1 for _ in heading.finditer(given.text)) >= given.number("num_sections")


def placeholders(given: Given) -> bool | None:
    """At least so many [placeholders]."""
    return sum(1 for _ in _PLACEHOLDER.finditer(given.text)) >= given.number("num_placeholders")


def title(given: Given) -> bool | None:
    """A <<title>>."""
    return _TITLE.search(given.text) is not None


def json_format(given: Given) -> bool | None:
    """The whole text is JSON, in a fenced block or not; what is beyond the bounds is left open."""
    fenced = _FENCED.match(given.text)
    text = fenced[1] if fenced else given.text
    try:
        refuse_large(text)
        json.loads(text, parse_int=float)
    except TooLargeError:
        return None
    except ValueError:
        return False
    return True


def constrained(given: Given) -> bool | None:
    """One of the three answers yes, no and maybe, as a whole sentence."""
    return sum(choice in given.text for choice in _CHOICES) == 1


def two_responses(given: Given) -> bool | None:
    """Two different responses, told apart by six asterisks."""
    found = given.text.split(_PARTS)
    return len(found) == 2 and len({part.strip() for part in found} - {""}) == 2


def repeat_prompt(given: Given) -> bool | None:
    """The text begins with the request, word for word."""
    return _plain(given.text).startswith(_plain(given.phrase("prompt_to_repeat", 100_000)))


def postscript(given: Given) -> bool | None:
    """A postscript, at the beginning of a line or after a sentence."""
    marker = re.escape(given.phrase("postscript_marker"))
    return re.search(rf"(?:^|[.!?]\s)\s{{0,9}}[*_]{{0,3}}{marker}", given.text, re.M | re.I) is not None


def starts(given: Given) -> bool | None:
    """The text begins with a phrase."""
    return _plain(given.text.lstrip('"“ ')).startswith(_plain(given.phrase("start_phrase")))


def ends(given: Given) -> bool | None:
    """The text ends with a phrase, and nothing after it."""
    return _plain(given.text.rstrip('"” ')).endswith(_plain(given.phrase("end_phrase").rstrip('"” ')))


def quotation(given: Given) -> bool | None:
    """The whole text stands in double quotation marks."""
    text = given.text
    return len(text) > 1 and text[0] in '"“' and text[-1] in '"”'


def _filled(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
