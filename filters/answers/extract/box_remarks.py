r"""What is said directly beside a box that makes it another number, an example, somebody's answer or a guess.

`0.\boxed{5}` and `\boxed{5} 000` are other numbers, "Template: \boxed{5}" shows a format, "the student wrote
\boxed{5}" tells of a mistake, and `\boxed{5} ❌` is marked as wrong.
"""

from __future__ import annotations

import re

MAX_BEFORE = 100
"""Characters before a box in which remarks about it are looked for."""
MAX_AFTER = 80
"""Characters after it."""
_FLAGS = re.IGNORECASE
_OPENED = r"(?:\$\$?|\\[(\[])?"
_LINK = r"(?:[\s$*_(\[\"'“:：,]|\\[(\[]|\b(?:is|be|of|like|as|follows|this|so|a|the)\b){0,8}\Z"
_SIGNS_BEFORE = re.compile(
    rf"(?:\A|\s)0\.{_OPENED}\Z|(?:\A|[\s:$])–{_OPENED}\Z|[\w)}}$] [<>≤≥]\s?{_OPENED}\s?\Z|≠\s*{_OPENED}\s?\Z"
    rf"|[^\W\d_]{{2}}-{_OPENED}\Z|<(?:del|s|strike)>[^<>\n]{{0,20}}\Z",
    _FLAGS,
)
_WORDS_BEFORE = re.compile(
    rf"(?:\be\. ?g\.|(?:\A|\n|[.!?] |\()[*_ ]*(?:(?!boxed|latex|final|the)\w+ ){{0,2}}(?:template|format|sample|placeholder|syntax|example(?: (?:output|answer|response|format|box))?)[*_]*\s*[:：]"
    r"|\b(?:put|write|give|state|enter|submit|provide|present|format|box|express|report) your (?:final )?(?:answer|result|solution)\b[^.\n]{0,30}"
    r"|(?<!we )(?<!I )(?<!us )(?<!can )\b(?:put|write|give|enter|submit|provide|format) the (?:final )?(?:answer|result|solution) in (?:the |this )?(?:form|format)\b"
    r"|\b(?:output|answer|response|result|it|this|format|solution|line) (?:must|should|shall|has to|needs? to|ought to|will|would) look like"
    r"|\byou (?:should|must|can|could|would|need to|have to|may) (?:then |simply |just )?(?:write|put|say|answer|enter|type|use|box|output|submit)"
    r"|\b(?:my|a|best|wild|rough|random|educated) guess(?: here)?"
    r"|\bnot (?:entirely |completely |fully |quite |really |very |too |100% |so |at all )?(?:sure|certain|confident)(?: (?:about|of) (?:it|this|that))?,?(?: but)?"
    r"|\bI (?:can(?:not|['’]t)|could(?: not|n['’]t)|am unable to|was unable to|failed to) (?:solve|do|figure|work|answer|find|determine|compute)\b[^.\n]{0,40}"
    rf"){_LINK}",
    _FLAGS,
)
_AUTHOR_BEFORE = re.compile(
    r"\b(?:student|pupil|teacher|user|friend|classmate|author|grader|someone|somebody|assistant|model|solver|opponent|AI|chatbot)s? "
    rf"(?:has |had |have )?(?:wrote|written|answered|claimed|claims|submitted|boxed|guessed|said|says|writes|proposed){_LINK}",
    _FLAGS,
)
_ENDED = re.compile(r"[\s$*.)\]}\"”']*(?:\Z|\n)")
_THOUSANDS = re.compile(r"\$?(?:[ \u00a0\u202f]|\\[,;! ])\$?\d{3}(?![\d.,]*\d)")
_SHAPES = r"(?:trap|distractor|decoy|red herring|typo|mistake|error|lie|joke|placeholder|template|sample|example|guess)"
_WRONG = r"(?:wrong|incorrect|false|mistaken|erroneous|naive|common wrong)"
_AFTER = re.compile(
    r"(?:[\s*_$)}\]\"”]|\\[)\]])*(?:"
    r"[x×X✕*·⋅]\s?\$?10\s?(?:\^|\*\*|[⁰¹²³⁴-⁹⁻])|out of (?:a |the )?(?:total (?:of )?)?\$?\d|</(?:del|s|strike)>|[❌✗✘✖🚫⛔👎]"
    rf"|(?:is|was) (?:just |only |clearly |obviously )?(?:the|an?) (?:\w+ )?(?:{_WRONG} (?:answer|value|result|solution|option|choice)|{_SHAPES}\b)"
    r"|\(\s*[?？]+\s*\)|[,;(—–-]*\s*(?:it |this |that |which )?(?:should|ought to) (?:actually |really |instead )?(?:be|have been|read) [*_$(]*[-−]?(?:\d|\\|(?-i:[A-J])\b)"
    r")",
    _FLAGS,
)
_BASE = re.compile(
    r"[\s*_$)}]*\(?(?:in|written in|expressed in)? ?\(?base[- _](?:\d|two|three|four|five|six|seven|eight|nine|twelve|sixteen)",
    _FLAGS,
)
_MORE_THAN = re.compile(
    r"[\s*_$)}]*(?:more|less|fewer|older|younger|taller|shorter|greater|smaller|larger) than (?-i:[A-Z])[a-z]",
    _FLAGS,
)
"""A comparison with somebody, which a sentence about two makes the answer; alone it is a part of a step."""
_VAGUE = re.compile(r"\s*(?:\\approx|≈|\\sim|~)\s*[-−]?\d+\s*|\s*[-−]?\d+\s*(?:\.\.\.|…|\\[cl]?dots)\s*")


def find_remark(text: str, begin: int, end: int, content: str, *, inside: bool) -> str:
    """A doubt that quotes the remark on the box of `content` at `begin` to `end`. inside: whether a formula holds it."""
    before = text[max(0, begin - MAX_BEFORE) : begin].rpartition("\n\n")[2]
    found = None if inside else _SIGNS_BEFORE.search(before)
    found = found or _WORDS_BEFORE.search(before)
    if found is None and _ENDED.match(text, end):
        found = _AUTHOR_BEFORE.search(before)
    if found is not None:
        return f'before it: "{found[0].strip()[:40]}"'
    compared = None if any(map(str.isalnum, before)) else _MORE_THAN.match(text, end)
    changed = compared or (None if "_" in content else _BASE.match(text, end))
    if changed is not None:
        return f'after it: "{changed[0].strip()[:40]}"'
    return find_remark_after(text, end, numeric=content.strip()[-1:].isdigit())


def find_vagueness(content: str) -> str:
    """A doubt where a whole number is given as near or unfinished, as in "≈ 5" and "5..."."""
    return f'in it: "{content.strip()}"' if _VAGUE.fullmatch(content) else ""


def find_remark_after(text: str, end: int, *, numeric: bool) -> str:
    """A doubt that quotes the remark after an answer that ends at `end`. numeric: whether it ends with a digit."""
    near = end + MAX_AFTER
    found = (_THOUSANDS.match(text, end, near) if numeric else None) or _AFTER.match(text, end, near)
    return f'after it: "{found[0].strip()[:40]}"' if found is not None else ""
