r"""A box and the mathematics on its sides put together: `-\boxed{a+b}` is -(a+b), `2\boxed{3}` cannot be read."""

from __future__ import annotations

import re

from filters.answers.extract.formulas import Side, is_loose

_VARIABLE = re.compile(
    r"\s*(?:[A-Za-z]|\\(?:alpha|beta|gamma|theta|lambda|mu|phi|omega|Delta))(?:_\{?\w{1,3}\}?)?\s*"
)
_NUMERIC = re.compile(r"[\s\d.,+*/^{}()-]*")
_RELATED = re.compile(
    r"[=<>,;≤≥≠]|\\(?:le|ge|ne|leq|geq|neq|lt|gt|in|text|quad|pm|or|and)(?![A-Za-z])|\b(?:or|and)\b"
)
_ATOM = re.compile(
    r"[^\W_](?:[\d.]*\d)?|\\[A-Za-z]+|\\sqrt\{[^{}]*\}|\\[dt]?frac\{[^{}]*\}\{[^{}]*\}|\\[dt]?frac\d\d"
)


def compose_answer(content: str, one: Side, two: Side, ended: str) -> tuple[str, str]:
    """The answer with the mathematics beside it, and what of that could not be read."""
    head, tail = one.term.strip(), two.term.strip()
    fault = one.fault or two.fault
    if fault:
        return content, f'round it: "{fault}"'
    if (head, tail) in (("(", ")"), ("[", "]")) and ended:
        head = tail = ""
    if not head and not tail:
        return content, ""
    doubt = f'beside it: "{head} … {tail}"'
    if "boxed" in head + tail or _RELATED.search(content) or _is_ambiguous(head, content, tail):
        return content, doubt
    if ended == "formula" and head[:1] in tuple("+-*/^"):
        return content, doubt
    return _join(head, content, tail), ""


def _is_ambiguous(head: str, content: str, tail: str) -> bool:
    """Whether digits meet digits or a fraction, which may be a product, a mixed number or one number."""
    meets = (
        head[-1:].isdigit()
        and not re.search(r"[_^]\{?\d\Z", head)
        and (content[:1].isdigit() or content.startswith(("\\frac", "\\dfrac", "\\tfrac")))
    )
    return meets or (content[-1:].isdigit() and tail[:1].isdigit())


def _join(head: str, content: str, tail: str) -> str:
    if head.endswith(("^", "_")) or re.search(r"\\[A-Za-z]+\Z", head):
        content = f"{{{content}}}"
    elif head == "\\$" or tail[:1] in ("%", "°") or tail.startswith(("\\%", "^\\circ", "^{\\circ", "\\circ")):
        pass
    elif not (_ATOM.fullmatch(content) or head.endswith("{")):
        content = f"({content})"
    gap = " " if head[-1:].isalnum() else ""
    return f"{head}{gap}{content}{' ' if tail[:1].isalpha() else ''}{tail}"


def relate_answer(content: str, one: Side, two: Side) -> tuple[str, bool] | None:
    """The inequality that the box is a side of, and whether the box alone may be meant; None where there is none.

    A bound on an expression (at least 8) and a comparison with a number are remarks.
    """
    left, right = one.beyond.strip(), two.beyond.strip()
    if one.relation and not _NUMERIC.fullmatch(left):
        chained = re.search(r"[<>≤≥]|\\[lg](?:e|eq|t)(?![A-Za-z])", left) is not None
        if chained or _VARIABLE.fullmatch(left) or not is_loose(one.relation):
            return f"{left} {one.relation} {one.term}{content}{two.term}", not chained
    if two.relation and not _NUMERIC.fullmatch(right) and not is_loose(two.relation):
        return f"{one.term}{content}{two.term} {two.relation} {right}", True
    return None


_UNNAMED = re.compile(r"[=<>≤≥≠]|\\(?:le|ge|ne|leq|geq|neq|lt|gt|in|to|approx|equiv|sim|boxed)(?![A-Za-z])")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_VALUED = re.compile(r"\d|\\[A-Za-z]+|[-+^]")


def name_answer(answer: str, one: Side) -> str:
    """The answer with the name it is the value of: y=2. An option's letter, words and relations are given none."""
    if not one.name or one.congruent or _UNNAMED.search(answer) or not _VALUED.search(answer):
        return answer
    worded = re.search(r"[A-Za-z]{3}|^\(?[A-Z]\)", _COMMAND.sub("", answer).lstrip(" {")) is not None
    return answer if worded else f"{one.name}={answer}"
