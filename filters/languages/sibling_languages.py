"""Languages that share a script other than Latin, told apart by letters and common words that only one of them has.

A Ukrainian sentence in a Russian chain, an Urdu one in an Arabic one, a Chinese word in a Japanese one: none of them
has a foreign script. The lists are written for this project; a word that both languages have is in neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from filters.languages.scripts import SCRIPTS


@dataclass(frozen=True)
class Sibling:
    """A language, and by what it is seen in a text of another one that has the same script.

    letters: the inside of a character class. words: whole words, with blanks between. least: how many such words
    are evidence.
    """

    language: str
    beside: str
    script: str
    letters: str
    words: str
    least: int = 1

    @property
    def prefilter_expression(self) -> str:
        """An expression, in polars' syntax, that finds its letters and words and maybe more."""
        script = SCRIPTS[self.script]
        words = f"(?:^|[^{script}])(?i:{'|'.join(self.words.split())})(?:[^{script}]|$)" if self.words else ""
        return "|".join(filter(None, [f"[{self.letters}]" if self.letters else "", words]))

    @cached_property
    def _word_pattern(self) -> re.Pattern[str]:
        script = SCRIPTS[self.script]
        kinds = [f"(?i:{'|'.join(self.words.split())})(?![{script}])"] if self.words else []
        kinds += [f"[{script}]*[{self.letters}][{script}]*"] if self.letters else []
        return re.compile(f"(?<![{script}])(?:{'|'.join(kinds)})")

    @cached_property
    def _letter_pattern(self) -> re.Pattern[str] | None:
        return re.compile(f"[{self.letters}]") if self.letters else None

    @cached_property
    def _word_set(self) -> frozenset[str]:
        return frozenset(self.words.split())

    def find_words(self, prose: str, pieces: str) -> list[tuple[int, int]]:
        """The ranges of its words in a text; none where there are fewer than `least`.

        pieces: what stands between blanks in the text, each once.
        """
        if not (self._letter_pattern and self._letter_pattern.search(pieces)) and self._word_set.isdisjoint(
            _split_script_words(pieces.lower(), self.script) if self.words else ()
        ):
            return []
        found = [word.span() for word in self._word_pattern.finditer(prose) if len(word[0]) > 1]
        return found if len(found) >= self.least else []


@lru_cache(maxsize=2)
def _split_script_words(text: str, script: str) -> frozenset[str]:
    return frozenset(re.findall(f"[{SCRIPTS[script]}]+", text))


_JAPANESE = (
    "実気対発図売読円広駅県検験経済続総変単戦拡転働込辺歩渉縄悩脳観覚択沢渋帰応権様黒毎両関顔処剤圧囲価桜焼証譲軽鉄齢縦緑"
    "仮払仏栄営労厳亜悪歓勧鶏掲雑挙聴徴伝徳帯隠穏霊涙戻塩縁賛歯児釈収奨乗浄剰酔摂専銭騒増弾遅庁闘髪抜浜覇豊黙薬訳揺頼覧歴"
)
_SIMPLIFIED = (
    "们这为么说时对过让给种应该实发现问题设则两边类间样关经义业务车东马鸟鱼龙门见长开图证觉观视计认讨论记许译读调谈请课谁岁归录彻总轻较输进运远达选连遗"
    "费价钱卖买赚购货饲鸡减剩钟块个处级组线红绿蓝网练终结绝继续维综绘绕编缩贝负财责败账质贵贷资赛赶轮软辆邻释钢铁锁错键阳阴际陆险难雾顶项顺须预领颗颜风飞饭饮馆骑验齐"
)
"""Characters that China simplified and Japan did not, or otherwise."""

SIBLINGS: tuple[Sibling, ...] = (
    Sibling("uk", "ru", "cyrillic", "іїєґІЇЄҐ", "що але якщо бо щоб або оскільки отже тобто потрібно"),
    Sibling("bg", "ru", "cyrillic", "", "обаче това защото който която което понеже също така ние със тези трябва тогава сме"),
    Sibling("sr", "ru", "cyrillic", "ђћљњџјЂЋЉЊЏЈ", "онда када"),
    Sibling("be", "ru", "cyrillic", "ўЎ", "што гэта калі таму"),
    Sibling("ru", "uk", "cyrillic", "ыэъёЫЭЪЁ", "что если это потому или как поэтому тогда нужно"),
    Sibling("ur", "ar", "arabic", "ٹڈڑےںہھ", "ہے اور میں کہ یہ لیکن نہیں"),
    Sibling("fa", "ar", "arabic", "", "این است برای نیست باید هستند یک ولی اگر چون پس همچنین بنابراین زیرا"),
    Sibling("fa", "ar", "arabic", "پچژگ", "", 2),
    Sibling("mr", "hi", "devanagari", "ळ", "आहे आहेत आणि आपण नाही म्हणून कुठे झाले म्हणजे किंवा पाहिजे असे जर"),
    Sibling("ne", "hi", "devanagari", "", "हुन्छ छन् यो किनभने सधैँ गर्न पनि भने हामी"),
    Sibling("hi", "mr", "devanagari", "", "है हैं और नहीं क्योंकि इसलिए लेकिन"),
    Sibling("ja", "zh", "han", _JAPANESE, ""),
    Sibling("zh", "ja", "han", _SIMPLIFIED, ""),
)  # fmt: skip


def list_siblings(language: str) -> list[Sibling]:
    """The languages that may be mistaken for a language, or go unnoticed in a text of it."""
    return [near for near in SIBLINGS if near.beside == language]


def find_sibling_words(
    prose: str, pieces: str, accepted: frozenset[str]
) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """The languages seen most in a text beside those accepted in the same script, with the ranges of their words."""
    for beside in sorted(accepted):
        found = [
            (near.language, near.find_words(prose, pieces))
            for near in list_siblings(beside)
            if near.language not in accepted
        ]
        language, hits = max(found, key=lambda pair: len(pair[1]), default=("", []))
        if hits:
            yield language, hits
