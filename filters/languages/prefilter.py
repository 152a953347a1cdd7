"""A cheap prefilter for many texts at once: which of them may contain a foreign segment at all.

One regular expression a language, run by polars over the whole batch, sees every foreign script, every word
that is evidence alone, pairs of weaker words and strange letters. A text that it does not match is not mixed; one
that it matches is a suspect and is read in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from filters.languages.lexicon import Lexicon, build_lexicon
from filters.languages.mixing import CHINESE_ONLY
from filters.languages.scripts import SCRIPTS, build_foreign_expression, list_scripts
from filters.languages.shared_words import NOTATION_WORDS
from filters.languages.sibling_languages import list_siblings
from filters.text_columns import make_text_column

_BEFORE, _AFTER = r"(?:^|[^\p{Latin}\p{N}_\\])", r"(?:[^\p{Latin}\p{N}_]|$)"
_END = ""
"""Marks in a tree of beginnings that a word ends here."""
Tree = dict[str, "Tree"]


def find_suspects(texts: Sequence[str], language: str) -> list[int]:
    """The numbers of the texts that may hold a segment in another language than this one."""
    seen = make_text_column(texts).str.contains(build_expression(language)) if texts else ()
    return [number for number, suspect in enumerate(seen) if suspect]


@lru_cache(maxsize=64)
def build_expression(language: str) -> str:
    """The regular expression, in polars' syntax, that finds what may be foreign in texts of a language."""
    book = build_lexicon(frozenset({language}))
    own = list_scripts(language)
    parts = [build_foreign_expression(own), *_build_word_patterns(book)]
    if "greek" not in own:
        parts.append(r"[\u03ac-\u03ce\u1f00-\u1ffc]")
    if book.odd:
        parts.append(rf"{_BEFORE}[a-zß-ɏ]*[{''.join(sorted(book.odd))}]")
    parts += [near.prefilter_expression for near in list_siblings(language)]
    if language == "ja":
        both = SCRIPTS["han"] + SCRIPTS["kana"]
        han = SCRIPTS["han"]
        parts.append(f"(?:^|[^{both}])[{han}]*(?:{CHINESE_ONLY})[{han}]*(?:[^{both}]|$)")
    return "|".join(parts)


def _build_word_patterns(book: Lexicon) -> list[str]:
    """One word that is enough, or two others side by side; among other scripts any word that is not notation."""
    if not book.latin:
        return [
            f"{_BEFORE}{_build_alternation(word for word in book.foreign if word not in NOTATION_WORDS)}{_AFTER}"
        ]
    strong = _build_alternation(word for word, (_, enough) in book.foreign.items() if enough)
    weak = _build_alternation(word for word, (_, enough) in book.foreign.items() if not enough)
    return [f"{_BEFORE}{strong}{_AFTER}", rf"{_BEFORE}{weak}[ \n]{weak}{_AFTER}"]


def _build_alternation(words: Iterable[str]) -> str:
    """An alternation of words, each also with a capital; words with an apostrophe are left to the reading.

    Written as a tree of their beginnings: what the engine has to follow at once is then small, and a cold
    start on a batch costs a fifth.
    """
    tree: Tree = {}
    for word in words:
        if "'" not in word:
            node = tree
            for letter in word:
                node = node.setdefault(letter, {})
            node[_END] = {}
    firsts = (f"[{letter.upper()}{letter}]{_build_branches(rest)}" for letter, rest in sorted(tree.items()))
    return f"(?:{'|'.join(firsts)})"


def _build_branches(node: Tree) -> str:
    """What may follow a beginning, as an expression."""
    rests = [letter + _build_branches(rest) for letter, rest in sorted(node.items()) if letter != _END]
    if not rests:
        return ""
    return (
        rests[0] if len(rests) == 1 and _END not in node else f"(?:{'|'.join(rests)}){'?' * (_END in node)}"
    )
