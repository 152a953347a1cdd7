"""Where a text leaves the languages it should be in: foreign segments, each with its place and language.

Scripts first, since a foreign script needs no dictionary; then words in Latin letters, by sentence and
clause. Works on text from which `blank_non_prose` took formulas, code and quotations.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from filters.languages.foreign_words import Hit, find_hits
from filters.languages.glosses import LOOKS, Mentions
from filters.languages.lexicon import (
    LANGUAGE_BITS,
    POSSIBLE_BITS,
    WORD,
    Lexicon,
    build_lexicon,
    is_common_word,
    list_languages,
)
from filters.languages.scripts import (
    SCRIPTS,
    compile_foreign_letter,
    compile_foreign_runs,
    count_letters,
    get_script_language,
    join_letter_ranges,
    list_scripts,
)
from filters.languages.shared_words import NOTATION_WORDS
from filters.languages.sibling_languages import find_sibling_words

_SENTENCE_END = re.compile(r"[.!?;:](?=\s)|[\n。！？；|।؟۔؛]")
_CODE_LINE = re.compile(
    r"\s*(?:def |class |import |from \w+ import|return\b|print\(|for .{1,60} in .{1,80}:|(?:if|while|elif) .{1,80}:\s*$|else:"
    r"|[\w.]+\(.*\);?\s*$|.*[;{}]\s*$|[\w.\[\]]+ [-+*/]?= )"
)
_GREEK_WORD = re.compile("[α-ωΑ-Ωά-ώἀ-ῼ]+")
_GREEK_ACCENT = re.compile("[ά-ώἀ-ῼ]")
_KNOWN = 20_000
"""Characters of a prompt whose words are looked up: a prompt as long as a book must not cost its square."""
UNKNOWN = "und-Latn"
"""The language of a segment in Latin letters that only hints speak of: an identifier has to tell."""
MOST = 20
"""Segments of one kind after which a text is read no further."""
_GROUP = 100
"""Words of evidence that are judged together, so that a megabyte without a full stop is not one segment."""
_JOIN = 60
"""Evidence no further apart than this many characters in one sentence is one segment."""

# What is Chinese where no kana stands beside it; simplified forms are so anywhere.
CHINESE_ONLY = (
    "[從這們麼沒說還讓對嗎呢吧吗儿乘]"
    "|所以|因为|因此|那么|但是|然后|或者|首先|我们|等等|接下来|不是|的话|可以|就是|如果|也就|得到|只有|他们|没有|需要|接着"
)
CHINESE_SIGNS = re.compile(CHINESE_ONLY)
_KANA = re.compile(f"[{SCRIPTS['kana']}]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text in a language it should not be in; `words` counts the evidence in it."""

    start: int
    end: int
    language: str
    words: int


def find_foreign_segments(
    prose: str, accepted: frozenset[str], known: str = "", most: int | None = MOST, mentioned: bool = False
) -> list[Segment]:
    """The segments of a text that are in none of the accepted languages, in their order.

    prose: text after `blank_non_prose`. accepted: ISO codes, at least one. known: text whose own words are
    welcome wherever they stand (the prompt). most: segments of one kind after which reading stops. mentioned: whether
    words count that are only spoken about.
    """
    known = known[:_KNOWN].lower()
    # Most of what stands between blanks comes more than once, and neither a word nor a letter spans a blank.
    pieces = " ".join(set(prose.split()))
    book = build_lexicon(accepted)
    mentions = Mentions(prose, pieces, accepted, book, most=0 if mentioned else LOOKS)
    found = list(islice(_find_other_scripts(prose, pieces, accepted, known, mentions), most))
    found += islice(_find_other_spelling(prose, pieces, accepted, known), most)
    found += islice(_find_other_words(prose, pieces, accepted, known, mentions), most)
    return sorted(found, key=lambda segment: segment.start)


def _find_other_scripts(
    prose: str, pieces: str, accepted: frozenset[str], known: str, mentions: Mentions
) -> Iterator[Segment]:
    if pieces.isascii():
        return
    own = frozenset().union(*map(list_scripts, accepted))
    for run in (
        compile_foreign_runs(own).finditer(prose) if compile_foreign_letter(own).search(pieces) else ()
    ):
        text = run.group()
        if text.lower() in known or mentions.has_run(*run.span()):
            continue
        counts = count_letters(text)
        script = "kana" if "kana" in counts else max(counts, key=counts.__getitem__)
        yield Segment(*run.span(), get_script_language(script), len(text.split()))
    if "greek" not in own and _GREEK_ACCENT.search(prose):
        for word in _GREEK_WORD.finditer(prose):
            if (
                len(word.group()) > 3
                and _GREEK_ACCENT.search(word.group())
                and not mentions.has_run(*word.span())
            ):
                yield Segment(*word.span(), "el", 1)


def _find_other_spelling(prose: str, pieces: str, accepted: frozenset[str], known: str) -> Iterator[Segment]:
    """Languages that share a script with an accepted one, where letters or characters tell them apart."""
    if "ja" in accepted and "zh" not in accepted:
        yield from _find_chinese_in_japanese(prose)
    if prose.isascii():
        return
    for language, hits in find_sibling_words(prose, pieces, accepted):
        for group in _group_close(prose, [hit for hit in hits if prose[slice(*hit)].lower() not in known]):
            yield Segment(group[0][0], group[-1][1], language, len(group))


def _group_close(prose: str, hits: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Ranges in groups that stand close together in a line."""
    group: list[tuple[int, int]] = []
    for start, end in hits:
        if group and (start - group[-1][1] > _JOIN or "\n" in prose[group[-1][1] : start]):
            yield group
            group = []
        group.append((start, end))
    if group:
        yield group


def _find_chinese_in_japanese(prose: str) -> Iterator[Segment]:
    """Clauses of Han characters without kana in which Chinese characters or words stand."""
    for clause in re.finditer(rf"[{SCRIPTS['han']}{SCRIPTS['kana']}]+", prose):
        text = clause.group()
        if _KANA.search(text):
            continue
        signs = len(CHINESE_SIGNS.findall(text))
        if signs:
            yield Segment(*clause.span(), "zh", signs)


def _find_other_words(
    prose: str, pieces: str, accepted: frozenset[str], known: str, mentions: Mentions
) -> Iterator[Segment]:
    book = build_lexicon(accepted)
    for group in _group_hits(
        prose,
        find_hits(prose, pieces, known, book, mentions),
        _compile_own_letters(accepted, book),
    ):
        language = _judge_group(prose, group, book, accepted)
        if language:
            yield Segment(group[0].start, group[-1].end, language, len(group))


def _compile_own_letters(accepted: frozenset[str], book: Lexicon) -> re.Pattern[str] | None:
    """Letters of the text's own scripts, which separate Latin words; None where it is written in Latin letters itself."""
    return None if book.latin else _compile_letters(frozenset().union(*map(list_scripts, accepted)))


@lru_cache(maxsize=64)
def _compile_letters(scripts: frozenset[str]) -> re.Pattern[str]:
    return re.compile(f"[{join_letter_ranges(scripts)}]")


def _group_hits(prose: str, hits: Iterator[Hit], own_letters: re.Pattern[str] | None) -> Iterator[list[Hit]]:
    """Evidence that stands together: in one sentence, and with no word of another script between."""
    group: list[Hit] = []
    for hit in hits:
        if group:
            between = prose[group[-1].end : hit.start]
            if (
                len(between) > _JOIN
                or len(group) >= _GROUP
                or _SENTENCE_END.search(between)
                or (own_letters and own_letters.search(between))
            ):
                yield group
                group = []
        group.append(hit)
    if group:
        yield group


def _judge_group(prose: str, group: list[Hit], book: Lexicon, accepted: frozenset[str]) -> str:
    """The language of a group of evidence, or nothing where it is too weak."""
    best = _find_commonest(group)
    strong = [hit for hit in group if hit.enough]
    if not book.latin:
        return best if _breaks_script(prose, group, bool(strong), accepted) else ""
    if strong:
        return _find_commonest(strong)
    votes = sum(bool(hit.bits & LANGUAGE_BITS[best]) for hit in group)
    if votes < (3 if best == "en" and _is_compound(prose, group) else 2):
        return ""
    span = prose[group[0].start : group[-1].end]
    bits = [POSSIBLE_BITS.get(word.lower(), 0) for word in WORD.findall(span)]
    against = sum(bool(b & book.own) and not b & LANGUAGE_BITS[best] for b in bits)
    close = len(bits) <= votes * 3
    return best if close and against * 2 <= votes else ""


def _is_compound(prose: str, group: list[Hit]) -> bool:
    """Whether a group holds nouns and verbs only, such as a borrowed `use case` or `week-end`."""
    return not any(is_common_word(prose[hit.start : hit.end].lower()) for hit in group)


def _find_commonest(group: list[Hit]) -> str:
    votes = Counter(language for hit in group for language in list_languages(hit.bits))
    return max(votes, key=votes.__getitem__) if votes else UNKNOWN


def _breaks_script(prose: str, group: list[Hit], strong: bool, accepted: frozenset[str]) -> bool:
    """Whether Latin words in a text of another script are a clause and not terms.

    One word of grammar is enough, or any plain word in a sentence that has nothing of the text's own script.
    """
    clause = _find_clause(prose, group[0].start, group[-1].end)
    words = [prose[hit.start : hit.end].lower() for hit in group]
    if _CODE_LINE.match(clause):
        return False
    if strong:
        return True
    own = _compile_letters(frozenset().union(*map(list_scripts, accepted)))
    plain = [word for word in words if word not in NOTATION_WORDS]
    if not own.search(clause):
        return bool(plain)
    return len(group) >= 3 and len(plain) >= 1


def _find_clause(prose: str, start: int, end: int) -> str:
    """The sentence or line in which a range stands, or what of it is near."""
    before, after = prose[max(0, start - 200) : start], prose[end : end + 200]
    begins = [found.end() for found in _SENTENCE_END.finditer(before)]
    ends = _SENTENCE_END.search(after)
    return before[begins[-1] if begins else 0 :] + prose[start:end] + after[: ends.start() if ends else 200]
