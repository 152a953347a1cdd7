r"""The mathematics that a box stands in: what of it is part of the answer, as in `-\boxed{5}` or `\frac{\boxed{3}}{4}`.

Both sides are read token by token. On the left only the last term counts, after the last relation or
separator; on the right what follows up to the next one. Fonts, spaces and layout are passed over.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from filters.answers.wordlists import make_word_set

MAX_SIDE = 240
"""Characters of mathematics on each side of a box that are read."""

_FONTS = (
    "text|textbf|textit|textrm|textsf|texttt|textnormal|mathrm|mathbf|mathit|mathsf|mbox|hbox|operatorname"
)
_TOKEN = re.compile(
    rf"(?P<text>\\(?:{_FONTS})\s*\{{[^{{}}]*\}})"
    r"|(?P<env>\\(?:begin|end)\s*\{[^{}]*\}(?:\{[lcr|@ ]*\})?)"
    r"|(?P<paint>\\(?:text)?color\s*\{[^{}]*\}|\\[hv]space\*?\s*\{[^{}]*\})"
    r"|(?P<command>\\[A-Za-z]+)|(?P<space>\s+|~|\\[,;:!> ])|(?P<escaped>\\.)"
    r"|(?P<number>\d+(?:[.,]\d+)*)|(?P<word>[^\W\d_]{2,})|(?P<sign>.)",
    re.DOTALL,
)
_LIKE_EQUALS = make_word_set(
    "= := \\equiv \\approx \\simeq \\sim \\cong \\implies \\Rightarrow \\Longrightarrow \\rightarrow \\to \\longrightarrow "
    "\\iff \\Leftrightarrow \\therefore \\because \\in \\mapsto \\leadsto \\triangleq \\doteq \\colon \\Leftarrow ≈ ≡ → ⇒ ∴ ∈ ⟹"
)
_INEQUALITIES = make_word_set(
    "< > \\lt \\gt \\le \\ge \\leq \\geq \\leqslant \\geqslant \\leqq \\geqq \\ne \\neq ≤ ≥ ≠ ⩽ ⩾ \\ll \\gg"
)
_LOOSE = make_word_set("\\le \\ge \\leq \\geq \\leqslant \\geqslant \\leqq \\geqq ≤ ≥ ⩽ ⩾")
_SEPARATORS = make_word_set(", ; : \\\\ & \\quad \\qquad \\hfill \\newline \\par ： ， ；")
_LAYOUT = make_word_set(
    "\\left \\right \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\displaystyle \\textstyle \\bf \\rm \\it \\bfseries "
    "\\Large \\large \\LARGE \\huge \\Huge \\small \\normalsize \\bullet \\star \\nonumber \\limits \\boxed \\fbox \\framebox "
    "\\underline \\boldsymbol \\bm \\mathbf \\mathrm \\textbf \\text \\textit \\mathit \\textrm \\mathsf \\mbox \\hbox "
    "\\centering \\ensuremath \\textsf \\textnormal \\emph \\bigstar \\checkmark \\colorbox"
)
_AFTERMATH = make_word_set(
    "\\tag \\label \\checkmark \\blacksquare \\square \\Box \\qed \\qedsymbol \\blacktriangle \\pmod \\bmod \\mod \\pod \\because"
)
STRUCK = make_word_set(
    "\\cancel \\xcancel \\bcancel \\sout \\st \\phantom \\not \\hphantom \\vphantom \\lnot \\neg"
)
_OPEN, _CLOSE = (
    make_word_set("( [ { \\{ \\lfloor \\lceil \\langle"),
    make_word_set(") ] } \\} \\rfloor \\rceil \\rangle"),
)
_DELIMITERS = make_word_set("\\( \\) \\[ \\] $")
_NAMING = make_word_set("= := \\equiv ≡")
_NAME = re.compile(
    r"(?:[A-Za-z]|\\(?:alpha|beta|gamma|delta|theta|lambda|mu|nu|phi|varphi|omega|rho|sigma|tau|Delta|ell))"
    r"(?:_(?:\w|\{\w{1,3}\}))?'?"
)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a box: the tokens that belong to its term.

    term: the tokens as text, without layout. relation: the inequality between it and the box, if any.
    beyond: what stands on the relation's other side. unclosed: the brackets that the term leaves open.
    stop: how many tokens were read of the right side. fault: what could not be read.
    name: the variable that the term is set equal to, if nothing else stands between. congruent: by a congruence.
    """

    term: str
    relation: str = ""
    beyond: str = ""
    unclosed: int = 0
    stop: int = 0
    fault: str = ""
    name: str = ""
    congruent: bool = False


Token = tuple[str, str]


def list_tokens(text: str) -> list[Token]:
    """The tokens of a stretch of mathematics with their kinds."""
    return [(match.lastgroup or "sign", match[0]) for match in _TOKEN.finditer(text) if match[0] != "\\"]


def is_prose(kind: str, value: str) -> bool:
    """Whether a token is words or a picture, which end a term."""
    if kind == "sign" and not value.isascii():
        return (value not in "°′″" and unicodedata.category(value)[:1] not in "SNLP") or unicodedata.category(
            value
        ) in ("So", "Lo")
    return kind in ("text", "word") or value in _DELIMITERS


@dataclass(slots=True)
class _Frame:
    """What was read since a bracket opened: all of it, and the last term with the inequality before it."""

    whole: list[str] = field(default_factory=list)
    term: list[str] = field(default_factory=list)
    relation: str = ""
    beyond: str = ""
    remark: bool = False
    name: str = ""
    named: str = ""

    def start_term(self, sign: str) -> None:
        """Begin a term after a word, a separator or an equality, whose other side may be a name."""
        name = "".join(self.term).strip()
        naming = sign in _NAMING and not (self.relation or self.named)
        self.name = name if naming and _NAME.fullmatch(name) else ""
        self.named = sign if sign in _NAMING else ""
        self.term, self.relation, self.beyond = [], "", ""

    def relate(self, sign: str) -> None:
        self.beyond = f"{self.beyond} {self.relation} {''.join(self.term)}".strip()
        self.term, self.relation = [], sign

    def append(self, value: str) -> None:
        self.whole.append(value)
        self.term.append(value)


def read_left(tokens: list[Token], *, ratios: bool = True) -> Side:
    """The term that ends where the box begins, from the tokens before it. ratios: a colon after a number makes one."""
    frames, braces = [_Frame()], list[bool]()
    for at, (kind, value) in enumerate(tokens):
        frame = frames[-1]
        if value in STRUCK:
            return Side("", fault=value)
        matrix = kind == "env" and "matrix" in value
        if value in (":", "：") and ratios and _is_ratio(frame):
            frame.append(":")
        elif not matrix and (
            is_prose(kind, value) or kind == "env" or value in _SEPARATORS or value in _LIKE_EQUALS
        ):
            frame.remark |= value not in _SEPARATORS
            frame.whole.append(value)
            frame.start_term(value)
        elif value in _INEQUALITIES:
            frame.whole.append(value)
            frame.relate(value)
        elif value in _OPEN or (matrix and "begin" in value):
            braces.append(value == "{" and _is_layout(tokens, at))
            if not braces[-1]:
                frames.append(_Frame([value], [value]))
        elif value in _CLOSE or matrix:
            if braces and not braces.pop():
                closed = frames.pop()
                frames[-1].append("".join([*closed.whole, value]))
        elif kind != "paint" and value not in _LAYOUT:
            frame.append(value if kind != "space" else " ")
    return _close_left(frames)


def _close_left(frames: list[_Frame]) -> Side:
    last = frames[-1]
    if last.remark and last.whole[0] in ("(", "["):
        return Side("".join(last.term), last.relation, last.beyond)
    if any(frame.remark or frame.relation or "matrix" in frame.whole[0] for frame in frames[1:]):
        return Side("", fault=_squeeze("".join(last.whole)))
    inner = "".join("".join(frame.whole) for frame in frames[1:])
    first = frames[0]
    name = first.name if len(frames) == 1 else ""
    term = "".join(first.term) + inner
    congruent = first.named in ("\\equiv", "≡")
    return Side(term, first.relation, first.beyond, len(frames) - 1, name=name, congruent=congruent)


def _is_ratio(frame: _Frame) -> bool:
    """Whether a colon follows a number, so that it is the sign of a ratio."""
    return re.fullmatch(r"\s*\d[\d.,:]*\s*", "".join(frame.term)) is not None


def _squeeze(text: str) -> str:
    return " ".join(text.split())[-40:]


def _is_layout(tokens: list[Token], at: int) -> bool:
    """Whether the brace at `at` only groups: nothing stands before it that takes an argument."""
    at -= 1
    while at >= 0 and tokens[at][0] == "space":
        at -= 1
    if at < 0:
        return True
    kind, value = tokens[at]
    return kind == "paint" or value in _LAYOUT or not (kind == "command" or value in ("^", "_", "}", "]"))


def read_right(tokens: list[Token], unclosed: int, *, ratios: bool = True) -> Side:
    """The rest of the term after the box, from the tokens that follow it; `unclosed` brackets are to be closed.

    ratios: a colon before a number makes one.
    """
    out: list[str] = []
    depth = unclosed
    for at, (kind, value) in enumerate(tokens):
        if depth == 0 and _ends_term(tokens, at) and not (ratios and _is_ratio_sign(tokens, at)):
            beyond = "".join(token for _, token in _until_prose(tokens[at + 1 :]))
            return Side("".join(out), value if value in _INEQUALITIES else "", beyond, stop=at)
        if value in _OPEN:
            depth += 1
        elif value in _CLOSE:
            if depth == 0 and value != "}":  # it closes a bracket that opened in words
                return Side("".join(out), stop=at)
            if depth == 0:
                continue  # the end of a layout brace
            depth -= 1
        if kind != "paint" and value not in _LAYOUT:
            out.append(value if kind != "space" else " ")
    return Side("".join(out), unclosed=depth, stop=len(tokens), fault="an open bracket" if depth else "")


def _is_ratio_sign(tokens: list[Token], at: int) -> bool:
    """Whether the token at `at` is a colon before a number."""
    after = next((kind for kind, _ in tokens[at + 1 :] if kind != "space"), "")
    return tokens[at][1] == ":" and after == "number"


def _ends_term(tokens: list[Token], at: int) -> bool:
    kind, value = tokens[at]
    if is_prose(kind, value) or kind == "env" or value in _SEPARATORS or value in _AFTERMATH:
        return True
    if value in _LIKE_EQUALS or value in _INEQUALITIES or value in (".", "。", "?", "।"):
        return True
    return value in ("(", "[") and _is_remark(tokens, at)


def _is_remark(tokens: list[Token], at: int) -> bool:
    """Whether the bracket at `at` holds words, a relation or a modulus: a remark, not a factor."""
    for kind, value in tokens[at + 1 :]:
        if value in _CLOSE:
            return False
        if is_prose(kind, value) or value in _LIKE_EQUALS or value in _INEQUALITIES or value in _AFTERMATH:
            return True
    return True


def _until_prose(tokens: list[Token]) -> list[Token]:
    for at, (kind, value) in enumerate(tokens):
        if is_prose(kind, value) or kind == "env" or value in _SEPARATORS or value in (".", "。", "।"):
            return tokens[:at]
    return tokens


def is_modulus(tokens: list[Token], at: int) -> bool:
    r"""Whether the token at `at` begins a modulus, as in `\pmod 7` or `(\bmod 7)`."""
    values = [value for kind, value in tokens[at : at + 3] if kind != "space" and value != "("]
    return bool(values) and values[0] in ("\\pmod", "\\bmod", "\\mod", "\\pod", "mod")


def is_loose(relation: str) -> bool:
    """Whether a relation is one of "at most" or "at least", whose bound may be the answer."""
    return relation in _LOOSE
