"""Where the answer after a cue stops and a clause about it begins; and whether that clause changes the answer.

"The answer is 18, which is even" stops at the comma; "2 - sin(x)" is mathematics to its end and stops nowhere.
A clause that takes back, denies, multiplies or limits the answer, or that draws another value from it, gives a
doubt, and so does one of no known kind.
"""

from __future__ import annotations

import re

from filters.answers.extract.later_values import find_consequence, find_second_value
from filters.answers.parse.grammar import Parser
from filters.answers.parse.normalization import normalize_answer
from filters.answers.parse.tokens import NotMathError, tokenize_answer
from filters.answers.wordlists import make_word_set

MAX_FORMULA = 160
"""Characters that are tried as one formula."""

_KNOWN = (
    r"which|who|whose|where|since|because|as|so|thus|hence|therefore|and (?:we|I|this|that|it|the|so|thus|hence|not|is|are|he|she|they|you|also|then)"
    r"|not|no|in|after|assuming|given|with|when|while|using|from|for|rounded|obtained|found|by|meaning|i\.e\.?|namely|that is|but|making|giving"
    r"|leaving|corresponding|respectively|matching|confirming|verifying|achieved|attained|at|to|on|under|provided|considering|based|just|exactly|if"
    r"|see|per|because|approximately|about|note|noting|indeed|correct|only|all|each|every|total|altogether"
    r"|porque|ya que|pues|lo que|es decir|no|donde|así que|car|puisque|parce que|ce qui|soit|donc|non|où|weil|da|denn|also|was|wobei|nicht|d\.h\.?"
    r"|pois|já que|o que|ou seja|onde|não|portanto|так как|потому что|что|поскольку|где|то есть|а не|не|क्योंकि|जो"
)
_CUT = re.compile(
    rf"\s*,\s+(?:(?=(?P<known>(?:{_KNOWN})(?!\w)))|(?P<word>(?=[^\W\d_]{{3,}}(?!\w))))"
    r"|\s*，\s*(?=(?P<wide>[^\W\d_]))"
    r"|\s*;\s+(?=(?P<semi>[^\W\d_]{2,}))"
    r"|\s+[-–—]+\s+(?=(?P<dash>[^\W\d_]{2,}|I |a ))|—(?=(?P<long>[^\W\d_]{2,}))"
    r"|(?:(?<=[\d$*.%})\]])|\s)\s*\((?=(?P<bracket>(?:[^\W\d_]{2,}|i\.e|e\.g|=|≈)[^()]*))|\s*（(?=(?P<full>(?:[^\W\d_]{2,}|=|≈)[^（）]*))"
    r"|\s*(?=(?P<heading>【(?:解析|分析|详解|点评|解答)】))"
    r"|\s+(?=(?P<courtesy>(?:let me know|I hope|hope (?:this|that|it)|please|feel free)\b))"
    r"|\s+(?=(?P<why>(?:because|since|as (?:required|desired|expected|claimed|shown|we|the|above)|porque|weil|car|parce que|puisque|per?ché|rather than|instead of|rounded|when rounded"
    r"|after rounding|to the nearest|to (?:two|three|\d) decimal|так как|потому что|क्योंकि)(?!\w)))",
    re.IGNORECASE,
)
_GOES_ON = make_word_set("in or no a on to at") | {"and the"}
"""Words that lead on within an answer of words: "Paris, in France"."""
_MAY_BE_FORMULA = make_word_set("dash long bracket full")
_JOINS = re.compile(r"(?:and|or|y|o|et|ou|und|oder|e|и|или)\s+(?=[-−+$\\(\d]|[A-Z]\b)")
_COMPANY = re.compile(r"(?:with|by|und|mit|con|avec|com|и|с)\b", re.IGNORECASE)
_WIDE_KNOWN = re.compile(
    r"(?:而不是|不是|不选|因为|所以|因此|即|其中|由于|也就是|满足|符合|经|这|故|此时|共|一共|如上|如图|なぜなら|つまり|すなわち|よって|왜냐|즉|따라서)"
)
_CHANGES = re.compile(
    r"\b(?:should|must|ought to|needs? to|has to|have to) (?:actually |really |instead )?(?:be|have been|read)\b"
    r"|\b(?:negative|incorrect|wrong|mistaken|false|otherwise|unless|maybe|perhaps|possibly|doubled|halved|tripled|squared|cubed|reversed"
    r"|rejected|unsure|uncertain|approximate only)\b"
    r"|\bin (?:tens|hundreds|thousands|millions|billions|dozens|pairs)\b|\bin base\b|\bhundred|\bthousand|\bmillion"
    r"|\b(?:but|however|yet) (?!(?:also |certainly |definitely )?(?:not|never|no|neither)\b)",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"(?:if|unless|wenn|falls|si|se|если|अगर)\b|如果|若", re.IGNORECASE)
_TAKEN_BACK = re.compile(
    r"(?:no|non|nein|não|nao|нет|не|sorry|wait|actually|rather)\s*[,:;]|(?:times|multiplied|divided|plus|minus)\b",
    re.IGNORECASE,
)
_PLAIN_HEAD = re.compile(
    r"[^A-Za-z\u00c0-\u1fff\u3040-\uffef]*(?:[A-Za-z](?![A-Za-z])[^A-Za-z\u00c0-\u1fff\u3040-\uffef]*)*"
)
_LETTERED = re.compile(r"[\s$*(]*[A-J](?:[).:,$*]|\Z)")
"""An option's letter: what follows may be its content."""
_FORMULA_WORDS = re.compile(r"\\[A-Za-z]+")
_SHORT_WORD = re.compile(r"(?<![\w\\])(?:an?|as|at|be|by|he|I|if|in|is|it|me|my|no|of|on|or|so|to|we)(?!\w)")


def find_clause(text: str, begin: int, end: int) -> tuple[int, str]:
    """Where a clause after the answer begins, at the end where there is none; and a doubt where it may change the answer."""
    cuts = [cut for cut in _CUT.finditer(text, begin, end) if cut.start() > begin]
    if cuts and cuts[0].lastgroup in _MAY_BE_FORMULA:
        stop = next((cut.start() for cut in cuts if cut.lastgroup not in _MAY_BE_FORMULA), end)
        if not _SHORT_WORD.search(text, cuts[0].end(), stop) and is_mathematics(text[begin:stop]):
            cuts = [cut for cut in cuts if cut.start() >= stop]
    for cut in cuts:
        formula = _is_formula(text[begin : cut.start()])
        if _leads_on(text, cut, end, formula, _LETTERED.match(text, begin, cut.start()) is not None):
            continue
        changes = _weigh_clause(text, begin, cut, end, formula)
        return cut.start(), f'after it: "{" ".join(text[cut.start() : end].split())[:40]}"' if changes else ""
    return end, ""


def is_mathematics(text: str) -> bool:
    """Whether a short text is one formula, or a list of them, from its first to its last character."""
    if len(text) > MAX_FORMULA:
        return False
    try:
        Parser(tokenize_answer(normalize_answer(text))).parse_answer()
    except NotMathError:
        return False
    return True


def _leads_on(text: str, cut: re.Match[str], end: int, formula: bool, lettered: bool) -> bool:
    """Whether what follows the cut still belongs to the answer."""
    kind = cut.lastgroup
    if kind in ("heading", "courtesy", "why"):
        return False
    if kind == "known":
        return not formula and cut["known"].casefold() in _GOES_ON
    if kind == "wide" and _WIDE_KNOWN.match(text, cut.end(), end):
        return False
    return not formula or lettered or _JOINS.match(text, cut.end(), end) is not None


def _weigh_clause(text: str, begin: int, cut: re.Match[str], end: int, formula: bool) -> bool:
    """Whether the clause may change the answer, or is of no known kind."""
    kind, answer = cut.lastgroup, text[begin : cut.start()]
    if kind == "courtesy":
        return False
    if kind == "word" or (kind == "wide" and _WIDE_KNOWN.match(text, cut.end(), end) is None):
        return True
    if not formula and _COMPANY.match(text, cut.end(), end):
        return True
    if _CHANGES.search(text, cut.end(), end) or _TAKEN_BACK.match(text, cut.end(), end):
        return True
    if _CONDITION.match(text, cut.end(), end):
        return True
    return bool(find_consequence(text, cut.end(), end, answer) or find_second_value(text, cut, end))


def _is_formula(head: str) -> bool:
    """Whether the answer so far is a number, a letter or mathematics, not words."""
    plain = _FORMULA_WORDS.sub("", head)
    return (
        _PLAIN_HEAD.fullmatch(plain) is not None
        or plain.count("$") >= 2
        or re.search(r"\d", plain) is not None
    )
