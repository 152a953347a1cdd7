"""Final answers that stand in prose: after a cue phrase, in a conclusion, or alone.

Every pattern is anchored on a literal and reads forward once, so that a hostile text costs no more than
its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from filters.answers.place import Place

MAX_ANSWER = 300
"""Characters after a cue that are read: a short answer is shorter."""
MAX_LONE_WORDS = 3
"""Words of a response that is nothing but its answer."""
MAX_AFTER = 800
"""Characters that may follow a cue's answer: after more, the text has moved on."""

_CUE = re.compile(
    r"\b(?:answer|option|choice)\b\*{0,2}(?:\s{1,4}to\s{1,4}(?:the|this)\s{1,4}\w{1,20})?"
    r"(?:\s{1,4}(?:is|would\s{1,4}be|must\s{1,4}be|should\s{1,4}be|equals|are|comes\s{1,4}(?:out\s{1,4})?to)\b"
    r"|\s{0,4}[:：=])"
    r"|(?:^|\n)[#* ]{0,8}(?:final )?answer[*:： ]{0,4}(?=\n)"
    r"|####(?!#)"
    r"|答案?(?:应该|应)?(?:选择?|是|为|[:：])|(?:故|应|正确)?选(?:择|项)?(?:是|为)?(?=[\s:：(（]{0,3}[A-J](?![A-Za-z]))"
    r"|答え(?:は|[:：])|정답은|답은|(?:정답|답)\s*[:：]"
    r"|\brespuesta(?:\s+(?:final|correcta))?(?:\s+(?:es|son)\b|\s*:)"
    r"|\bréponse(?:\s+(?:finale|correcte))?(?:\s+(?:est|sont)\b|\s*:)"
    r"|\bantwort(?:\s+(?:ist|lautet)\b|\s*:)|\bantwoord(?:\s+is\b|\s*:)"
    r"|\bresposta(?:\s+(?:final|correta))?(?:\s+(?:é|são)\b|\s*:)"
    r"|\brisposta(?:\s+(?:finale|corretta))?(?:\s+è|\s*:)"
    r"|\bответ(?:\s+равен\b|\s*[:—–-])|\bвідповідь\s*[:—–-]|\bodpowiedź(?:\s+to\b|\s*:)"
    r"|(?:الجواب|الإجابة)(?:\s+النهائي(?:ة)?)?(?:\s+(?:هو|هي)|\s*:)"
    r"|उत्तर(?:\s+है|\s*[::])|\bcevap\s*:?|\bđáp\s+án(?:\s+là|\s*:)",
    re.IGNORECASE,
)
_LETTER_CUE = re.compile(r"(?:^|\n)[ \t]*\**A\**[ \t]*[:：]\**[ \t]*([^\n]+)\s*\Z")
_REVERSED = re.compile(
    r"(?:^|[.!\n]|\boption|\bchoice)[ \t]{0,4}([^\s.!,][^\n.!,]{0,40}?) is (?:the )?(?:final |correct |right )(?:answer|option|choice)\b"
    r"|\b(?:option|choice) (\(?[A-J]\)?) is (?:correct|right)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:[\s:：=*#_>\"“'`-]|\b(?:is|therefore|thus|then|hence|simply|exactly|indeed|clearly)\b,?|一?共有?|是|为|有)*?"
    r"(?=[^\s:：=*#_>\"“'`-])(?!(?:is|therefore|thus|then|hence|simply|exactly|indeed|clearly)\b|一?共有?|是|为|有)"
)
_DISPLAY = re.compile(r"\\\[(.+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)
_SENTENCE_END = re.compile(r"\n|[.!?](?=[\s*\"”']|$)|[。！？]")
_TAIL = re.compile(
    r"\s*(?:,\s*(?:not|no|and\s+not|nicht|nicht\s+aber|pas|non|не|而不是|不是|because|since|as|which|so|where|thus)\b"
    r"|，(?:而不是|不是|因为)|\s(?:because|since|porque|weil|car|per?ché)\b|\s(?:rather|instead)\s).*",
    re.IGNORECASE | re.DOTALL,
)
_NEGATED = re.compile(r"(?:not|isn't|never|n't|no longer|incorrect|wrong|unknown)\b", re.IGNORECASE)
_EDGES = " \t\r\n*_`\"“”'"


def find_cue_answer(text: str) -> Place | None:
    """What follows the last cue phrase, up to its sentence's end; a last line `A: 5` counts as one."""
    letter = _LETTER_CUE.search(text, max(0, len(text.rstrip()) - MAX_ANSWER))
    if letter is not None:
        return _trim_place(text, letter.start(1), letter.end(1))
    cues = list(_CUE.finditer(text))
    turned = list(_REVERSED.finditer(text, cues[-1].end() if cues else 0))
    if turned:
        group = turned[-1].lastindex or 0
        return _trim_place(text, *turned[-1].span(group))
    for cue in reversed(cues):
        place = _find_answer_after(text, cue.end())
        if place is not None and not _NEGATED.match(place.text):
            if place.length > MAX_ANSWER:
                return None
            moved_on = len(text) - place.start - place.length > MAX_AFTER
            return None if moved_on else place
    return None


def _find_answer_after(text: str, start: int) -> Place | None:
    """The answer that begins at or soon after `start`: a display, or the rest of the sentence."""
    window = text[start : start + 2 * MAX_ANSWER]
    lead = _LEAD.match(window)
    begin = lead.end() if lead else 0
    if window[begin - 1 : begin] == "-" and window[begin : begin + 1].isdigit():
        begin -= 1
    display = _DISPLAY.match(window, begin)
    if display is not None:
        group = 1 if display[1] is not None else 2
        return _trim_place(text, start + display.start(group), start + display.end(group))
    end = _sentence_end(window, begin)
    cut = _TAIL.search(window, begin, end)
    return _trim_place(text, start + begin, start + (cut.start() if cut else end))


def _sentence_end(window: str, begin: int) -> int:
    for stop in _SENTENCE_END.finditer(window, begin):
        return stop.start()
    return len(window)


def _trim_place(text: str, begin: int, end: int) -> Place | None:
    raw = text[begin:end]
    stripped = raw.strip(_EDGES)
    if not stripped:
        return None
    return Place(stripped, begin + raw.index(stripped), len(stripped))


_CONCLUDES = re.compile(
    r"(?:^|[\s.;,(])(?:so|thus|hence|therefore|altogether|finally|in\s+total|we\s+(?:get|find|obtain|have)|por\s+lo\s+tanto|donc|also|итак)\b"
    r"|所以|因此|故|∴|\\therefore",
    re.IGNORECASE,
)
_COPULA = re.compile(r"\b(?:is|are|was|were|equals|es|est|ist|é|è)\b|=|是|为|等于|有|共|:")
_STOPS = (".", "。", "!")
_NEXT_SENTENCE = re.compile(r"[.!?]\s+(?=[A-Z\\$])|[。！？]")
_INLINE = re.compile(r"\$([^$]+)\$|\\\((.+?)\\\)|\*\*([^*]+)\*\*")


def find_conclusion(text: str) -> Place | None:
    """The value that a last sentence with "so", "thus" or the like ends in."""
    begin, end = _last_sentence(text)
    sentence = text[begin:end]
    if text[end : end + 1] not in _STOPS or _CONCLUDES.search(sentence) is None:
        return None  # a sentence without its stop was cut off
    spans = list(_INLINE.finditer(sentence))
    if spans and not sentence[spans[-1].end() :].strip(" ."):
        return _trim_span(text, begin, spans[-1])
    copulas = [m for m in _COPULA.finditer(sentence) if not spans]
    if not copulas or not re.search(r"\d", sentence[copulas[-1].end() :]):
        return None
    return _trim_place(text, begin + copulas[-1].end(), end)


def find_lone_answer(text: str) -> Place | None:
    """The whole response, where it is so short that it can be nothing but an answer."""
    place = _trim_place(text, 0, len(text)) if len(text) < MAX_ANSWER else None
    if place is None or "\n" in place.text:
        return None
    plain = re.sub(r"\\[A-Za-z]+", "", place.text)
    count = (
        len(re.findall(r"[a-zA-Z\u00c0-\u1fff]{2,}", plain)) + len(re.findall(r"[\u3040-\uffef]", plain)) / 2
    )
    return place if count <= MAX_LONE_WORDS else None


def find_emphasis(text: str) -> Place | None:
    """The last bold or mathematical stretch of the last line: only a guess at the answer."""
    begin, end = _last_line(text)
    spans = list(_INLINE.finditer(text[begin:end]))
    return _trim_span(text, begin, spans[-1]) if spans else None


def find_last_number(text: str) -> Place | None:
    """The last number of the last line: the weakest guess."""
    begin, end = _last_line(text)
    last = None
    for last in _find_numbers(text[begin:end]):  # noqa: B007  the last one is wanted
        pass
    return Place(last[0], begin + last.start(), len(last[0])) if last else None


def _find_numbers(line: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:/\d+)?", line)


def _trim_span(text: str, begin: int, span: re.Match[str]) -> Place | None:
    group = span.lastindex or 0
    return _trim_place(text, begin + span.start(group), begin + span.end(group))


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
