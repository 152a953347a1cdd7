"""Where the chain of thought ends and the answer begins: one rule for every check, template and reward.

The rule is the one that cannot be gamed by nesting tags: only what follows the *last* `</think>` is the
answer; a `<think>` that is never closed leaves no answer at all. Nor does a response without any tag that was
cut off at its token limit: servers give a cut chain so, and whatever it was, it never came to its end.
An answer that speaks of the tag ("I used the `<think>` tag") opens nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

OPEN, CLOSE = "<think>", "</think>"
CUT_OFF: Final = "cut off at its token limit, before any </think>"
"""What a reason says of a response that has no answer because it is `Parts.cut`."""

FOREIGN_NAMES: Final = "think|thinking|thought|thoughts|reasoning|reason|seed:think|longcat_think|scratchpad"
"""Names of tags that mark a chain in other families and sets."""
FOREIGN_PAIRS: Final = (
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|im_start|>think\n", "<|im_start|>answer\n"),
    ("<unused94>thought\n", "<unused95>"),
)
"""Marks of chains that are no tags: Sky-T1 and Bespoke-Stratos, Kimi, Magistral, Command, s1, MedGemma."""
FOREIGN_BEGIN: Final = re.compile(
    rf"\s*(?:{'|'.join(re.escape(begin) for begin, _ in FOREIGN_PAIRS)}|<\|thought\|>|<\|channel\|>analysis|"
    rf"<(?-i:(?!think>))[ \t]{{0,8}}(?:{FOREIGN_NAMES}|reflection)[ \t]{{0,8}}>)",
    re.IGNORECASE,
)
"""How a response begins whose chain has other marks than ours: whatever knows nothing of them takes it for the answer."""

_MENTION = re.compile(
    r"(?<=[`'\"“‘])<think>(?=[`'\"”’])|<think>(?=[ \t](?:tags?|blocks?|sections?|elements?|markers?|tokens?)\b|[ \t]?(?:标签|标记|標籤|タグ|태그))",
)
"""A tag in quotes or called a tag."""
_TAG = re.compile(r"</?think>")


@dataclass(frozen=True, slots=True)
class Parts:
    """The half-open character ranges of the chain and the answer in a response; None where absent.

    cut: whether it has no answer because it was cut off at its token limit before any tag.
    """

    text: str
    chain_span: tuple[int, int] | None
    answer_span: tuple[int, int] | None
    cut: bool = False

    @property
    def chain(self) -> str:
        """The text inside think, or the empty string where there is none."""
        return "" if self.chain_span is None else self.text[slice(*self.chain_span)]

    @property
    def answer(self) -> str | None:
        """The text after the chain; the whole response where no tag stands; None where it never came to one."""
        return None if self.answer_span is None else self.text[slice(*self.answer_span)]


def split_response(text: str, finish: str = "stop") -> Parts:
    """Split a response at its think tags, in linear time.

    A closing tag without an opening one closes a chain that the chat template opened. An opening tag after
    the last closing one opens a chain that nothing closes. Without tags, all of it is the answer, unless its
    finish reason is `length`: then all of it is chain.
    """
    close, start = text.rfind(CLOSE), text.find(OPEN)
    if close < 0 and start < 0:
        if finish == "length":
            return Parts(text, (0, len(text)), None, cut=True)
        return Parts(text, None, (0, len(text)))
    if close < 0 or _is_opened(text, close):
        return Parts(text, (start + len(OPEN), len(text)), None)
    begin = start + len(OPEN) if 0 <= start < close else 0
    return Parts(text, (begin, close), (close + len(CLOSE), len(text)))


def list_tags(text: str) -> list[str]:
    """The think tags of a text in order; an opening one that is only spoken of is none.

    A closing one always counts: nobody who splits a response at the tag can tell that it was only spoken of.
    """
    first = len(text) - len(text.lstrip())  # a tag that begins the text opens a chain, whatever follows
    return [
        found[0]
        for found in _TAG.finditer(text)
        if found[0] == CLOSE or found.start() == first or not _MENTION.match(text, found.start())
    ]


def _is_opened(text: str, begin: int) -> bool:
    """Whether a tag opens a chain after `begin`, and is not only spoken of."""
    opened = text.count(OPEN, begin)
    return opened > 0 and opened > len(_MENTION.findall(text, begin))
