r"""A prompt as it is set most plainly, so that its setting makes no difference: spaces, delimiters of formulas, forms of signs."""

from __future__ import annotations

import re
from typing import Final

UNSPACED_SCRIPTS: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
"""Scripts in which words are not told apart by spaces, or carry endings."""
_SPACED: Final = re.compile(rf"(?<=[{UNSPACED_SCRIPTS}]) (?=[{UNSPACED_SCRIPTS}])")
_DELIMITER: Final = re.compile(r"(?<!\\)\\([()\[\]])")
_DEGREES: Final = re.compile(r"\^\s*(?:\\circ(?![A-Za-z])|\{\s*\\circ\s*\})")
_FRACTION: Final = re.compile(r"\\[dtc]frac(?![A-Za-z])")
_FORMS: Final = str.maketrans("（）［］｛｝’‘＇", "()[]{}'''")
_STOPS: Final = {".": "。", "．": "。", "?": "？", "!": "！"}
_STOP: Final = re.compile(rf"(?:(?<=[{UNSPACED_SCRIPTS}])[.?!]|．)(?!\d)")


def set_plainly(text: str) -> str:
    r"""The text with one form for each of those that mean the same.

    One space for any run of them and none within Chinese; `$` for `\(` and `$$` for `\[`; `°`, `\frac`, plain brackets and
    apostrophes; a sentence in Chinese ends on a Chinese stop.
    """
    if "\\" in text:
        text = _DELIMITER.sub(lambda found: "$" if found[1] in "()" else "$$", text)
        text = _FRACTION.sub(r"\\frac", _DEGREES.sub("°", text))
    text = " ".join(text.split())
    if text.isascii():
        return text
    text = _SPACED.sub("", text.translate(_FORMS))
    return _STOP.sub(lambda found: _STOPS[found[0]], text)
