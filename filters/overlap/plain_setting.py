r"""A prompt as it is set most plainly, so that its setting makes no difference: spaces, delimiters of formulas, forms of signs."""

from __future__ import annotations

import re
from typing import Final

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
"""Scripts in which words are not told apart by spaces, or carry endings."""
_SPACED: Final = re.compile(rf"(?<=[{UNSPACED}]) (?=[{UNSPACED}])")
_DELIMITER: Final = re.compile(r"(?<!\\)\\([()\[\]])")
_DEGREES: Final = re.compile(r"\^\s*(?:\\circ(?![A-Za-z])|\{\s*\\circ\s*\})")
_FRACTION: Final = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_BRACKETS: Final = str.maketrans("（）［］｛｝", "()[]{}")


def set_plainly(text: str) -> str:
    r"""One space for any run of them and none within Chinese; `$` for `\(` and `$$` for `\[`; `°`, `\frac` and plain brackets."""
    if "\\" in text:
        text = _DELIMITER.sub(lambda found: "$" if found[1] in "()" else "$$", text)
        text = _FRACTION.sub(r"\\frac", _DEGREES.sub("°", text))
    text = " ".join(text.split())
    return text if text.isascii() else _SPACED.sub("", text.translate(_BRACKETS))
