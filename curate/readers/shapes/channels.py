"""gpt-oss' channels (the harmony format): the chain stands in `analysis`, the answer in `final`."""

from __future__ import annotations

import re
from typing import Final

from curate.readers.shapes.cells import BLANKS
from curate.readers.shapes.misfit import Misfit

_TOKEN: Final = re.compile(r"<\|(start|channel|message|end|return|call|constrain)\|>")
_BARE: Final = ("analysis", "assistantfinal")
"""What stays of the marks where a tokenizer left the special tokens out."""
_ENDS: Final = (_BARE[1], "assistantcommentary")
_WRONG: Final = "the response has channels, but not analysis followed by final"


def has_channels(text: str) -> bool:
    """Whether a text has gpt-oss' channels, or what is left of them."""
    return "<|channel|>" in text or (text.startswith(_BARE[0]) and any(mark in text for mark in _ENDS))


def split_channels(text: str) -> tuple[str | None, str | None]:
    """The chain and the answer of a text that `has_channels`; None for one that is not there.

    Raises Misfit where it is anything but analysis followed by final.
    """
    if "<|channel|>" not in text:
        chain, _, answer = text.removeprefix(_BARE[0]).partition(_BARE[1])
        if _BARE[1] in answer or _ENDS[1] in chain:
            raise Misfit(_WRONG)
        return chain.strip(BLANKS), answer.strip(BLANKS)
    said = _list_said(text)
    names = [name for name, _ in said]
    final = bool(names) and names[-1] == "final"
    if not names or any(name != "analysis" for name in (names[:-1] if final else names)):
        raise Misfit(_WRONG)
    chains = [content for name, content in said if name == "analysis"]
    return "\n\n".join(chains) if chains else None, said[-1][1] if final else None


def _list_said(text: str) -> list[tuple[str, str]]:
    """Each message's channel and text, in order; one pass over the tokens."""
    pieces = _TOKEN.split(text)
    if pieces[0].strip(BLANKS):
        raise Misfit(_WRONG)
    said: list[tuple[str, str]] = []
    channel, opened = "", True
    for mark, content in zip(pieces[1::2], pieces[2::2], strict=True):
        bare = content.strip(BLANKS)
        if mark == "start" and bare == "assistant":
            channel, opened = "", True
        elif mark == "channel" and not channel:
            channel, opened = bare, True
        elif mark == "message" and channel and opened:
            said.append((channel, bare))
            channel, opened = "", False
        elif mark not in ("end", "return") or bare or opened:
            raise Misfit(_WRONG)
        else:
            opened = True
    return said
