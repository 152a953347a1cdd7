"""What each character is to the words of a text, and what each LaTeX command is: data for `words.py`."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

BETWEEN, LETTER, DIGIT, SINGLE, NOT_THERE, JOINT = range(6)
"""What a character is: between words; of a word; of a number; a word of its own, as in scripts without spaces; not there;
between words unless it joins the digits beside it.
"""
STOP, OPENER = 1, 2
"""What a sentence or a line ends on; what may stand between that and the next word."""
_LAST: Final = 0x20000
"""Beyond it there are ideographs, and what is no letter."""
_SINGLES: Final = (
    *((0x0E00, 0x0F00), (0x1000, 0x10A0), (0x1780, 0x1800)),  # Thai, Lao; Burmese; Khmer
    *((0x3041, 0x3097), (0x309D, 0x30FB), (0x30FC, 0x3100), (0x31F0, 0x3200)),  # kana
    *(
        (0x3005, 0x3008),
        (0x3400, 0x4DC0),
        (0x4E00, 0xA000),
        (0xF900, 0xFB00),
        (0x20000, 0x40000),
    ),  # ideographs
)
_SKIPS: Final = (
    *(
        (0x0300, 0x0370),
        (0x0483, 0x048A),
        (0x0591, 0x05C8),
        (0x0640, 0x0641),
        (0x064B, 0x0660),
    ),  # accents, points
    *(
        (0x3099, 0x309B),
        (0xFE00, 0xFE10),
        (0xFE20, 0xFE30),
        (0xE0000, 0xE01F0),
    ),  # voicing, variation selectors, tags
)

_SPREAD: Final = np.uint64(0xD6E8FEB86659FD93)
_GATHER: Final = np.uint64(pow(int(_SPREAD), -1, 1 << 64))
_HALF: Final = np.uint64(32)

_LAYOUT_NAMES: Final = (
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr displaystyle textstyle scriptstyle limits nolimits "
    "text textbf textit textrm textsf texttt textnormal emph mbox hbox mathrm mathbf mathit mathsf mathtt mathbb mathcal mathfrak mathscr "
    "boldsymbol bm operatorname rm bf it sf tt label tag ref eqref underline overline widehat widetilde hat bar tilde vec dot ddot "
    "frac dfrac tfrac cfrac binom dbinom tbinom sqrt quad qquad hspace vspace hfill newline noindent item hline par "
    "cdot times div pm mp ast star bullet leq geq le ge leqslant geqslant neq ne lt gt ll gg equiv approx sim simeq cong propto "
    "in notin ni cup cap setminus subset subseteq supset supseteq emptyset varnothing infty to rightarrow Rightarrow longrightarrow "
    "leftarrow Leftarrow leftrightarrow Leftrightarrow implies iff mapsto forall exists neg land lor wedge vee oplus otimes "
    "perp parallel mid angle triangle square circ degree prime dots ldots cdots vdots ddots sum int iint oint prod partial nabla "
    "lfloor rfloor lceil rceil langle rangle lvert rvert lVert rVert vert Vert lbrace rbrace lbrack rbrack backslash"
)
LAYOUT: Final = frozenset(_LAYOUT_NAMES.split())
"""Commands that say how something looks, or for which there is a sign: signs are no words."""
ENVIRONMENTS: Final = frozenset(("begin", "end"))
"""Commands that are followed by the name of an environment, which is no word either."""
_GREEK: Final = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "varpi": "π", "rho": "ρ", "varrho": "ρ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ", "phi": "φ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "ell": "l", "hbar": "h",
}  # fmt: skip
ALIASES: Final = {
    **_GREEK,
    **{name.title(): sign.upper() for name, sign in _GREEK.items() if name[:3] != "var"},
    "N": "n",
}
"""Commands that stand for a letter."""


class Signs(NamedTuple):
    """By code point: what it is; the code point that it counts as (its lower case, its digit); a number drawn for the latter;
    whether a sentence ends with it, or may begin with it.
    """

    kinds: NDArray[np.uint8]
    folded: NDArray[np.uint32]
    values: NDArray[np.uint64]
    breaks: NDArray[np.uint8]


@lru_cache(1)
def load_signs() -> Signs:
    """The tables, of 1,114,112 rows each, made once a process."""
    kinds = np.zeros(0x110000, np.uint8)
    folded = np.arange(0x110000, dtype=np.uint32)
    for code in range(_LAST):
        sign = chr(code)
        category = unicodedata.category(sign)
        if category[0] in "LM" or category in ("Nl", "No"):
            kinds[code] = LETTER
            small = sign.lower()
            folded[code] = ord(small) if len(small) == 1 else code
        elif category == "Nd":
            kinds[code] = DIGIT
            folded[code] = ord("0") + unicodedata.decimal(sign)
        elif category == "Cf":
            kinds[code] = NOT_THERE
    folded[ord("ς")] = ord("σ")
    for begin, end in _SINGLES:
        some = kinds[begin:end]
        some[(some == LETTER) | (np.arange(begin, end) >= _LAST)] = SINGLE
    for begin, end in _SKIPS:
        kinds[begin:end] = NOT_THERE
    kinds[list(map(ord, ",."))] = JOINT
    breaks = np.zeros(0x110000, np.uint8)
    breaks[list(map(ord, ".?!:\n\r\0。？！："))] = STOP
    breaks[list(map(ord, " \"'“‘(*$"))] = OPENER
    return Signs(kinds, folded, spread(folded.astype(np.uint64)), breaks)


def spread(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers for numbers, each for one, with what tells them apart in all of their bits."""
    numbers = numbers * _SPREAD
    numbers ^= numbers >> _HALF
    numbers *= _SPREAD
    numbers ^= numbers >> _HALF
    return numbers


def gather(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The inverse of `spread`."""
    numbers = numbers ^ (numbers >> _HALF)
    numbers *= _GATHER
    numbers ^= numbers >> _HALF
    numbers *= _GATHER
    return numbers
