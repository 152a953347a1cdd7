r"""Normalization of an answer's text before parsing: one spelling for each character and number.

Full-width and Arabic-Indic digits, superscripts, vulgar fractions, typographic minus signs, invisible
marks, thousands separators and mathematics delimiters are matters of typing, not of value.
"""

from __future__ import annotations

import html
import re
import unicodedata

from filters.answers.parse.digit_groups import join_swiss_groups, remove_separators
from filters.answers.wordlists import make_word_set

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
    r"\\\\(?=(?:[dt]?frac|sqrt|text|mathrm|mathbf|pi|left|right|cdot|times|circ|infty|theta|alpha|beta|pm|le|ge|ln|log|sin|cos|tan|in|mathbb|quad|overline|boxed|cup|cap|setminus|mid|approx|equiv|neq|leq|geq|div|sum|int|vec|hat|gamma|delta|sigma|omega|lambda|mu|phi|rho|lfloor|rfloor|lceil|rceil|ldots|cdots|angle|triangle|degree|binom|operatorname|[,;!%${}])(?![A-Za-z]))"
)
"""LaTeX whose backslashes were escaped once too often."""
_SPACES = re.compile(r"\s+")

_GAP = r"(?:\s|\\[,;:! ])*"
_DEGREE = re.compile(
    rf"\^{_GAP}(?:\{{{_GAP}(?:\\circ|°){_GAP}\}}|\\circ(?![A-Za-z])|°)|\\degree(?![A-Za-z])|(?<=[\d.}})])\s?\\circ(?![A-Za-z])"
)
_BOX = re.compile(r" ?\\(?:boxed|fbox|framebox) ?\{")
_BRACE = re.compile(r"\\.|[{}]")
_LOGIC = re.compile(r"\\(lor|vee|land|wedge)(?![A-Za-z])")
_RELATION = re.compile(r"[<>=]|\\(?:leq?|geq?|neq?|in|leqslant|geqslant)(?![A-Za-z])")
_DELIMITERS = re.compile(r"\\[()]|\\\[|(?<!\\)\\\]|(?<!\\)\$\$")
_ALIGNED = re.compile(r"\\(?:begin|end)\{(?:aligned|align|gathered|split)\*?\}")
_LEFT, _RIGHT = " ,;:?*`", " .,;:?*`"
_POWER_SIGN = re.compile(r"(?<=\d)\*\*(?=[-(\d])")
_HOURS = re.compile(r"(\d{1,2}) ?h ?([0-5]\d)(?: ?(?:min|mn|m))?")
_ORDINAL = re.compile(
    r"(?<=\d) ?\^ ?\{? ?(?:\\(?:text|mathrm|textrm|mbox|rm|textsuperscript) ?\{? ?)?(st|nd|rd|th)(?![A-Za-z]) ?\}*"
)
_JOINED = re.compile(
    r"(?<=[\w)}$])(?: *(或者?|和|または|又は|および|또는) *| (и|или|या|और|et|ou|und|oder) | (?<=[^\W\d_]{2} )([yeou]) (?=\d))(?=[-\d(\\${]|[A-Za-z]_?\d? ?=)"
)
_OTHERS = frozenset({"或", "或者", "または", "又は", "또는", "или", "या", "ou", "oder", "o", "u"})
_SEXAGESIMAL = re.compile(
    r"(\d+) ?° ?(\d+(?:\.\d+)?) ?(?:'|\^ ?\{?\\prime\}?)(?: ?(\d+(?:\.\d+)?) ?(?:\"|''|\^ ?\{?\\prime ?\\prime\}?))?"
)
_FEET = re.compile(r"(?<![\w°'])(\d+) ?' ?(\d+(?:\.\d+)?) ?(?:\"|'')")
_PRIME = "'"
_PRIMED = re.compile(r"(-?\d+(?:\.\d+)?) ?(\"|'{1,2})")
_RATE_BEFORE = re.compile(
    r"(每|毎|時速|时速|秒速|分速|시속|초속)(小时|小時|分钟|分鐘|秒钟|秒|分|天|日|時間|時)? ?(?:約|约)?(\d+(?:\.\d+)?) ?([A-Za-z]+|[^\W\d_]+)"
)
_COPULA = re.compile(r"(?<=[^\W_])(?:です|でした|である|입니다|이다|이에요) ?[.]?$")
_RATES = {
    "時速": "小时",
    "时速": "小时",
    "시속": "小时",
    "秒速": "秒",
    "초속": "秒",
    "分速": "分钟",
    "时": "小时",
}
_SPELLED = re.compile(
    r"""[^\x00-\x7f]|\\(?:SI|si|qty|unit|num)\b|\*\*|\d ?['"]|\^ ?\{? ?(?:\\[a-z]+ ?\{? ?)?(?:st|nd|rd|th)|prime| (?:et|ou|und|oder|[yeou]) """
)
_SIUNITX = re.compile(r"\\(?:SI|si|qty|unit|num)(?: ?\{([-+.\deE]*)\})? ?\{([^{}]*(?:\{-?\d\}[^{}]*)*)\}")
_SI_POWER = re.compile(r"\\(per|square|cubic|squared|cubed)(?![a-z])")
_SI_PREFIXES = make_word_set("kilo mega giga tera peta hecto deca deci centi milli micro nano pico femto")


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
    quoted = text.lstrip()[:1] in ("'", '"', "`")
    text = _remove_delimiters(text).lstrip(_LEFT)
    if len(text) > 1 and text[0] in "\"'" and text.rstrip(_RIGHT).endswith(text[0]):
        text = text.rstrip(_RIGHT)[1:-1].lstrip(_LEFT)
    if "\\" in text:
        text = _write_joints(text)
    text = _DEGREE.sub("°", text)
    if "box" in text:
        text = _remove_box(text.strip().rstrip(_RIGHT))
    if not quoted and _SPELLED.search(text):
        text = _spell_units(text.strip())
    text = text.rstrip(_RIGHT)
    if "h" in text and (hours := _HOURS.fullmatch(text)) is not None:
        return f"{hours[1]} h {hours[2]} min"
    if text.endswith(".)") and "(" not in text:
        text = text.rstrip(_RIGHT + ")")
    if text[-1:] == "\\" or (text[:1] == "-" and not text.strip("- ")):
        text = text.rstrip("\\")
    if "'" in text:
        text = join_swiss_groups(text)
    if "," in text or " " in text or "~" in text or "\\" in text or text.count(".") > 1:
        text = remove_separators(text, grouped)
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


def _spell_units(text: str) -> str:
    """Units that stand in signs, commands or before their number, and joined values, in words after the number."""
    if "\\" in text:
        text = _SIUNITX.sub(_write_siunitx, text)
    text = _POWER_SIGN.sub("^", text)
    text = _ORDINAL.sub(r"\1", text)
    text = _SEXAGESIMAL.sub(
        lambda m: f"{m[1]} degrees {m[2]} arcmin" + (f" {m[3]} arcsec" if m[3] else ""), text
    )
    text = _FEET.sub(r"\1 ft \2 in", text)
    if (primed := _PRIMED.fullmatch(text)) is not None:
        return f"{primed[1]} {'prime' if primed[2] == _PRIME else 'inches'}"
    text = _JOINED.sub(_write_joined, text)
    if text.isascii():
        return text
    text = _COPULA.sub("", text)
    if (rate := _RATE_BEFORE.fullmatch(text)) is not None and (rate[2] or rate[1] in _RATES):
        return f"{rate[3]} {rate[4]}/{rate[2] or _RATES[rate[1]]}"
    return text


def _write_joined(match: re.Match[str]) -> str:
    """A word between two values as a separator; in Han, only where no other word is against it."""
    word = match[1] or match[2] or match[3]
    before, after = match.string[match.start() - 1], match.string[match.end()]
    if match[1] and match[0] == word and (_is_foreign(before) or _is_foreign(after)):
        return match[0]
    return " or " if word in _OTHERS else " and "


def _is_foreign(char: str) -> bool:
    return char.isalpha() and not char.isascii()


def _write_siunitx(match: re.Match[str]) -> str:
    r"""`\SI{5}{\metre\per\second}` as 5 and its unit in text."""
    number, unit = match[1] or "", match[2]
    unit = _SI_POWER.sub(r" \1 ", unit)
    unit = re.sub(r"\\tothe\{(-?\d)\}", r"^{\1}", unit)
    unit = re.sub(r"\\([a-z]+)(?=\\[a-z])", lambda m: m[1] + ("" if m[1] in _SI_PREFIXES else " "), unit)
    return f"{number} \\text{{{unit.replace(chr(92), '').replace('.', ' ')}}}"


def _write_fraction(match: re.Match[str]) -> str:
    top, _, bottom = unicodedata.normalize("NFKC", match[0]).partition("⁄")
    return f"\\frac{{{top}}}{{{bottom}}}"


def _write_joints(text: str) -> str:
    r"""The text with \lor and \land between relations as words; between anything else they are logic, and stay."""
    parts = _LOGIC.split(text)
    if len(parts) < 3 or not all(_RELATION.search(part) for part in parts[::2]):
        return text
    joined = (
        f" {'or' if part in ('lor', 'vee') else 'and'} " if at % 2 else part for at, part in enumerate(parts)
    )
    return "".join(joined)


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


def _remove_box(text: str) -> str:
    """What a box holds that is the whole answer."""
    while (box := _BOX.match(text)) is not None and text.endswith("}"):
        depth = 1
        for brace in _BRACE.finditer(text, box.end()):
            depth += (brace[0] == "{") - (brace[0] == "}")
            if depth == 0:
                break
        if depth or brace.end() < len(text):
            break
        text = _remove_delimiters(text[box.end() : -1]).strip()
    return text
