"""Instructions about how a text is laid out: paragraphs, lists, marks, beginnings and ends."""

from __future__ import annotations

import json
import re

from filters.answers.extract.json_text import TooLargeError, check_size
from filters.instruct.rule_input import BadInstructionError, RuleInput
from filters.sentences import SentenceBegins

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


def check_paragraph_count(rule_input: RuleInput) -> bool | None:
    """Exactly so many paragraphs, separated by lines of three asterisks."""
    return len(_drop_empty(_DIVIDER.split(rule_input.text))) == rule_input.read_count("num_paragraphs")


def check_paragraph_first_word(rule_input: RuleInput) -> bool | None:
    """Exactly so many paragraphs, separated by blank lines, and the word that begins one of them."""
    found, place = _drop_empty(_BLANK_LINE.split(rule_input.text)), rule_input.read_count("nth_paragraph")
    wanted = rule_input.read_phrase("first_word").casefold()
    if not 1 <= place <= rule_input.read_count("num_paragraphs"):
        raise BadInstructionError("nth_paragraph is not among the paragraphs")
    if len(found) != rule_input.read_count("num_paragraphs"):
        return False
    return re.sub(r"[^\w'’-]", "", found[place - 1].split()[0]).casefold() == wanted


def check_bullet_count(rule_input: RuleInput) -> bool | None:
    """Exactly so many points in lists; a bold line without a mark may be meant as one."""
    count, bold = len(_BULLET.findall(rule_input.text)), len(_BOLD_BULLET.findall(rule_input.text))
    wanted = rule_input.read_count("num_bullets")
    if count == wanted:
        return True
    return None if bold and count < wanted <= count + bold else False


def check_highlight_count(rule_input: RuleInput) -> bool | None:
    """At least so many *marked* passages."""
    count = sum(1 for _ in _HIGHLIGHT.finditer(rule_input.text))
    return count >= rule_input.read_count("num_highlights")


def check_section_count(rule_input: RuleInput) -> bool | None:
    """At least so many sections headed by a word and a number: SECTION 1."""
    heading = re.compile(rf"(?<!\w){re.escape(rule_input.read_phrase('section_spliter'))} ?\d{{1,4}}(?!\d)")
    return sum(1 for _ in heading.finditer(rule_input.text)) >= rule_input.read_count("num_sections")


def check_placeholder_count(rule_input: RuleInput) -> bool | None:
    """At least so many [placeholders]."""
    return sum(1 for _ in _PLACEHOLDER.finditer(rule_input.text)) >= rule_input.read_count("num_placeholders")


def check_title(rule_input: RuleInput) -> bool | None:
    """A <<title>>."""
    return _TITLE.search(rule_input.text) is not None


def check_json_format(rule_input: RuleInput) -> bool | None:
    """The whole text is JSON, in a fenced block or not; what is beyond the bounds is left open."""
    fenced = _FENCED.match(rule_input.text)
    text = fenced[1] if fenced else rule_input.text
    try:
        check_size(text)
        json.loads(text, parse_int=float)
    except TooLargeError:
        return None
    except ValueError:
        return False
    return True


def check_choice(rule_input: RuleInput) -> bool | None:
    """One of the three answers yes, no and maybe, as a whole sentence."""
    return sum(choice in rule_input.text for choice in _CHOICES) == 1


def check_two_responses(rule_input: RuleInput) -> bool | None:
    """Two different responses, separated by six asterisks."""
    found = rule_input.text.split(_PARTS)
    return len(found) == 2 and len({part.strip() for part in found} - {""}) == 2


def check_repeated_prompt(rule_input: RuleInput) -> bool | None:
    """The text begins with the request, word for word."""
    return _fold_text(rule_input.text).startswith(
        _fold_text(rule_input.read_phrase("prompt_to_repeat", 100_000))
    )


def check_postscript(rule_input: RuleInput) -> bool | None:
    """A postscript, at the beginning of a line or after a sentence."""
    marker = re.compile(re.escape(rule_input.read_phrase("postscript_marker")), re.IGNORECASE)
    places = [found.start() for found in marker.finditer(rule_input.text)]
    begins = SentenceBegins(rule_input.text if places else "")
    return any(place in begins for place in places)


def check_start(rule_input: RuleInput) -> bool | None:
    """The text begins with a phrase."""
    return _fold_text(rule_input.text.lstrip('"“ ')).startswith(
        _fold_text(rule_input.read_phrase("start_phrase"))
    )


def check_end(rule_input: RuleInput) -> bool | None:
    """The text ends with a phrase, and nothing after it."""
    return _fold_text(rule_input.text.rstrip('"” ')).endswith(
        _fold_text(rule_input.read_phrase("end_phrase").rstrip('"” '))
    )


def check_quotation(rule_input: RuleInput) -> bool | None:
    """The whole text stands in double quotation marks."""
    text = rule_input.text
    return len(text) > 1 and text[0] in '"“' and text[-1] in '"”'


def _drop_empty(parts: list[str]) -> list[str]:
    return [part.strip() for part in parts if part.strip()]


def _fold_text(text: str) -> str:
    return " ".join(text.casefold().split())
