"""Answers that nothing announces: a conclusion, emphasis, a response that is nothing else, the last number.

They are guesses. What else the sentence holds decides whether the guess has a doubt.
"""

from __future__ import annotations

import re
from dataclasses import replace

from filters.answers.extract.cue_objects import MAX_ANSWER, make_place
from filters.answers.extract.doubts import find_doubt_after, find_doubt_before
from filters.answers.place import Place

MAX_LONE_WORDS = 3
"""Words of a response that is nothing but its answer."""
MAX_OPTION_WORDS = 12
"""Words of a response that is nothing but an option's letter and its content."""

_LETTERED = re.compile(r"\(?[A-J](?:\)|\.|:)\s")
_CONCLUDES = re.compile(
    r"(?:^|[\s.;,(])(?:so|thus|hence|therefore|altogether|finally|in\s+total|we\s+(?:get|find|obtain|have)|por\s+lo\s+tanto|donc|also|итак|portanto|그러므로|따라서|したがって|よって|इसलिए)\b"
    r"|所以|因此|故|∴|\\therefore",
    re.IGNORECASE,
)
_COPULA = re.compile(
    r"(?:\b(?:is|are|was|were|equals|es|est|ist|é|è)\b|=|是|为|等于|有|共|:)(?:\s*(?:indeed|exactly|precisely|therefore|just|simply|thus)\b)?"
)
_STOPS = (".", "。", "!", "।")
_NEXT_SENTENCE = re.compile(r"[.!?]\s+(?=[A-Z\\$])|[。！？]")
_INLINE = re.compile(r"\$([^$]+)\$|\\\((.+?)\\\)|\*\*([^*]+)\*\*")
_LISTED = re.compile(
    r"(?:\b(?:and|or|y|et|und|e|и|o|ou|oder)\b|[,;&和与或、])\s*(?:\$|\\\(|\*\*)?\s*(?:[A-Za-z]\w?\s*=\s*)?\Z"
)
_FENCE_END = re.compile(
    r"```(?:text|txt|plaintext|plain|math|latex|tex|output)?[ \t]*\n\s*([^\n`]{1,80}?)\s*\n\s*```\s*\Z"
)
_SPEAKS = re.compile(
    r"\b(?:answer|respuesta|réponse|antwort|resposta|ответ)\b|答案|答え|정답|답[은이]|उत्तर", re.IGNORECASE
)
_DENIES = re.compile(
    r"(?:it |this |that )?(?:is |can)?(?:not|never|isn['’]t|n['’]t)\s+(?:be )?(?:[-+$\\(\d]|[A-Za-z]\s*[=<>])",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:therefore|thus|hence|so|solution|result)\b\s*[,:]?\s*", re.IGNORECASE)


_LEADING_OPTION = re.compile(
    r"(?:\*\*|__)?\(?(?P<letter>[A-J])(?:\)|(?=[.:*_\s]))(?:[.:]?(?:\*\*|__)?[ \t]*\n|[.:)][^\n]{1,80}(?:\n|\.\s))"
)
_NEXT_OPTION = re.compile(
    r"^[ \t*_]{0,6}\(?[A-J][.):]|\b(?:answer|option|choice)\b\s+\(?[A-J]\b", re.MULTILINE
)
_STRUCK = re.compile(r"~~[^~\n]*~~|<(?:s|del|strike)>", re.IGNORECASE)


def find_conclusion(text: str) -> Place | None:
    """The value that a last sentence with "so", "thus" or the like ends in."""
    begin, end = _last_sentence(text)
    sentence = text[begin:end]
    if text[end : end + 1] not in _STOPS or _CONCLUDES.search(sentence) is None:
        return None  # a sentence without its stop was cut off
    spans = list(_INLINE.finditer(sentence))
    if spans and not sentence[spans[-1].end() :].strip(" ."):
        return _weigh(text, _trim_span(text, begin, spans[-1]))
    copulas = [m for m in _COPULA.finditer(sentence) if not spans]
    if not copulas or not re.search(r"\d", sentence[copulas[-1].end() :]):
        return None
    return _weigh(text, make_place(text, begin + copulas[-1].end(), end))


def find_lone_answer(text: str) -> Place | None:
    """The whole response, where it is so short that it can be nothing but an answer."""
    place = make_place(text, 0, len(text)) if len(text) < MAX_ANSWER else None
    if place is None or "\n" in place.text:
        return None
    plain = re.sub(r"\\[A-Za-z]+", "", place.text)
    count = (
        len(re.findall(r"[a-zA-Z\u00c0-\u1fff]{2,}", plain)) + len(re.findall(r"[\u3040-\uffef]", plain)) / 2
    )
    if count > (MAX_OPTION_WORDS if _LETTERED.match(place.text) else MAX_LONE_WORDS):
        return None
    opening = _OPENING.match(place.text)
    if opening is not None:
        return make_place(text, place.start + opening.end(), place.start + place.length)
    if _STRUCK.match(place.text):
        return replace(place, doubt="it is struck through")
    if _SPEAKS.search(place.text) or _DENIES.match(place.text):
        return replace(place, doubt="it speaks of an answer, or denies it")
    return place


def find_leading_option(text: str) -> Place | None:
    """The option that a first line names, where what follows only explains it: no other line names one."""
    begin = len(text) - len(text.lstrip())
    first = _LEADING_OPTION.match(text, begin)
    if first is None or _NEXT_OPTION.search(text, first.end()):
        return None
    place = make_place(text, *first.span("letter"))
    later = find_doubt_after(text, first.end())
    return replace(place, doubt=later) if place is not None and later else place


def find_emphasis(text: str) -> Place | None:
    """The last bold or mathematical stretch of the last line, or a last block of code of one line."""
    fence = _FENCE_END.search(text, max(0, len(text) - MAX_ANSWER))
    if fence is not None:
        return make_place(text, *fence.span(1))
    begin, end = _last_line(text)
    spans = list(_INLINE.finditer(text[begin:end]))
    place = _weigh(text, _trim_span(text, begin, spans[-1])) if spans else None
    if place is None or place.doubt:
        return place
    if len(spans) > 1 or text[begin + spans[-1].end() : end].strip(' .。!*)”"'):
        return replace(place, doubt="other text is in its line")
    return place


def find_last_number(text: str) -> Place | None:
    """The last number of the last line: the weakest guess, always with a doubt."""
    begin, end = _last_line(text)
    last = None
    for last in re.finditer(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?", text[begin:end]):  # noqa: B007  the last one is wanted
        pass
    if last is None:
        return None
    return Place(last[0], begin + last.start(), len(last[0]), doubt="nothing says that it is the answer")


def _weigh(text: str, place: Place | None) -> Place | None:
    """The guess with what the words beside it say."""
    if place is None:
        return None
    listed = _LISTED.search(text, max(0, place.start - 24), place.start)
    doubt = f'before it: "{listed[0].strip()}"' if listed else find_doubt_before(text, place.start)
    doubt = doubt or find_doubt_after(text, place.start + place.length)
    return replace(place, doubt=doubt) if doubt else place


def _trim_span(text: str, begin: int, span: re.Match[str]) -> Place | None:
    group = span.lastindex or 0
    return make_place(text, begin + span.start(group), begin + span.end(group))


def _last_line(text: str) -> tuple[int, int]:
    """The last line that is not blank, at most its last 500 characters."""
    end = len(text.rstrip())
    begin = text.rfind("\n", 0, end) + 1
    return max(begin, end - 500), end


def _last_sentence(text: str) -> tuple[int, int]:
    """The last sentence of the last line, without its full stop."""
    begin, end = _last_line(text)
    end -= text[begin:end].endswith(_STOPS)
    stops = [stop.end() for stop in _NEXT_SENTENCE.finditer(text, begin, end) if stop.end() < end]
    return (stops[-1] if stops else begin), end
