r"""The tokens of an answer, the same ones for every spelling of one thing.

The tokens are what the exact key is made of and what the parser reads: `\dfrac` is `\frac`, `\leqslant` is
`\le`, spacing and sizes are gone, and what stands inside `\text{...}` is marked as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from filters.answers.wordlists import make_word_set

MAX_CHARS = 2_000
"""Characters of an answer that are read; the paper's short answers have a few dozen."""
MAX_TOKENS = 800
"""Tokens of an answer that are read."""

Kind = Literal["num", "word", "cmd", "op"]


class NotMathError(Exception):
    """The text is not an expression this package can read; it may still be prose."""


@dataclass(frozen=True, slots=True)
class Token:
    r"""One token. spaced: white space stands before it. text: it comes from inside `\text{...}`."""

    kind: Kind
    value: str
    spaced: bool = False
    text: bool = False


_TOKEN = re.compile(
    r"(?P<space>(?:\s|~|\\[,;:!> ]|\\q?quad(?![A-Za-z])|\\[hv]space\*?\{[^{}]*\})+)"
    r"|(?P<num>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<env>\\(?:begin|end)\{\w+\*?\}(?:\{[lcr|]+\})?)"
    r"|(?P<set>\\mathbb\s*(?:\{[A-Z]\}|[A-Z]))"
    r"|(?P<cmd>\\[A-Za-z]+)"
    r"|(?P<joint>或者?|以及|または|또는|[和与與及](?=[\s$\\\d(-]|[A-Za-z]))"
    r"|(?P<word>[^\W\d_]+?(?=[或和]|e\^)|[^\W\d_]+(?:&[^\W\d_]+)*)"
    r"|(?P<power>\*\*(?=\s*[\w({-]))"
    r"|(?P<op>\\[\\{}%$#&_|]|.)",
    re.DOTALL,
)
_VECTORS = re.compile(
    r"\\(?:vec|overrightarrow|boldsymbol|bm|nabla|hat)(?![A-Za-z])|\\mathbf\s*\{\s*[A-Za-z]\s*\}"
)
_TEXT = frozenset(
    "\\" + name
    for name in make_word_set(
        "text textbf textit textrm textsf texttt textnormal mathrm mathbf mathit mathsf mathtt mathcal mathscr "
        "mbox hbox operatorname boldsymbol bm boxed fbox underline emph ensuremath"
    )
)
_FRAMES = frozenset({"\\boxed", "\\fbox", "\\ensuremath"})
"""Commands of `_TEXT` that hold mathematics."""
_DROPPED = frozenset(
    "\\" + name
    for name in make_word_set(
        "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits "
        "nolimits bf rm it mathop mathrel mathbin mathopen mathclose nonumber hline square"
    )
)
_SAME = {
    "\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\cfrac": "\\frac", "\\dbinom": "\\binom", "\\tbinom": "\\binom",
    "\\leq": "\\le", "\\leqslant": "\\le", "\\leqq": "\\le", "\\geq": "\\ge", "\\geqslant": "\\ge",
    "\\geqq": "\\ge", "\\neq": "\\ne", "\\lt": "<", "\\gt": ">", "\\times": "*", "\\cdot": "*", "\\ast": "*",
    "\\div": "/", "\\lbrace": "\\{", "\\rbrace": "\\}", "\\lvert": "|", "\\rvert": "|", "\\vert": "|", "\\mid": "|",
    "\\lbrack": "[", "\\rbrack": "]", "\\langle": "(", "\\rangle": ")", "\\varnothing": "\\emptyset",
    "\\infin": "\\infty", "\\colon": ":", "\\Rightarrow": "\\implies", "\\rightarrow": "\\to", "\\Longleftrightarrow": "\\iff", "\\leftrightarrow": "\\iff",
    "\\Longrightarrow": "\\implies", "\\Leftrightarrow": "\\iff", "\\simeq": "\\approx",
    "\\backslash": "\\setminus", "\\smallsetminus": "\\setminus",
     "\\varphi": "\\phi", "\\varepsilon": "\\epsilon", "\\vartheta": "\\theta", "\\arctg": "\\arctan",
    "\\tg": "\\tan", "\\ctg": "\\cot", "\\R": "\\mathbb{R}", "\\bar": "\\overline", "\\ldots": "\\dots",
    "\\cdots": "\\dots",  "\\exponentialE": "e", "\\imaginaryI": "i", "\\degree": "°",
    "\\textdegree": "°", "\\textdollar": "$", "\\pounds": "£", "\\euro": "€", "\\yen": "¥",
    "**": "^", "\\%": "%", "\\$": "$", "\\#": "#", "\\&": "and", "\\_": "_",
}  # fmt: skip
_JOINING = {
    word: joint
    for joint, words in {
        "or": "或 或者 oder ou или または 또는 या",
        "and": "和 与 與 及 以及 und et и と 와 और",
    }.items()
    for word in words.split()
}
"""Words between two answers in other languages; single letters that may be variables are not among them."""
_WORDS = frozenset({"or", "and", "e", "i"})


def tokenize_answer(text: str) -> tuple[Token, ...]:
    """The tokens of a cleaned answer. Raises NotMathError beyond the bounds."""
    if len(text) > MAX_CHARS:
        raise NotMathError("too long")
    return _Tokenizer(text).read_tokens()


def make_key(tokens: tuple[Token, ...]) -> str:
    """What two answers share that differ only in typing: the tokens without spaces."""
    return "\x1f".join(token.value for token in tokens)


class _Tokenizer:
    """Reads left to right, remembering which braces belong to a text command and are not grouping.

    vectors: whether the text has vectors, whose cross product is no product of numbers.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[Token] = []
        self.braces: list[Literal["text", "frame", "group"]] = []
        self.inside = 0
        self.spaced = False
        self.vectors = _VECTORS.search(text) is not None

    def read_tokens(self) -> tuple[Token, ...]:
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            assert match is not None
            at = match.end()
            kind = match.lastgroup if match.lastgroup != "joint" else "word"
            if kind == "space":
                self.spaced = True
            elif kind == "cmd" and match[0] in _TEXT:
                at = self._enter(at, text=match[0] not in _FRAMES)
            elif kind == "cmd" and match[0] in _DROPPED:
                at += match[0] in ("\\left", "\\right") and self.text.startswith(".", at)
            elif kind == "word" and "&" in match[0] and "\\begin" in self.text:
                word = match[0].partition("&")[0]  # two cells of a matrix, where R&D is one word
                at = match.start() + len(word)
                self._emit(kind, word)
            else:
                self._emit(kind or "op", match[0])
        if len(self.out) > MAX_TOKENS:
            raise NotMathError("too many tokens")
        return tuple(self.out)

    def _enter(self, at: int, *, text: bool) -> int:
        """Go inside the braces of a text command, or of a box; without braces the command says nothing."""
        if self.text.startswith("{", at):
            self.braces.append("text" if text else "frame")
            self.inside += text
            return at + 1
        return at

    def _emit(self, kind: str, value: str) -> None:
        if value == "{":
            self.braces.append("group")
        elif value == "}" and self.braces and (kept := self.braces.pop()) != "group":
            self.inside -= kept == "text"
            return
        if value == "\\times" and self.vectors:
            self.out.append(Token("cmd", value, self.spaced, self.inside > 0))
            self.spaced = False
            return
        value = (_JOINING if kind == "word" else _SAME).get(value, value)
        if kind == "set":
            value = f"\\mathbb{{{value.rstrip('}')[-1]}}}"
        elif kind == "env":
            value = value.replace("*", "").partition("}")[0] + "}"
        self.out.append(Token(_get_kind(kind, value), value, self.spaced, self.inside > 0))
        self.spaced = False


def _get_kind(kind: str, value: str) -> Kind:
    if value in _WORDS:
        return "word"
    if kind == "num" or kind == "word":
        return kind  # type: ignore[return-value]
    return "cmd" if len(value) > 2 and value[0] == "\\" else "op"
