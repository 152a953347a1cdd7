"""One answer as read: its key, its tree, and what else it may be; short answers are read once and remembered."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from filters.answers.compare.chemistry import read_formula
from filters.answers.compare.choices import read_reference_letters
from filters.answers.compare.views import names_integers, settle_derivation
from filters.answers.parse.grammar import Parser
from filters.answers.parse.literals import read_literal
from filters.answers.parse.nodes import Node, find_variables, make_number, make_variable
from filters.answers.parse.normalization import normalize_answer
from filters.answers.parse.number_words import expand_leading_number, expand_scaled_numbers
from filters.answers.parse.tokens import MAX_CHARS, NotMathError, make_key, tokenize_answer
from filters.answers.wordlists import make_word_set

MAX_CACHED = 240
"""Characters of answers that are remembered: long ones seldom repeat, and would fill the memory."""

_LABELLED = re.compile(
    r"(?:\\(?:text|mathrm)\{ ?)?(?P<words>[A-Za-z]{2,20}(?: [A-Za-z]{1,20}){0,5}) ?"
    r"(?:\}? ?[=:]|(?<= )(?:is|are|equals) ?\}?) ?(?=[^\s=:])"
    r"|(?P<name>(?:\\[A-Za-z]{1,12} ?)?\{?[A-Za-z]{0,12}\}?(?:_(?:\{[^{}=<>]{1,24}\}|\w))?(?:\^(?:\{[^{}=<>]{1,8}\}|\w|'))?'{0,3}"
    r"(?: ?(?:\\left ?)?\([^()=<>]{1,24}\))?) ?= ?(?=[^\s=:])"
)
_ROUGHLY = re.compile(r"^(?:\\text\{ ?)?(?:approximately|approx\.?)(?: ?\})? (?=[-$\\\d(])", re.IGNORECASE)
_DANGLING = re.compile(r"(?<=[a-z]{5})(?<!square)(?<!cubic) in$")
"""The first word of what goes on, "15 degrees in", not inches."""
_NO_LABEL = make_word_set(
    "not no never neither nor cannot without if unless except than least most more less about approximately either or "
    "between nearly almost half twice double minus plus times other another wrong incorrect false unlike loss lost "
    "decrease decreased deficit debt error below under negative opposite reciprocal inverse square squared root cube cubed "
    "double triple log conjugate complement"
)
"""Words that change what follows them: a label has none of them."""
_QUALIFIER = re.compile(
    r",? ?\\text\{,? ?for (?:all|any|every) ?(?:integer )?(?:integers? |values? of )?\}? ?\$?[a-zA-Z]?\$? ?\}?$"
    r"|,? for (?:all|any|every) (?:integer )?(?:integers? |values? of )?\$?[a-zA-Z]\$?$"
)
_DOMAIN_WORDS = re.compile(
    r",? ?\(?(?:\\text\{ ?)?,? ?(?:where|for|with|for all|for any|for every|and)?(?: ?\})? ?\$? ?(?:(?:any|all|some|an?|integers?) )?"
    r"(?P<name>[a-zA-Z])\$? ?(?:\\text\{ ?)?(?:is|are|be)? ?(?:an?|any|some)? ?(?:arbitrary )?integers?(?: ?\})?\)? ?\.?$"
)
_INTEGER_FIRST = re.compile(
    r",? ?\(?(?:\\text\{ ?)?,? ?(?:where|for|with) ?(?:all|any|some|an?|every)? ?integers? ?\}? ?(?P<name>[a-zA-Z])\)?\.?$"
)


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """How one answer was read.

    text: as cleaned. key: the tokens, or the text where there are too many. node: its tree, None where it
    is not mathematics. slashed: whether `a/bc` occurred, which writers mean either way. lettered: whether a
    bare letter was taken for a unit. letters: the options it names, where it is nothing else. formula: the
    chemical formula it spells, or nothing. domains: what its parameters run over, by name: Z, N, Q, R or C.
    name: the name it is given on its left side, where that alone was no expression. unread: why it has no tree.
    """

    text: str
    key: str
    node: Node | None
    slashed: bool = False
    lettered: bool = False
    letters: frozenset[str] | None = None
    formula: str = ""
    domains: tuple[tuple[str, str], ...] = ()
    name: str = ""
    unread: str = ""


def read_answer(text: str) -> AnswerReading:
    """Read an answer; the same short text is read once."""
    return _read_once(text) if len(text) <= MAX_CACHED else _read(text)


@lru_cache(maxsize=16_384)
def _read_once(text: str) -> AnswerReading:
    return _read(text)


def _read(text: str) -> AnswerReading:
    if len(text) > 2 * MAX_CHARS:
        return AnswerReading(text, text, None, unread=f"more than {2 * MAX_CHARS:,} characters")
    cleaned = _write_domain(_ROUGHLY.sub("\\\\approx ", normalize_answer(text)))
    cleaned = _DANGLING.sub("", cleaned)
    fixed = read_literal(cleaned)
    scaled = expand_leading_number(expand_scaled_numbers(cleaned))
    try:
        parser = Parser(tokenize_answer(scaled))
    except NotMathError as error:
        return AnswerReading(cleaned, scaled, fixed, unread=str(error))
    label = make_key(parser.tokens)
    raw, unread = (fixed, "") if fixed is not None else _parse_tokens(parser)
    if raw is None:
        name, rest = _split_label(cleaned)
        inner = read_answer(rest) if rest else None
        if inner is not None and inner.node is not None:
            return replace(inner, key=label, name=name)
    return AnswerReading(
        cleaned,
        label,
        None if raw is None else settle_derivation(_restore_variables(raw)),
        parser.slashed,
        parser.letter_units,
        read_reference_letters(text),
        read_formula(cleaned),
        () if raw is None else _list_domains(raw),
        unread=unread,
    )


def _restore_variables(node: Node) -> Node:
    """The tree with `2s` as two times s, where s stands in it as a variable too; else it is two seconds."""
    names = find_variables(node)
    return _replace_units(node, names) if names else node


def _replace_units(node: Node, names: frozenset[str]) -> Node:
    if node.op == "quantity" and node.unit is not None and node.unit.letters:
        letters = node.unit.letters
        if names & {name for name, _ in letters}:
            powers = [Node("pow", (make_variable(name), make_number(power))) for name, power in letters]
            return (
                Node("mul", (_replace_units(node.args[0], names), *powers[:1])) if len(powers) == 1 else node
            )
    args = tuple(_replace_units(arg, names) for arg in node.args)
    return node if args == node.args else replace(node, args=args)


def _write_domain(text: str) -> str:
    """The text with "where k is an integer" at its end written as a condition."""
    if "integer" not in text:
        return text
    return _INTEGER_FIRST.sub(_say_integer, _DOMAIN_WORDS.sub(_say_integer, text))


def _say_integer(match: re.Match[str]) -> str:
    return f", {match['name']} \\in \\mathbb{{Z}}"


def _parse_tokens(parser: Parser) -> tuple[Node | None, str]:
    """The tree of an answer that is mathematics, or why there is none."""
    try:
        return (parser.parse_answer(), "") if parser.tokens else (None, "nothing to read")
    except NotMathError as error:
        return None, str(error)


def _list_domains(node: Node) -> tuple[tuple[str, str], ...]:
    r"""What the parameters of an answer run over: `k \in \mathbb{Z}`."""
    items = node.args if node.op == "list" else ()
    found = [item for item in items if names_integers(item)]
    return tuple(sorted((arg.name, item.args[-1].name) for item in found for arg in item.args[:-1]))


def _split_label(text: str) -> tuple[str, str]:
    """An answer's name or label (`Area = 20`, `MRTS_{l,k} = 2`) and the rest of it; empty where it has two labels.

    A closing "for all n" is left out of the rest.
    """
    label = _LABELLED.match(text)
    if label is not None and not _NO_LABEL.isdisjoint((label["words"] or "").casefold().split()):
        return "", ""
    rest = _QUALIFIER.sub("", text[label.end() :] if label is not None else text)
    if rest == text or _LABELLED.match(rest):
        return "", ""
    return ("" if label is None else label["name"] or (label["words"] or "").casefold()), rest
