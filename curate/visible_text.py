"""What hostile text is turned into before a person sees it: on a terminal, in a page, in a card.

A response, a file's cell or a server's error may hold codes that move the cursor, characters that turn the text
round them or cannot be seen, and Markdown that loads an image from somewhere. The edges (`curate.console`, the
page, the cards) call these once on all that leaves, so that whoever writes a line need not think of it.
"""

from __future__ import annotations

import re
from typing import Final

_RANGES: Final = (
    # Controls, tab and line feed apart; soft hyphen; combining joiner; marks, embeddings and isolates that turn text round.
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x200E, 0x200F),
    # Letters without a shape; separators; invisible operators; what no UTF-8 holds; marks of annotations.
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200B), (0x2028, 0x202E), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB),
    # Musical formatting; tags, which carry whole hidden sentences.
    (0x1D173, 0x1D17A), (0xE0000, 0xE007F),
)  # fmt: skip
"""What hides, reorders or steers. The joiners U+200C and U+200D stay: Persian, Hindi and emoji are written with them."""
_HIDDEN: Final = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES) + "]")
_PLAIN: Final = re.compile(r"(?!www\.)[\w ,.;:%()+×→='?!-]*", re.IGNORECASE)
"""Text in which Markdown sees nothing but words: no mark-up, no HTML, no cell's end, no address."""


_NAMES: Final[dict[str, str]] = {}


def show_as(path: str, name: str) -> None:
    """Let whatever lies in a folder of this machine be shown by the name that its user knows it by."""
    _NAMES[path] = name


def escape_controls(text: str) -> str:
    """Text in which control characters, and those that hide or reorder others, are shown by name; tab and line feed stay.

    Folders that `show_as` has named are shown by that name.
    """
    for path, name in _NAMES.items():
        text = text.replace(path, name)
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def code_span(value: object) -> str:
    """A word in a Markdown code span, also inside a table: nothing in it can end either."""
    text = " ".join(escape_controls(str(value)).replace("`", "'").split())
    return "`" + text.replace("|", "\\|") + "`" if text else ""


def escape_markdown(value: object) -> str:
    """Words as they are, on one line; a code span around whatever else Markdown could take for more than words."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else code_span(text)
