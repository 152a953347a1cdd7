r"""Normalization of an answer's text before parsing: one spelling for each character and number.

Full-width and Arabic-Indic digits, superscripts, vulgar fractions, typographic minus signs, invisible
marks, thousands separators and mathematics delimiters are matters of typing, not of value.
"""

from __future__ import annotations

import html
import re
import unicodedata

_FOLDED = {
    "−": "-", "–": "-", "—": "-", "‒": "-", "‐": "-", "‑": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*",
    "•": "*", "÷": "/", "∕": "/", "⁄": "/", "≤": "\\le ", "⩽": "\\le ", "≥": "\\ge ", "⩾": "\\ge ",
    "≠": "\\ne ", "≈": "\\approx ", "≡": "\\equiv ", "∈": "\\in ", "∪": "\\cup ", "∩": "\\cap ",
    "∖": "\\setminus ", "±": "\\pm ", "∓": "\\mp ", "∞": "\\infty ", "∅": "\\emptyset ", "√": "\\sqrt ",
    "∛": "\\sqrt[3] ", "ℝ": "\\mathbb{R}", "ℤ": "\\mathbb{Z}", "ℕ": "\\mathbb{N}", "ℚ": "\\mathbb{Q}",
    "→": "\\to ", "⇒": "\\implies ", "⟹": "\\implies ", "∨": "\\lor ", "∧": "\\land ", "º": "°", "˚": "°",
    "，": ", ", "；": "; ", "：": ":", "、": ", ", "。": ".", "’": "'", "‘": "'", "“": '"', "”": '"',
    "′": "'", "″": '"', "〈": "(", "〉": ")", "⟨": "(", "⟩": ")", "⌊": "\\lfloor ", "⌋": "\\rfloor ",
    "⌈": "\\lceil ", "⌉": "\\rceil ", "％": "%", "ı": "i", "℃": "°C", "℉": "°F",
}  # fmt: skip
_FOLD = str.maketrans(_FOLDED)
_SUPER = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱˣ⁽⁾", "0123456789+-nix()", strict=True))
_SUB = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₙₓ₍₎", "0123456789+-nx()", strict=True))
_RAISED = re.compile(f"[{''.join(_SUPER)}]+")
_LOWERED = re.compile(f"[{''.join(_SUB)}]+")
_ROOTED = re.compile(r"√\s?(\d{2,}(?:\.\d+)?|\d\.\d+)")
_VULGAR = re.compile(r"[¼½¾⅐-⅞↉]")
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "θ": "theta", "λ": "lambda",
    "μ": "mu", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau", "φ": "phi", "ϕ": "phi", "ω": "omega",
    "Δ": "Delta", "Ω": "Omega", "Γ": "Gamma", "Σ": "Sigma", "Φ": "Phi",
}  # fmt: skip
_GREEK_RUN = str.maketrans({letter: f"\\{name} " for letter, name in _GREEK.items()})
_ENTITY = re.compile(r"&(?:lt|gt|le|ge|ne|amp|nbsp|minus|times|deg|quot|#\d{2,5});")
_SET_APART = re.compile(r"(=[^=,;]{1,200}?)\\q?quad(?![A-Za-z])(?=[^=,;]{0,200}=)")
"""Two equations set apart by a wide space."""
_DOUBLED = re.compile(
    r"\\\\(?=(?:[dt]?frac|sqrt|text|mathrm|mathbf|pi|left|right|cdot|times|circ|infty|theta|alpha|beta|pm|le|ge|ln|log|sin|cos|tan|in|mathbb|quad|overline|boxed|[,;!%$]|[{}])(?![A-Za-z]))"
)
"""LaTeX whose backslashes were escaped once too often."""
_SPACES = re.compile(r"\s+")

_DEGREE = re.compile(
    r"\^\s?(?:\{\s?(?:\\circ|°)\s?\}|\\circ(?![A-Za-z])|°)|\\degree(?![A-Za-z])|\\circ(?![A-Za-z])"
)
_DELIMITERS = re.compile(r"\\[()]|\\\[|(?<!\\)\\\]|(?<!\\)\$\$")
_ALIGNED = re.compile(r"\\(?:begin|end)\{(?:aligned|align|gathered|split)\*?\}")
_LEFT, _RIGHT = " ,;:!?*`\"'", " .,;:?*`\"'"
_THIN_GROUPS = re.compile(r"(?<![\d.,^_])\d{1,3}(?:(?:\\[,;: ]|\\!|\{,\}\\?!?|[ ~])\d{3})+(?!\d)")
_THIN = re.compile(r"[^\d]")
_BRACED_COMMA = re.compile(r"(?<=\d)\{,\}(?=\d)")
_COMMA_GROUPS = re.compile(r"(?<![\d.,^_{])\d{1,3}(?:,(?:\\! ?)?\d{3})+(?![\d,])")
_REPEATING = re.compile(r"(\d{1,20})\.(\d{0,20})(?:\\overline|\\dot|\\bar) ?\{(\d{1,20})\}")
_DOT_GROUPS = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+")
_OPENED = re.compile(r"\\.|[(\[{}\])]")


def normalize_answer(text: str, *, grouped: bool = True) -> str:
    """An answer's text in one typing: ASCII signs, one minus, no delimiters, numbers without separators.

    grouped: whether `1,234` reads as one number; otherwise its comma separates two.
    """
    if not text.isascii():
        text = fold_unicode(text)
    if "&" in text and ";" in text:
        text = _ENTITY.sub(lambda m: html.unescape(m[0]), text)
    if "\\\\" in text and "\\begin" not in text:
        text = _DOUBLED.sub(r"\\", text)
    if "quad" in text:
        text = _SET_APART.sub(r"\1, ", text)
    text = _SPACES.sub(" ", text)
    text = _remove_delimiters(text).lstrip(_LEFT).rstrip(_RIGHT)
    if text.endswith(".)") and "(" not in text:
        text = text.rstrip(_RIGHT + ")")
    text = _DEGREE.sub("°", text)
    if text[-1:] == "\\" or (text[:1] == "-" and not text.strip("- ")):
        text = text.rstrip("\\")
    if "," in text or " " in text or "~" in text or "\\" in text:
        text = _remove_separators(text, grouped)
    return text


def fold_unicode(text: str) -> str:
    """Unicode variants of letters, digits and signs as their ASCII or LaTeX forms; invisible marks dropped."""
    text = _ROOTED.sub(r"\\sqrt{\1}", text).translate(_FOLD)
    text = _RAISED.sub(lambda m: "^{" + "".join(_SUPER[c] for c in m[0]) + "}", text)
    text = _LOWERED.sub(lambda m: "_{" + "".join(_SUB[c] for c in m[0]) + "}", text)
    text = _VULGAR.sub(_write_fraction, text)
    text = unicodedata.normalize("NFKC", text).translate(_GREEK_RUN)
    return "".join(map(_fold_character, text)).translate(_FOLD)


def _fold_character(char: str) -> str:
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category in ("Cf", "Cs", "Co", "Cn"):
        return ""
    return " " if category == "Zs" else char


def _write_fraction(match: re.Match[str]) -> str:
    top, _, bottom = unicodedata.normalize("NFKC", match[0]).partition("⁄")
    return f"\\frac{{{top}}}{{{bottom}}}"


def _remove_delimiters(text: str) -> str:
    """The text without mathematics delimiters; a lone `$` is a currency and stays."""
    if "\\" in text:
        text = _DELIMITERS.sub(" ", text)
        if _ALIGNED.search(text):
            text = _ALIGNED.sub(" ", text).replace("&", " ")
    if "$" not in text:
        return text
    plain = text.replace("\\$", "\x00").replace("$$", " ")
    if plain.count("$") % 2 == 0:
        plain = plain.replace("$", " ")
    return plain.replace("\x00", "\\$")


def _remove_separators(text: str, grouped: bool) -> str:
    """Numbers without separators between thousands, and with a point as their decimal sign."""
    text = _THIN_GROUPS.sub(lambda m: _THIN.sub("", m[0]), text)
    text = _BRACED_COMMA.sub(".", text)
    text = _REPEATING.sub(_write_repeating_decimal, text)
    if _DOT_GROUPS.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if grouped and "," in text:
        text = _COMMA_GROUPS.sub(
            lambda m: m[0] if _is_in_bracket(text, m.start()) else _THIN.sub("", m[0]), text
        )
    return text


def _write_repeating_decimal(match: re.Match[str]) -> str:
    """A repeating decimal as a fraction: 0.1 with 6 repeating is 15/90."""
    start, period = match[1] + match[2], match[3]
    top = int(start + period) - int(start)
    return f"\\frac{{{top}}}{{{'9' * len(period)}{'0' * len(match[2])}}}"


def _is_in_bracket(text: str, end: int) -> bool:
    """Whether a bracket is open at `end`: there, commas separate items."""
    depth = 0
    for bracket in _OPENED.finditer(text, 0, end):
        sign = bracket[0]
        depth += (sign in ("(", "[", "\\{")) - (sign in (")", "]", "\\}"))
    return depth > 0
