r"""What makes a problem the problem it is, whatever words it is told in: numbers, signs, variables, negations and relations.

Two prompts whose skeletons differ are two problems, however alike their words are: one asks for 3 and the other for 4, one for
`a - b` and the other for `a + b`. Forms of one sign are equal (`\cdot`, `×`, `*`), and so are words for one number, relation or
operation (`larger`, `greater`). What makes no difference is listed, and nothing else is left out: an unknown word, sign or language
costs a duplicate, and no problem.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from filters.overlap.plain_setting import UNSPACED_SCRIPTS, set_plainly
from filters.overlap.skeleton_words import MEANINGS, PLAIN, SIGNS, SILENT, STOPS
from filters.overlap.word_signs import ALIASES

_HAS_UNSPACED: Final = re.compile(f"[{UNSPACED_SCRIPTS}]")


def _list_longest(words: Iterator[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_NUMBER: Final = (
    r"(?P<number>\d+(?:,\d{3}(?!\d))+(?:\.\d+)?|\d+(?:\.\d+)?)|(?P<command>\\[A-Za-z]+|\\[%()\[\]])"
)
_SIGN: Final = rf"(?P<sign>{_list_longest(sign for sign in SIGNS if sign[0] != chr(92))})|(?P<bracket>[(){{}}\[\]])|(?P<factorial>!)"
_TERM: Final = rf"(?P<term>{_list_longest(word for word in MEANINGS if _HAS_UNSPACED.search(word))})|(?P<char>[{UNSPACED_SCRIPTS}])"
_OTHER: Final = r"(?P<other>\S)"
_TOKEN: Final = re.compile(
    rf"(?P<word>(?:(?![{UNSPACED_SCRIPTS}])[^\W\d_])+(?:['’][^\W\d_]+)*)|{_NUMBER}|{_TERM}|{_SIGN}|{_OTHER}"
)
_ASCII_TOKEN: Final = re.compile(rf"(?P<word>[A-Za-z]+(?:'[A-Za-z]+)*)|{_NUMBER}|{_SIGN}|{_OTHER}")
_FRACTION: Final = re.compile(r"\\[dtc]?frac\s*(?:\{(\w+)\}|(\d))\s*(?:\{(\w+)\}|(\d))")
_GROUP: Final = re.compile(r"(?<!\\)\{\s*([A-Za-z]|\d{1,40})\s*\}")
_OPTIONS: Final = re.compile(r"(?<![^\W_])([A-H])[).．:、）}]")
_RAISED: Final = {code: f"^{unicodedata.normalize('NFKC', chr(code))}" for code in map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿⁱ")}
_LOWERED: Final = {code: f"_{unicodedata.normalize('NFKC', chr(code))}" for code in map(ord, "₀₁₂₃₄₅₆₇₈₉ₙᵢ")}
_ARTICLES: Final = frozenset("aA")
"""Single letters that are words, unless they stand beside a number or a sign."""
_PRIMED: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,2}['′]*\Z")
"""What a prime stands at: AB', and x''."""
NEAR: Final = 16
"""Characters that are looked at on either side of a sign: spaces without end say nothing."""
_SENTENCE_END: Final = ".!?:;\n。！？："


def digest_skeleton(text: str) -> bytes:
    """A key of 8 bytes of what `list_skeleton` finds: prompts with different ones are different problems."""
    return hashlib.blake2b("\0".join(list_skeleton(text)).encode("utf-8", "replace"), digest_size=8).digest()


def list_skeleton(text: str) -> list[str]:
    """The numbers, signs, variables, names and telling words of a text, in their order, each as it is written everywhere.

    All words but those of PLAIN count, and of a question with options these, too, from the first option on.
    """
    text = set_plainly(text)
    text = text.translate(_RAISED).translate(_LOWERED).replace("{,}", "").replace("\\$", " ")
    text = _expand_vulgar(text)
    text = _FRACTION.sub(lambda found: " " + "/".join(part for part in found.groups() if part) + " ", text)
    text = _GROUP.sub(r" \1 ", unicodedata.normalize("NFC", text))
    options = _find_options(text)
    is_math = _find_math(text)
    found: list[str] = []
    for match in (_ASCII_TOKEN if text.isascii() else _TOKEN).finditer(text):
        kind, said = match.lastgroup, match[0]
        at, end = match.span()
        if kind in ("word", "char"):
            small = said.casefold()
            if small in MEANINGS:
                found.append(MEANINGS[small])
            elif at >= options:
                found.append(small)
            elif kind == "word":
                found += list(said) if is_math[at] else _keep_word(text, at, end, said)
            elif said not in PLAIN:
                found.append(said)
        else:
            found += _keep_other(text, at, end, kind or "", said)
    return _drop_prose_brackets(found)


def _keep_word(text: str, at: int, end: int, said: str) -> list[str]:
    """What a word outside of formulas leaves: itself, a variable, or nothing."""
    if said.endswith("n't"):
        stem = said[:-3].casefold()
        return ([] if stem in PLAIN or not stem else [stem]) + ["no"]
    if len(said) == 1 and not (at and text[at - 1] in "'’"):
        if said in _ARTICLES and not _stands_in_formula(text, at, end):
            is_name = said.isupper() and said != "I" and not _begins_sentence(text, at)
            return [said] if is_name else []
        return [said]
    if said.isupper() and len(said) <= 4:
        return list(said)
    small = said.casefold()
    return [] if small in PLAIN else [small]


def _keep_other(text: str, at: int, end: int, kind: str, said: str) -> list[str]:
    if kind == "number":
        return [_write_number(said)]
    if kind == "command":
        return _read_command(said)
    if kind == "term":
        return [MEANINGS[said]]
    if kind == "factorial":
        return ["!"] if at and (text[at - 1].isdigit() or _is_variable(text, at - 1)) else []
    if kind == "other":
        return _keep_sign(text, at, said)
    if said == "**" and (text[at - 1 : at] or " ").isspace() != (text[end : end + 1] or " ").isspace():
        return []  # bold, as **here**
    if kind == "sign" and SIGNS[said] == "-" and _joins_words(text, at, end):
        return []
    return [SIGNS.get(said, said)]


def _keep_sign(text: str, at: int, said: str) -> list[str]:
    """What a character leaves that is of no word and no known sign: itself, unless it is punctuation or not seen."""
    before, after = text[max(0, at - NEAR) : at].rstrip(" ")[-1:], text[at + 1 : at + NEAR].lstrip(" ")[:1]
    if said in "'′" and _PRIMED.search(text, max(0, at - NEAR), at):
        return ["′"]
    if said == ":" and before and after.isalnum() and (before.isdigit() or _is_variable(text, at - 1)):
        return [said]
    return [] if said in STOPS or unicodedata.category(said) == "Cf" else [said]


def _read_command(said: str) -> list[str]:
    if said in SIGNS:
        return [SIGNS[said]]
    name = said[1:]
    if name in SILENT or not name.isalpha():
        return []
    return [MEANINGS.get(name, name if name == "N" else ALIASES.get(name, name))]


def _write_number(said: str) -> str:
    plain = "".join(
        str(unicodedata.decimal(sign)) if sign.isdigit() else sign for sign in said.replace(",", "")
    )
    whole, point, rest = plain.partition(".")
    return f"{whole.lstrip('0') or '0'}{point}{rest}"


def _expand_vulgar(text: str) -> str:
    """½ as 1/2."""
    if text.isascii():
        return text
    return "".join(
        f" {unicodedata.normalize('NFKC', sign).replace('⁄', '/')} "
        if unicodedata.category(sign) == "No" and "⁄" in unicodedata.normalize("NFKC", sign)
        else sign
        for sign in text
    )


def _find_options(text: str) -> int:
    """Where the options of a question begin: at the first label of A, where B comes after it; the text's end without them."""
    labels = [(match[1], match.start(1)) for match in _OPTIONS.finditer(text)]
    return next(
        (at for (label, at), (following, _) in pairwise(labels) if (label, following) == ("A", "B")),
        len(text),
    )


_FORMULA: Final = re.compile(
    r"\$\$([^$]{1,500})\$\$|\$([^$\n]{1,500})\$|\\\((.{1,500}?)\\\)|\\\[(.{1,500}?)\\\]", re.DOTALL
)
_SAID: Final = re.compile(r"\\(?:text|mbox|textbf|textrm|hbox)\s*\{[^{}]*\}")


def _find_math(text: str) -> bytearray:
    """Of each character whether it is of a formula."""
    inside = bytearray(len(text))
    if "$" not in text and "\\" not in text:
        return inside
    for match in _FORMULA.finditer(text):
        group = match.lastindex or 1
        inner = match[group]
        # "$5 and pays $3" holds no formula.
        if "$" in match[0][:1] and re.search(r"[^\W\d_]{3,}\s+[^\W\d_]{2,}", _SAID.sub("", inner)):
            continue
        inside[match.start(group) : match.end(group)] = b"\1" * len(inner)
        for said in _SAID.finditer(text, match.start(group), match.end(group)):
            inside[said.start() : said.end()] = bytes(said.end() - said.start())
    return inside


def _stands_in_formula(text: str, at: int, end: int) -> bool:
    before, after = text[max(0, at - NEAR) : at].rstrip(" ")[-1:], text[end : end + NEAR].lstrip(" ")[:1]
    return any(
        sign and (sign.isdigit() or (sign in SIGNS and sign not in "-–[]&#@")) for sign in (before, after)
    )


def _begins_sentence(text: str, at: int) -> bool:
    before = text[max(0, at - NEAR) : at].rstrip(" \t\"'“”*")
    return not before or before[-1] in _SENTENCE_END


def _is_variable(text: str, at: int) -> bool:
    return text[at].isalpha() and not (at and text[at - 1].isalpha())


def _joins_words(text: str, at: int, end: int) -> bool:
    """Whether a stroke stands between two words, and takes nothing away."""
    before, after = text[max(0, at - NEAR) : at].rstrip(" ")[-2:], text[end : end + NEAR].lstrip(" ")[:2]
    if not before.strip() or not after.strip():
        return not after[:1].isdigit()
    if not (before[-1].isalpha() and after[0].isalpha()):
        return not (before[-1].isalnum() or before[-1] in ")]}|$\\") and not (
            after[0].isalnum() or after[0] in "([{|\\$"
        )
    return (before.isalpha() and len(before) == 2) or (after.isalpha() and len(after) == 2)


def _drop_prose_brackets(found: list[str]) -> list[str]:
    """Brackets with nothing in them that tells one problem from another are of prose, or of LaTeX."""
    kept: list[str] = []
    for said in found:
        if said in ")}]" and kept and kept[-1] in "({[":
            kept.pop()
        elif said:
            kept.append(said)
    return kept
