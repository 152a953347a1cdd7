"""Foreign words that are spoken about, not spoken: glosses, words of a named language, borrowed expressions.

`perro (dog)`, `the Korean word 나무`, `(greatest common divisor)` are mentions; `(entonces)`, `그래서 we add` and
`(because we add both)` are slips. What is a term may be mentioned; what joins or makes clauses may only where it is
called a word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property, lru_cache

from filters.languages.borrowed_terms import MUSIC_COMPANIONS, MUSIC_TERMS, PHRASES, SCALE
from filters.languages.language_names import LANGUAGE_NAMES
from filters.languages.lexicon import CLAUSE_BITS, POSSIBLE_BITS, WORD, Lexicon, normalize_word

_LETTERS = re.compile(r"[^\W\d_]+")
_LAST_LATIN = "ɏ"
"""Names in other scripts are found by looking for them; there words have endings and prefixes, or no blanks between."""
_BEGINNINGS = (3, 4, 5, 6)
"""Letters by which a language's name is looked for first, so many or, where it is shorter, all of it."""
LOOKS = 300
"""Words looked at closely in one text: one with more foreign words is mixed, and each look takes some time."""
_BEFORE, _AFTER = 80, 60
"""Characters around a word in which a bracket, a language's name or a term is looked for."""
_TERM_WORDS, _RUN = 6, 24
"""Most words of a gloss in Latin letters, and letters of one in another script."""
_OPEN, _CLOSE = tuple("([（【〔"), tuple(")]）】〕")
_STOP = re.compile(r"[.!?](?:\s|$)|[\n。！？；।؟]")
_BRACKETS = re.compile(f"[{re.escape(''.join(_OPEN))}]")
_BRACKET = re.compile(r"[*_\"'”’]{0,2}\s?[(（\[]([^()（）\[\]\n]{1,60})[)）\]]")
_LAST_WORD, _NEXT_WORD = re.compile(r"([^\W\d_]+)[ *_'’-]{1,2}$"), re.compile(r"[ *_'’-]{1,2}([^\W\d_]+)")
_LAST_JOINED = re.compile(r"([^\W\d_]+)[\s,、·/|–—-]{1,3}$")
_NEXT_JOINED = re.compile(r"[\s,、·/|–—-]{1,3}([^\W\d_]+)")
_PHRASE = 40
"""Characters beside a word in which the rest of an expression stands."""
_PLURAL = 3
"""Words longer than this may have the ending of a plural."""
_SCALE_NOTES = 2
"""More notes than this make a scale."""
_MUSIC = MUSIC_TERMS | MUSIC_COMPANIONS
_CALLED = re.compile(
    r"(?:\b(?:words?|terms?|letters?|characters?|syllables?|phrase|saying|proverb|expression|verb|noun|adjective|greeting|name|called"
    r"|palabras?|términos?|mots?|termes?|w[oö]rt(?:er|es)?|begriffe?s?|ausdruck|parol[ae]|termin[ei]|palavras?|termos?|woord(?:en)?|từ|kelime(?:si)?"
    r"|слов[оа]|термин|كلمة|مصطلح|शब्द|proverbio|proverbe|sprichwort|provérbio)|단어|낱말|말|용어|単語|言葉|語の|単词|单词|词|詞|字|성어|谚语|俗语)[\s,:은는*_]{0,4}$",
    re.I,
)
_MEANS = re.compile(
    r"^[*_]{0,2}[은는이가란]?\s{0,2}(?:\([^()]{0,40}\)\s?)?(?:means?\b|meaning\b|signifi|bedeute|heißt|betekent|vuol dire|quer dizer|означает|значит|demek|nghĩa|意味|意思|是指|という|뜻|تعني|का अर्थ|"
    r"(?:is|was) (?:the |a )?\w+ (?:word )?for\b|,? the \w+ (?:word )?for\b)",
    re.I,
)
_CLAUSES = re.compile(
    r"[是们們吗嗎呢吧么麼没沒]|所以|因为|因為|因此|那么|但是|然后|然後|或者|首先|接下来|不是|可以|就是|如果|也就|得到|需要|接着|于是|而且|由于|最后|这样|这里|等于|已知"
    r"|(?<!ござい)ます|です|だから|しかし|なので|そして|ですから|つまり|したがって|よって|それで|また|ので|^(?:なぜなら|まず|次に|つぎに|さて|ここで|ただし|もし|さらに|すると|では|でも|けれど|最後に|一方)|ある$|する$|した$|いる$"
    r"|(?:^|\s)(?:그래서|그러나|그러므로|따라서|하지만|그리고|그런데|그러면|그럼|왜냐하면|즉|우리는?|이제|먼저|다음|결국|또한|만약|혹은|또는|아니면|마지막으로|여기서|이것은|이는)(?:\s|$)"
    r"|\s\S*(?:니다|했다|한다|이다|된다|는다|어요|아요|세요|므로|니까|으면|지만|해서|하고)$"
    r"|(?<![а-яёіїєґ])(?:поэтому|потому|что|если|то|значит|следовательно|но|или|и|тогда|так|как|мы|это|затем|потом|теперь|однако|также|тому|але|якщо|бо)(?![а-яёіїєґ])"
    r"|(?:^|\s)(?:لأن|لذلك|إذن|لكن|ثم|إذا|نحن|هذا|هذه|حيث|وبالتالي|بالتالي|أن|هو|هي)(?:\s|$)"
    r"|(?:^|\s)(?:इसलिए|क्योंकि|लेकिन|और|तो|यदि|अगर|हम|यह|फिर|अब|है|हैं|था)(?:\s|$)"
    r"|เพราะ|ดังนั้น|แต่|แล้ว|เรา|ถ้า|(?:^|\s)(?:και|αλλά|γιατί|επειδή|λοιπόν|άρα|όμως|אבל|כי|לכן|אם|אז|או)(?:\s|$)",
    re.I,
)
"""Words and endings of other scripts that join or make clauses."""


def _split_phrases() -> dict[str, list[tuple[list[str], list[str]]]]:
    """By a word: what stands before and after it in each of the expressions that have it."""
    found: dict[str, list[tuple[list[str], list[str]]]] = {}
    for words in map(_split_plain, PHRASES):
        for at, word in enumerate(words):
            found.setdefault(word, []).append((words[:at], words[at + 1 :]))
    return found


def _split_plain(text: str) -> list[str]:
    """The words of a text in lower case, without the endings of plurals."""
    words = map(str.lower, _LETTERS.findall(text))
    return [word.removesuffix("s") if len(word) > _PLURAL else word for word in words]


_PHRASES_BY_WORD = _split_phrases()
_BORROWED_KEYS = {word.removesuffix("s") for word in SCALE | MUSIC_COMPANIONS | _PHRASES_BY_WORD.keys()}


class Mentions:
    """What of a text's foreign words is only mentioned. One for each reading of a text, since looks are counted."""

    def __init__(
        self, prose: str, pieces: str, accepted: frozenset[str], book: Lexicon, most: int = LOOKS
    ) -> None:
        self._prose, self._pieces, self._accepted, self._book, self._left = (
            prose,
            pieces,
            accepted,
            book,
            most,
        )

    def has_word(self, start: int, end: int, bits: int) -> bool:
        """Whether a word in Latin letters, of the languages of `bits`, is mentioned or stands in a borrowed expression."""
        self._left -= 1
        if self._left < 0:
            return False
        word = self._prose[start:end]
        around = self._has_name_near(start, end) or _BRACKETS.search(
            self._prose, max(0, start - _BEFORE), end + _AFTER
        )
        borrowed = normalize_word(word).removesuffix("s") in _BORROWED_KEYS
        if not (around or borrowed):
            return False  # nearly all words: this is the cheap way out
        before, after = self._look_around(start, end)
        return (borrowed and _is_borrowed(before, word, after)) or (
            bool(around) and self._is_term(before, word, after, bits)
        )

    def has_run(self, start: int, end: int) -> bool:
        """Whether a run of letters in a foreign script is mentioned."""
        self._left -= 1
        if self._left < 0 or end - start > _RUN:
            return False
        before, after = self._look_around(start, end)
        text = self._prose[start:end]
        if len(text.split()) < 3 and self._is_called([before], after):
            return True
        if _CLAUSES.search(text):
            return False
        return _is_bracketed(before, after) or _is_translated(after) or self._is_named(before, after)

    def _look_around(self, start: int, end: int) -> tuple[str, str]:
        """What stands before and after in the same sentence."""
        before = self._prose[max(0, start - _BEFORE) : start]
        after = self._prose[end : end + _AFTER]
        stops = [found.end() for found in _STOP.finditer(before)]
        stop = _STOP.search(after)
        return before[stops[-1] if stops else 0 :], after[: stop.start() if stop else None]

    def _is_called(self, befores: list[str], after: str) -> bool:
        """Whether what stands between is called a word of another language, or said to mean something."""
        called = _MEANS.match(after) or any(map(_CALLED.search, befores))
        return bool(called) and self._is_named(befores[0], after)

    def _is_named(self, before: str, after: str) -> bool:
        """Whether another language is named in the sentence."""
        return bool(self._named) and bool(
            _compile_names(self._accepted).search(f"{before} | {after}".lower())
        )

    def _has_name_near(self, start: int, end: int) -> bool:
        at = bisect_left(self._named, start - _BEFORE)
        return at < len(self._named) and self._named[at] < end + _AFTER

    @cached_property
    def _named(self) -> list[int]:
        """Where other languages may be named in the text: each of its words is asked once, and mostly none is."""
        beginnings, inner = _list_beginnings(self._accepted)
        words = set(_LETTERS.findall(self._pieces.lower()))
        like = [word for word in words if any(word[:size] in beginnings for size in _BEGINNINGS)]
        found = re.finditer("|".join(map(re.escape, like)), self._prose.lower()) if like else iter(())
        places = [name.start() for name in found]
        if not self._prose.isascii():
            places = sorted(places + [name.start() for name in inner.finditer(self._prose)])
        return places

    def _is_term(self, before: str, word: str, after: str, bits: int) -> bool:
        """Whether a word belongs to a term that stands in brackets, before a translation, or beside a language's name."""
        inside = _cut_bracket(before, word, after)
        if inside is not None and len(inside) <= _TERM_WORDS and self._is_nominal(inside, bits):
            return True
        befores, left = self._reach_left(before)
        rest, right = self._reach_right(after)
        if self._is_called(befores, rest):
            return True
        if inside is not None or not self._is_nominal([*left, word, *right], bits):
            return False
        return _is_translated(rest) or self._is_named(before, after)

    def _reach_left(self, before: str) -> tuple[list[str], list[str]]:
        """What stands before a term, were it to begin at a word or at one of some before it; and these words."""
        befores, words = [before], list[str]()
        while len(words) < _TERM_WORDS and (found := _LAST_WORD.search(befores[-1])):
            if not self._is_of_term(found[1]):
                break
            words.append(found[1])
            befores.append(before[: found.start(1)])
        return befores, words

    def _reach_right(self, after: str) -> tuple[str, list[str]]:
        """What stands after a term and the words by which it goes on."""
        words = list[str]()
        while len(words) < _TERM_WORDS and (found := _NEXT_WORD.match(after)):
            if not self._is_of_term(found[1]):
                break
            words.append(found[1])
            after = after[found.end() :]
        return after, words

    def _is_of_term(self, word: str) -> bool:
        """Whether a word may belong to the same foreign term: it is not the text's own alone."""
        possible = POSSIBLE_BITS.get(normalize_word(word), 0)
        return not possible or bool(possible & ~self._book.own)

    def _is_nominal(self, words: Iterable[str], bits: int) -> bool:
        """Whether words may make a term of the languages of `bits`: none joins or makes clauses."""
        for word in map(normalize_word, words):
            clause = CLAUSE_BITS.get(word, 0)
            if clause & bits or (clause and not POSSIBLE_BITS[word] & self._book.own):
                return False
        return True


def _is_borrowed(before: str, word: str, after: str) -> bool:
    """Whether a word stands in a fixed expression, among the words of a score, or in a scale."""
    key = normalize_word(word)
    if key in SCALE and len(_list_neighbours(before, key, after, SCALE)) > _SCALE_NOTES:
        return True
    if key in MUSIC_COMPANIONS and not MUSIC_TERMS.isdisjoint(_list_neighbours(before, key, after, _MUSIC)):
        return True
    here = _split_plain(word)
    parts = _PHRASES_BY_WORD.get(here[0], ()) if here else ()
    if not parts:
        return False
    left, right = _split_plain(before[-_PHRASE:]), _split_plain(after[:_PHRASE])
    return any(
        left[len(left) - len(head) :] == head and right[: len(tail)] == tail
        for head, tail in parts
        if len(head) <= len(left)
    )


def _list_neighbours(before: str, word: str, after: str, kind: frozenset[str]) -> list[str]:
    """A word with those of a kind beside it, one after the other, in both directions."""
    words = [word]
    while (found := _LAST_JOINED.search(before)) and found[1].lower() in kind:
        words.append(found[1].lower())
        before = before[: found.start(1)]
    while (found := _NEXT_JOINED.match(after)) and found[1].lower() in kind:
        words.append(found[1].lower())
        after = after[found.end() :]
    return words


@lru_cache(maxsize=64)
def _compile_names(accepted: frozenset[str]) -> re.Pattern[str]:
    """The names of all languages but these, in lower case.

    A boundary before a name is looked for behind its first letter, so that only first letters are tried.
    """
    names = (found.pattern for language, found in LANGUAGE_NAMES.items() if language not in accepted)
    return re.compile(re.sub(r"\\b(\w)(?=\w)", r"\1(?<=\\b\1)", "|".join(names)))


@lru_cache(maxsize=64)
def _list_beginnings(accepted: frozenset[str]) -> tuple[frozenset[str], re.Pattern[str]]:
    """The first letters of the other languages' names, and what finds those in other scripts than Latin."""
    names = [
        name.replace(r"\b", "")
        for language, found in LANGUAGE_NAMES.items()
        if language not in accepted
        for name in found.pattern.split("|")
    ]
    inside = [name for name in names if name[0] > _LAST_LATIN]
    first = (
        re.split(r"[^\w]", name, maxsplit=1)[0][: _BEGINNINGS[-1]] for name in names if name not in inside
    )
    return frozenset(first), re.compile("|".join(inside) or r"(?!)")


def _is_translated(after: str) -> bool:
    """Whether a bracket follows that has words and no digits."""
    found = _BRACKET.match(after)
    return found is not None and not any(map(str.isdigit, found[1])) and bool(_LETTERS.search(found[1]))


def _is_bracketed(before: str, after: str) -> bool:
    """Whether a run stands alone between brackets, or first in them."""
    return before[-1:] in _OPEN and (
        after[:1] in _CLOSE or after[:1] in (",", "，", "、", ";", "；", ":", "：")
    )


def _cut_bracket(before: str, word: str, after: str) -> list[str] | None:
    """The words of the part of a bracket in which a word stands, from comma to comma; None outside of brackets."""
    begin = max(map(before.rfind, _OPEN))
    ends = [at for at in map(after.find, _CLOSE) if at >= 0]
    if begin < 0 or not ends or any(mark in before[begin:] for mark in _CLOSE):
        return None
    if any(mark in after[: min(ends)] for mark in _OPEN):
        return None
    left = re.split(r"[,;:，、；：]", before[begin + 1 :])[-1]
    right = re.split(r"[,;:，、；：]", after[: min(ends)], maxsplit=1)[0]
    part = left + word + right
    return None if any(map(str.isdigit, part)) else WORD.findall(part)
