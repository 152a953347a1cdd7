"""What a prompt says about its answer: the unit and form it asks for, the order of names, the options it lists.

Only what the prompt states in plain words is taken; a prompt that says nothing decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from filters.answers.compare.choices import list_options
from filters.answers.parse.normalization import normalize_answer
from filters.answers.parse.tokens import NotMathError, tokenize_answer
from filters.answers.parse.unit_pieces import cut_words, is_cjk
from filters.answers.parse.unit_words import read_unit
from filters.answers.units import Unit, find_unit
from filters.sentences import split_sentences

MAX_PROMPT = 8_000
"""Characters of a prompt's end that are read."""
MAX_ASKED = 1_500
"""Characters of a prompt's end in which its question stands."""

_INTEGRAL = re.compile(
    r"\bintegra|antiderivative|\bprimitive\b|\\int|∫|\bdifferential\b|\by'|\\dot|\bODE\b|\\frac\{d|积分|原函数|微分方程",
    re.IGNORECASE,
)
_MATRICES = re.compile(r"\bmatri(?:x|ces)\b|\boperators?\b|\bcommutator\b|矩阵|行列式", re.IGNORECASE)
_SCORE = re.compile(
    r"\bscores?\b|\bsize of (?:the |this )?(?:matrix|board|grid)|比分|Ergebnis|marcador", re.IGNORECASE
)
_SIZE = re.compile(r"\bdimensions?\b", re.IGNORECASE)
_COMMAS = re.compile(r"\b(?:separated by|with|using) (?:a )?commas?\b|comma-separated|逗号", re.IGNORECASE)
_ASKS = re.compile(
    r"[?？]|\b(?:find|express|give|write|answer|compute|calculate|determine|state|round|report|convert)\b|求|多少",
    re.IGNORECASE,
)
SCALE: Final = re.compile(
    r"\b(?:dozen|score|hundred|thousand|million|billion|trillion|lakh|crore)|[百千万亿億萬]|[백천만억]|Millionen|millones|milhões|millions|тысяч|миллион|लाख|करोड़"
)
_LETTER = re.compile(r"(?<![A-Za-z\\])([A-Za-z])(?:_\{?(\w{1,6})\}?)?(?![A-Za-z])")
_TYPING = re.compile(r"\s|[${}]|\\(?:left|right|displaystyle)(?![A-Za-z])|\\[,;:!()\[\]]")
_PAIR = re.compile(r"\(\s*([A-Za-z])((?:\s*,\s*[A-Za-z])+)\s*\)")
_PERCENT = re.compile(
    r"\b(?:what|which|as(?: an?)?|find the|the|by (?:what|how many)) (?:[^\W\d]+ )?(?:percent(?:age)?\b|per cent\b|\\?%)|\bin (?:an? |the )?(?:percent(?:age)?\b|per cent\b|\\?%)|百分之几|百分比|百分率|"
    r"pourcentage|porcentaje|porcentagem|prozent|процент|प्रतिशत|何パーセント|몇 ?퍼센트",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:at )?(?:what|which) time\b|\bwhen (?:do|does|did|will|is|are|should|must|can)\b|\btime of day\b|几点|幾點|何時|몇 시|"
    r"\bwie viel uhr\b|\bquelle heure\b|\bqué hora\b|\bque horas\b|во сколько|который час|कितने बजे",
    re.IGNORECASE,
)
_POINT = re.compile(
    r"\bpoints?\b|\bcoordinates?\b|\bvectors?\b|\bordered (?:pair|triple)|\bpairs?\b|\bmeet\b|\bintersect|\bvertex\b|\bcent(?:er|re)\b|坐标|交点|顶点|向量|座標",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\bascending\b|\bdescending\b|\bin (?:increasing|decreasing|numerical|alphabetical|chronological|that|the given|this|the correct) order\b|\border(?:ed)? (?:of|from|by)\b"
    r"|\bsort(?:ed)?\b|\bfrom (?:least|greatest|smallest|largest|lowest|highest|shortest|longest|youngest|oldest|first)\b"
    r"|\brespectively\b|\bquotient and (?:the )?remainder\b|\bterms? of (?:the|this|a) sequence\b|\bfirst \w+ terms\b|\bfrom \w+est to \w+est\b"
    r"|分别|依次|\barrange\b|\blist .{0,40}\bin order\b|从小到大|从大到小|由小到大|由大到小|升序|降序|排列|昇順|降順|小さい順|大きい順|오름차순|내림차순"
    r"|\bordre (?:dé)?croissant|\borden (?:as|des)cendente|\bmenor a mayor|\bmayor a menor|\baufsteigend|\babsteigend|\bordem (?:de)?crescente|по возрастанию|по убыванию|आरोही|अवरोही",
    re.IGNORECASE,
)
_MAY_ORDER = re.compile(rf"{_ORDER.pattern}|\bsteps\b|\brank\b", re.IGNORECASE)
_TO_WORK_OUT = re.compile(
    r"(?:compute|evaluate|simplify|calculate|find|expand|factor|write|express|convert|whatis|求|计算|化简)"
    r"(?:the)?(?:exact)?(?:valueof|value|expression|sumof|productof|fraction|number|decimal)*[:：]*\Z",
    re.IGNORECASE,
)
_FORMS: Final = {
    "factored": re.compile(r"\bfactor(?:i[sz]e|ed|i[sz]ation|ing)\b|\bfactor\b(?! of)|\bproduct of (?:its )?(?:primes|prime)|分解因式|质因数|因数分解", re.IGNORECASE),
    "expanded": re.compile(r"\bexpand\b|\bmultiply out\b|展开", re.IGNORECASE),
    "simplified": re.compile(
        r"\bsimplif(?:y|ied)\b|\bsimplest\b|\blowest terms\b|\breduced\b|\bcommon fraction\b|\bcoprime\b|\brelatively prime\b|最简|互质|化简|既約",
        re.IGNORECASE,
    ),
    "normal": re.compile(
        r"\b(?:gcd|greatest common divisor)\b|\b(?:relatively prime|coprime)\b|[A-Z] ?(?:>|\\gt) ?0|\bleading coefficient\b|互质",
    ),
}  # fmt: skip
_IN_UNIT = re.compile(
    r"\b(?:in|how many|number of|nearest|units? of|en|em|combien (?:de|d')|cu[aá]nt[oa]s|quant[oa]s|wie viele?|сколько|в|कितने|कितनी)\s+(?:the )?(?:units? of )?(?=\S)|(?:多少|几|幾|何|몇) ?(?=[^\W\d])",
    re.IGNORECASE,
)
_UNIT_END = re.compile(
    r"[?!,;:)\]\n]|\.(?:\s|$|\$)|(?<=\w) (?:and|or|if|when|that|which|do|does|did|is|are|was|were|will|would|can|has|have|there|to|for|from|after|in|on|at)\b"
)
_COUNTED = re.compile(
    r"\b(?:how many|number of|combien d(?:e |')|cu[aá]nt[oa]s|wie viele|quant[oa]s|сколько)\s+((?:[^\W\d_][\w-]*\s?){1,6})|(?:कितने|कितनी|몇)\s*([^\W\d_]+)|"
    r"(?:多少|几|幾|何)([^\W\d_]{1,4})",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|will|would|should|must|has|have|had|there|in|on|at|if|when)\b"
)
_VARIABLE = re.compile(
    r"(?<![\d/.^_}\\A-Za-z])(?<!\d )(?<!\bin )(?<!\bper )(?<!\d\$)(?<!\bin \$)([A-Za-z])(?![A-Za-z/'’^]|\s?=\s?-?\d)"
)
_EACH = re.compile(r"\b(each|every|apiece)\b", re.IGNORECASE)
MAX_UNIT_TOKENS = 9


@dataclass(frozen=True, slots=True)
class PromptContext:
    """What decides how an answer is compared.

    known: whether there is a prompt at all. options: letters and texts. percent: whether a percentage is asked
    for. unit: the unit asked for. clock: whether a time of day is. point: whether points are. ordered: whether
    an order is asked for, or only mentioned. scales: words like "dozen" and "million" that it uses.
    commas: whether items are to be separated by commas. integral: whether an antiderivative or the solution of a
    differential equation is. matrices: whether it speaks of matrices or operators. paired: whether a score or a
    size is asked for, two numbers in one; those of a size may stand in any order. names: the order of names, as in "find (x, y)". forms: which
    forms are asked for. letters: the single letters, with their subscripts, that the prompt itself uses.
    variables: those that stand where no unit does, and are given no number. counted: the words of what is
    counted. said: the prompt. text: the prompt without blanks and mark-up, to look for an expression in.
    """

    known: bool = False
    options: tuple[tuple[str, str], ...] = ()
    percent: bool = False
    unit: Unit | None = None
    clock: bool = False
    point: bool = False
    ordered: Literal["", "mentioned", "asked"] = ""
    names: tuple[str, ...] = ()
    forms: frozenset[str] = frozenset()
    scales: tuple[str, ...] = ()
    commas: bool = False
    integral: bool = False
    matrices: bool = False
    paired: Literal["", "score", "size"] = ""
    letters: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    text: str = ""
    said: str = ""


NO_CONTEXT: Final = PromptContext()


@lru_cache(maxsize=1_024)
def read_context(prompt: str) -> PromptContext:
    """What a prompt says of its answer."""
    text = prompt[-MAX_PROMPT:]
    if not text.strip():
        return NO_CONTEXT
    pair = None
    for pair in _PAIR.finditer(text):  # noqa: B007  the last one is wanted
        pass
    asking = _find_asking(text)
    names = () if pair is None else tuple(re.findall(r"[A-Za-z]", pair[0]))
    return PromptContext(
        known=True,
        options=tuple(list_options(text).items()),
        percent=_PERCENT.search(asking) is not None,
        unit=_find_asked_unit(asking),
        clock=_TIME.search(text) is not None,
        point=_POINT.search(text) is not None,
        ordered="asked" if _ORDER.search(asking) else "mentioned" if _MAY_ORDER.search(text) else "",
        names=names if len(set(names)) == len(names) else (),
        forms=frozenset(name for name, pattern in _FORMS.items() if pattern.search(text)),
        scales=tuple(sorted(set(SCALE.findall(text)))),
        integral=_INTEGRAL.search(text) is not None,
        matrices=_MATRICES.search(text) is not None,
        paired="score" if _SCORE.search(text) else "size" if _SIZE.search(text) else "",
        commas=_COMMAS.search(text) is not None,
        counted=_find_counted(text),
        variables=frozenset(m[1] for m in _VARIABLE.finditer(text)) - {"a", "A", "I"},
        said=text,
        letters=frozenset(m[1] + (f"_{m[2]}" if m[2] else "") for m in _LETTER.finditer(text)),
        text=remove_typing(text),
    )


def remove_typing(text: str) -> str:
    """A text without blanks, delimiters and braces, so that an expression is found however it is set."""
    return _TYPING.sub("", text)


def asks_to_work_out(text: str, context: PromptContext) -> bool:
    """Whether the prompt says to work an expression without blanks out: what stands in it otherwise may be the answer."""
    place = context.text.find(text)
    return place >= 0 and _TO_WORK_OUT.search(context.text[max(0, place - 40) : place]) is not None


def _find_asking(text: str) -> str:
    """The last questions and instructions of a prompt."""
    sentences = split_sentences(text[-MAX_ASKED:])
    asking = [sentence for sentence in sentences if _ASKS.search(sentence)]
    return " ".join(asking[-3:] or sentences[-1:])


def _find_asked_unit(text: str) -> Unit | None:
    """The one unit that the prompt's questions and instructions ask the answer in; None where it is not one."""
    found = set()
    for match in _IN_UNIT.finditer(text):
        unit = _read_longest_unit(text[match.end() : match.end() + 60])
        if unit is not None:
            found.add(unit)
    return found.pop() if len(found) == 1 else None


def _read_longest_unit(text: str) -> Unit | None:
    """The longest unit of measure that a text begins with."""
    if not text.strip():
        return None
    if is_cjk(text[0]):
        units = (find_unit(text[:length]) for length in range(4, 0, -1))
        return next((unit for unit in units if unit is not None and _is_asked(unit)), None)
    plain = _UNIT_END.split(text.replace("$", ""), maxsplit=1)[0].strip()
    try:
        tokens = tokenize_answer(normalize_answer(plain))
    except NotMathError:
        return None
    units = (read_unit(tokens[:length]) for length in range(min(len(tokens), MAX_UNIT_TOKENS), 0, -1))
    return next((unit for unit in units if unit is not None and _is_asked(unit)), None)


def _is_asked(unit: Unit) -> bool:
    return bool(unit.dimension) and unit.scale != "percent" and not unit.thing


def _find_counted(text: str) -> frozenset[str]:
    """The words of what the prompt asks the number of, in the singular, and those that ask for one of several."""
    found: set[str] = set()
    for match in _COUNTED.finditer(text[-MAX_ASKED:]):
        words = _STOP.split(match[1] or "", maxsplit=1)[0].split()
        words += [match[2]] if match[2] else list(cut_words(match[3] or "")[:1])
        found |= {word.casefold().removesuffix("s") for word in words} | {word.casefold() for word in words}
    return frozenset(found | {"each" for _ in _EACH.finditer(text)})
