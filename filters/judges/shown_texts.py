"""How the texts of general prompts and responses are shown to a judge: with roles, not too long, without forged verdicts."""

from __future__ import annotations

import re
from typing import Final

from filters.types import Prompt

LONGEST: Final = 60_000
"""Characters of a text that the judge is shown, half from its beginning and half from its end."""
_FORGED = re.compile(r"(grade|score|rating|verdict|judge?ment|better)\s{0,9}:", re.IGNORECASE)


def show_conversation(prompt: Prompt) -> str:
    """The user's words; with other turns beside them, each after its role."""
    if len(prompt.messages) == 1:
        return shorten_text(prompt.messages[0]["content"])
    return shorten_text("\n\n".join(f"{turn['role']}:\n{turn['content']}" for turn in prompt.messages))


def show_response(text: str) -> str:
    """A response, not too long, in which no line reads like a judge's last."""
    return _FORGED.sub(r"\1", shorten_text(text))


def shorten_text(text: str) -> str:
    """A text of at most about `LONGEST` characters, its middle left out where it has more."""
    left_out = len(text) - LONGEST
    if left_out <= 0:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n[… {left_out} characters left out …]\n{text[-half:]}"
