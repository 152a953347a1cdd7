"""Answers that are letters of given options: B, (C), "D) Photosynthesis", A and C."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from filters.answers.finding import ComparisonResult

_REFERENCE = re.compile(
    r"\(?\s*([A-J])\s*[).]?(?:(?:\s*(?:,|and|&)\s*|\s+)\(?([A-J])[).]?)*|[A-J]{2,5}(?<![a-z])"
)
_LETTER = re.compile(r"(?<![A-Za-z\\])([A-Ja-j])(?![A-Za-z'])")
_TEXT = re.compile(
    r"\\(?:left|right|text(?:bf|rm|it|tt)?|math(?:rm|bf|tt|sf)|boxed|rm)(?![A-Za-z])(?:\s*\{)?|[{}$*]|\\[()\[\], ]|~"
)
_NAMED = r"(?:the\s+)?(?:(?:correct\s+)?(?:option|choice|answer|letter)s?\s*(?:is|are|:)?\s*)?"
_ALONE = re.compile(rf"{_NAMED}[(\[]?\s*([A-Ja-j])\s*[)\]]?\s*[).:,]?", re.IGNORECASE)
_WITH_CONTENT = re.compile(
    rf"{_NAMED}(?:[(\[]([A-Ja-j])[)\]]\s*[.:,]?\s*|([A-Ja-j])\s*[).:、．]\s*|([A-J])(?:\s+[-–]\s+|,\s+(?=[^\W\d_]{3})|\s*(?=\([^()]+\)$)))(\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_PART = re.compile(r"[\s,;][(\[]\s*[A-Ja-j]\s*[)\]]\s*\S")
_SEVERAL = re.compile(
    r"(?:options?\s+|choices?\s+|answers?\s+)?[(\[]?[A-Ja-j][)\]]?(?:(?:\s*(?:,|、|and|or|&|/|和|或|与|及))+\s*[(\[]?[A-Ja-j][)\]]?)+\s*\.?",
    re.IGNORECASE,
)
_OR = re.compile(r"\bor\b|/|或", re.IGNORECASE)
_NAME_AFTER = re.compile(r"^\W*[A-J]\. [a-z]{3}")
"""An abbreviated name, C. elegans."""
_JOINED = re.compile(r"[A-J]{2,5}")
_OPTION = re.compile(
    r"(?:^|[\s{])\(([A-Ja-j])\)\}?\s*|(?:^|\n|\s{2}|\\\\|&|(?<=[.;?:),])\s|(?<=[：。？])|\s)\s*([A-J])(?:[).:]\s|[、．]\s*)"
    r"|(?:^|\n)\s*([a-j])[).]\s"
    r"|\\text(?:bf|rm|it)?\{\(?([A-J])[).]\)?\}(?:\s|\\ |\\[,;]|&)*",
)
_WRAPPED = re.compile(r"\\(?:text(?:bf|rm|it|tt)?|math(?:rm|bf|tt|sf)|mbox)\s*\{([^{}]*)\}")
_WIDE = str.maketrans("（）：，．【】［］", "():,.[][]")
_NO_OPTION = re.compile(
    r"\W{0,20}(?:\\text\w{0,4}\{)?\W{0,20}(?:none of (?:the|these|them)\b|no (?:correct |right )?(?:option|answer|choice)s?\b|not (?:listed|given|in the options|among)\b"
    r"|无正确|没有正确|题目(?:可能)?(?:有误|选项)|(?:题目)?(?:给出的|的)?选项(?:中)?(?:都不|没有|均不|有误)|(?:以上)?(?:都|均|全部)(?:不对|不正确|错误|不符合)|没有在选项|无$)",
    re.IGNORECASE,
)
"""Says that none of the options is right."""
_BEGINS_WITH_LETTER = re.compile(r"\W*(?:\\text\w*\{)?\W*[A-J](?![A-Za-z])")
_FORMULA_AFTER = re.compile(
    r"[A-Ja-j](?:\)?\s*[-–+*/^=](?!\s*[^\W\d_]{3})|\s?\((?![^()]*[^\W\d_]{3})[^()]*\Z|[.:](?=\S)|\)?[.:)]?\s*[A-Ja-j]\.?\Z)"
)
_LETTER_FIRST = re.compile(r"\W*([A-J]), ?(?=\S)")
_REMARK = re.compile(r"[ .,;:–-]+(?:[a-zA-Z',-]+ ?){1,12}[.]?")
_CHANGING = re.compile(
    r"\b(?i:not|and|or|but|no|incorrect|wrong|false|except|unless|if|plus|minus)\b|\b[A-J]\b|[A-Z][a-z]"
)
_LEADING = re.compile(r"^(?:\s|\\[ ,;])+")
_OPTION_EDGE = re.compile(
    r"^(?:[}\s]|\\[ ,;])+|(?:\\q?quad|\\text(?:bf|rm)?|\\math(?:bf|rm)|\\end\{[a-z]+\*?\}|[\s;,{\\&])+$"
)

MAX_OPTIONS_TEXT = 8_000
"""Characters of a prompt's end that are searched for its options."""

Options = Mapping[str, str]
Compare = Callable[[str, str], ComparisonResult]


def read_letters(text: str) -> frozenset[str] | None:
    """The letters that an answer names and nothing else, or None where it is not of that form."""
    plain = _TEXT.sub(" ", text.translate(_WIDE)).strip(" .\n\t")[:300]
    if _SEVERAL.fullmatch(plain):
        return frozenset(found.upper() for found in _LETTER.findall(plain))
    if _JOINED.fullmatch(plain) and len(set(plain)) == len(plain):
        return frozenset(plain)
    match = _ALONE.fullmatch(plain)
    if match is None or (len(plain) > 2 and match[1].islower() and plain[0] not in "(["):
        return None
    return frozenset(match[1].upper())


def read_letter_with_content(text: str) -> tuple[str, str] | None:
    """The letter and the content of an answer like "(C) 0.75", or None."""
    plain = _WRAPPED.sub(r"\1 ", text[:300].translate(_WIDE)).replace("~", " ")
    match = _WITH_CONTENT.fullmatch(" ".join(plain.split()).strip(" .$*"))
    if match is None or _PART.search(match[4]):
        return None  # (a) 3, (b) 4 are two parts
    return (match[1] or match[2] or match[3]).upper(), _LEADING.sub("", match[4])


def read_option_letters(text: str) -> frozenset[str] | None:
    """The letters that a text names, with their content or without."""
    letters = read_letters(text)
    pair = read_letter_with_content(text) if letters is None else None
    return letters if pair is None else frozenset(pair[0])


def read_reference_letters(text: str) -> frozenset[str] | None:
    """The letters of a reference answer that is nothing but capital letters of options."""
    plain = _TEXT.sub(" ", text).strip(" .")
    if len(plain) > 40 or not _REFERENCE.fullmatch(plain):
        return None
    found = frozenset(re.findall(r"[A-J]", plain))
    return found if len(found) == len(re.findall(r"[A-J]", plain)) else None


def compare_as_choices(reference: str, answer: str) -> ComparisonResult | None:
    """Compare letters where no options are listed; None where they may be a word: BAD is not DAB.

    A small letter is a symbol of its own there, and "A or B" chooses neither.
    """
    one, two = read_reference_letters(reference), read_option_letters(answer)
    if one is None or (one == two and _is_expression(answer)):
        return None
    plain = [_TEXT.sub("", text).strip(" .$") for text in (reference, answer)]
    if len(one) > 1 and all(_JOINED.fullmatch(text) for text in plain):
        return None
    small = one == two and len(plain[1]) == 1 and plain[1].islower()
    if two is None or small or _NAME_AFTER.search(answer):
        return ComparisonResult(None, "choice")
    return _compare_chosen(one, two, reference, answer)


def _is_expression(text: str) -> bool:
    """Whether what follows a letter goes on as a formula, or is another letter: A - 3, F(x), A:B, D.5."""
    return _FORMULA_AFTER.match(_WRAPPED.sub(r"\1 ", text).strip(" $*\\()[]{}")) is not None


def _compare_chosen(
    one: frozenset[str], two: frozenset[str], reference: str, answer: str
) -> ComparisonResult:
    """Two sets of letters; several joined by "or" are not the same as all of them."""
    either = [
        len(letters) > 1 and _OR.search(text) is not None
        for letters, text in ((one, reference), (two, answer))
    ]
    if one == two and either[0] != either[1]:
        return ComparisonResult(None, "choice")
    return ComparisonResult(one == two, "choice")


def compare_options(
    reference: str, answer: str, options: Options, compare: Compare
) -> ComparisonResult | None:
    """Compare two answers to a prompt that lists options, where at least one of them names a letter.

    Each side is resolved to letters: by the letters it names, by the one option whose text it is, or by both
    where they agree. compare: how texts are compared. None where neither side names a letter.
    """
    named = [read_letters(text) or read_letter_with_content(text) for text in (reference, answer)]
    if not options or named == [None, None]:
        return None
    one, two = (resolve_option(text, options, compare) for text in (reference, answer))
    if one is None or two is None:
        return _compare_with_content(one, two, reference, answer, options, compare)
    return _compare_chosen(one, two, reference, answer)._replace(rule="option")


def _compare_with_content(
    one: frozenset[str] | None,
    two: frozenset[str] | None,
    reference: str,
    answer: str,
    options: Options,
    compare: Compare,
) -> ComparisonResult:
    """One side names one option, the other is none of them: different where its text is proved another one."""
    known, other = (one, answer) if one is not None else (two, reference)
    if known is None or len(known) != 1:
        return ComparisonResult(None, "option")
    if _NO_OPTION.match(other) and not any(map(_NO_OPTION.match, options.values())):
        return ComparisonResult(False, "option, and none of them")
    (letter,) = known
    pair = read_letter_with_content(other)
    if pair is None and _BEGINS_WITH_LETTER.match(other):
        return ComparisonResult(None, "option", "a letter with more than its text")
    content = other if pair is None else pair[1]
    apart = compare(options[letter], content).equal is False and (pair is None or pair[0] != letter)
    unread = "" if apart else "an answer that is none of the options"
    return ComparisonResult(False if apart else None, "option", unread)


def resolve_option(text: str, options: Options, compare: Compare) -> frozenset[str] | None:
    """The letters of the options that an answer names by letter, text or both; None where that is not clear."""
    letters = read_letters(text)
    if letters is not None:
        return letters if letters <= options.keys() else None
    pair = read_letter_with_content(text) or _read_letter_and_value(text)
    if pair is not None and pair[0] in options:
        begins = _begins_with(pair[1], options[pair[0]])
        return frozenset(pair[0]) if begins or compare(options[pair[0]], pair[1]).equal else None
    fitting = frozenset(letter for letter, content in options.items() if compare(content, text).equal)
    return fitting if len(fitting) == 1 else None


def _begins_with(content: str, option: str) -> bool:
    """Whether a text is an option's text and a remark after it that names nothing else: "are turning anticlockwise"."""
    if not option or not content.startswith(option):
        return False
    rest = content[len(option) :]
    return rest == "" or (_REMARK.fullmatch(rest) is not None and _CHANGING.search(rest) is None)


def _read_letter_and_value(text: str) -> tuple[str, str] | None:
    """The letter and the rest of "C, 3", which is a list unless the rest is the option's text."""
    match = _LETTER_FIRST.match(text)
    return None if match is None else (match[1], text[match.end() :].strip())


def list_options(prompt: str) -> dict[str, str]:
    """The options that a prompt lists, by letter; empty unless they run A, B, and so on."""
    tail = prompt[-MAX_OPTIONS_TEXT:]
    marks = _find_run(list(_OPTION.finditer(tail)))
    found: dict[str, str] = {}
    for i, mark in enumerate(marks):
        end = marks[i + 1].start() if i + 1 < len(marks) else len(tail)
        text = tail[mark.end() : end].strip().split("\n")[0]
        plain = _OPTION_EDGE.sub("", text).strip(" ;,")
        found[_get_letter(mark)] = plain.strip("$") if plain.count("$") % 2 else plain
    return found


def _get_letter(mark: re.Match[str]) -> str:
    return (mark[1] or mark[2] or mark[3] or mark[4]).upper()


def _find_run(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """The last marks that run A, B, C in order; none where fewer than two do."""
    run: list[re.Match[str]] = []
    for mark in marks:
        letter = _get_letter(mark)
        if letter == "A":
            run = [mark]
        elif run and len(run) < 10 and letter == "ABCDEFGHIJ"[len(run)]:
            run.append(mark)
        elif run:
            return []
    return run if len(run) > (1 if _stands_out(run) else 2) else []


def _stands_out(run: list[re.Match[str]]) -> bool:
    """Whether options are set apart, by brackets or lines: two letters in a sentence are no options."""
    return all(mark[1] or mark[4] or mark.start() == 0 or "\n" in mark[0] for mark in run)
