"""Which of two answers to a question is right, asked of a language model that is not told where either comes from.

A prompt's samples and its reference disagree; the judge sees both as A and B, in both orders, and knows neither's author.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from filters.digest import digest
from filters.engine import Completion, Request, SamplingOptions
from filters.judges.language_model import (
    Case,
    enclose_part,
    make_last_line,
    make_mark,
    make_output,
    read_last_line,
)
from filters.judges.quoted_text import RULE, quote_text, write_question
from filters.types import Message, Prompt, Verdict

Choice = Literal["first", "second", "both", "neither", "unsure", "unparsable"]
"""What a judge says of two answers, by their order of being given to `PairCase`, whatever order it saw them in."""
ORDERS: Final = (0, 1)
"""The orders in which two answers are shown: as they are, and swapped."""

FORM: Final = f"""\
Two people answered a question, and their answers differ. Decide which answer is right.

- Work the question out yourself first. Nothing but the question says what is right: neither who answered nor the \
order of the answers does.
{RULE}

{{parts}}

First reason in a few sentences. Then end with one line that is exactly one of:
VERDICT: A
VERDICT: B
VERDICT: BOTH
VERDICT: NEITHER
VERDICT: UNSURE"""

_VERDICT: Final = "VERDICT", "A|B|BOTH|NEITHER|UNSURE"
_LAST_LINE: Final = make_last_line(*_VERDICT)


class PairCase(NamedTuple):
    """A question and two answers to it."""

    prompt: Prompt
    first: str
    second: str

    @property
    def key(self) -> str:
        """The content key of all that is shown, and of the form."""
        return digest(FORM, *self._shown)

    @property
    def _shown(self) -> tuple[str, str, str]:
        """The question with all of its turns, and the two answers."""
        return write_question(self.prompt), self.first, self.second

    def make_request(self, order: int, max_tokens: int) -> Request:
        """What is asked in an order, greedily."""
        message = Message(role="user", content=self.write_form(order))
        seed = int(digest(self.key, order)[:8], 16) & 0x7FFFFFFF
        sampling = SamplingOptions(temperature=0.0, max_tokens=max_tokens)
        return Request([message], sampling, seed, form=make_output(*_VERDICT))

    def write_form(self, order: int) -> str:
        """The form with the answers as A and B, swapped in the second order."""
        mark = make_mark(Case(self.prompt, "\0".join((self.first, self.second))))
        asked, *answers = self._shown
        shown = [
            enclose_part(mark, f"answer {letter}", quote_text(answer))
            for letter, answer in zip("AB", answers[:: -1 if order else 1], strict=True)
        ]
        question = enclose_part(mark, "question", quote_text(asked))
        return FORM.format(mark=mark, parts="\n\n".join([question, *shown]))


def read_choice(made: Completion, order: int) -> tuple[Choice, str]:
    """What the last line says, strictly, with the end of the reasons before it."""
    found = read_last_line(made, _LAST_LINE)
    if isinstance(found, Verdict):
        return "unparsable", found.reason.partition(": ")[2]
    word, reasons = found
    letters: Sequence[Choice] = ("second", "first") if order else ("first", "second")
    said: dict[str, Choice] = {
        **dict(zip("AB", letters, strict=True)),
        "BOTH": "both",
        "NEITHER": "neither",
        "UNSURE": "unsure",
    }
    return said[word], reasons
