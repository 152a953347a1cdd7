"""The names an expression may hold: functions, constants and Greek letters, and which words are readable as such."""

from __future__ import annotations

import re

from filters.answers.parse.tokens import Token
from filters.answers.wordlists import make_word_set

FUNCTIONS = make_word_set(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp lg gcd lcm max min det arg asin acos "
    "atan arccot arcsec arccsc Re Im deg erf Gamma sgn"
)
COMPUTING_CALLS = FUNCTIONS | make_word_set("abs binom perm fact fact2 floor ceil conj logb")
"""Names of calls that compute a value; any other call is a function that the answer itself names."""
ALIASES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
CONSTANTS = {"pi": "pi", "infty": "inf", "infinity": "inf", "inf": "inf", "e": "e", "i": "i"}
GREEK = make_word_set(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi "
    "omega Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar"
)
WORDS = FUNCTIONS | GREEK | frozenset({"pi", "infinity", "inf", "sqrt", "binom"})
_VARIABLES = re.compile(r"[a-df-hj-np-tv-zA-Zx]{1,4}")
_NAME = re.compile(r"[A-Z](?=[a-z]*a)[a-z]{2,}")
"""Mary, Kant, Iran: a capital and an `a` after it in more than two letters is a name sooner than a product."""
_NOT_VARIABLES = make_word_set(
    "or and by my as at am an all can has had may any was mph ft lb km cm mm kg oz hr sq yd"
)
_WITH_VOWELS = frozenset("eixyabknt")


def is_function(name: str) -> bool:
    """Whether a word is the name of a function or constant rather than a variable or unit."""
    return name in WORDS


def is_readable(token: Token) -> bool:
    """Whether a word is a known name, or letters that stand for variables side by side."""
    word = token.value
    if word in WORDS:
        return True
    if len(word) == 1:
        return word < "\u0400"  # letters of Cyrillic, Indic and CJK scripts are words or units, not variables
    if token.text or word in _NOT_VARIABLES or _NAME.fullmatch(word):
        return False
    if word[0] in "ie" and word[1:].isupper() and len(word) <= 4:
        return True
    return _VARIABLES.fullmatch(word) is not None or (len(word) < 4 and set(word) <= _WITH_VOWELS)
