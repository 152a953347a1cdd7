"""Which writing systems a language uses, and the regular expressions that find the others.

The classes are spelled out because they are used by Python's `re` and by polars' Rust expressions alike.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Letters only: digits, punctuation and symbols of a script are used by all languages.
SCRIPTS: dict[str, str] = {
    "latin": r"A-Za-zªº\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "greek": r"\u0370-\u03ff\u1f00-\u1fff",
    "cyrillic": r"\u0400-\u052f",
    "armenian": r"\u0531-\u0556\u0561-\u0587",
    "hebrew": r"\u05d0-\u05ea",
    "arabic": r"\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc",
    "devanagari": r"\u0900-\u0963\u0971-\u097f",
    "indic": r"\u0980-\u0de5\u0df2-\u0df3",
    "thai": r"\u0e01-\u0e3a\u0e40-\u0e4e",
    "other": r"\u0e80-\u10ff\u1200-\u137f\u13a0-\u18aa",
    "hangul": r"\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3",
    "kana": r"\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d",
    "han": r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
}

_CYRILLIC = "ru uk bg be sr mk kk ky tg mn ba cv tt os ce av kv mhr myv sah tyv"
_ARABIC = "ar fa ur ps ug sd ckb arz azb pnb mzn lrc"
_LANGUAGES: dict[str, str] = {
    **dict.fromkeys(_CYRILLIC.split(), "cyrillic"),
    **dict.fromkeys(_ARABIC.split(), "arabic"),
    **dict.fromkeys("hi mr ne sa bh mai gom new".split(), "devanagari"),  # noqa: SIM905
    **dict.fromkeys("bn as pa gu or ta te kn ml si bpy".split(), "indic"),  # noqa: SIM905
    **dict.fromkeys("lo bo my ka xmf am km".split(), "other"),  # noqa: SIM905
    "el": "greek",
    "hy": "armenian",
    "he": "hebrew",
    "yi": "hebrew",
    "th": "thai",
    "ko": "hangul",
    "zh": "han",
    "yue": "han",
    "wuu": "han",
    "dv": "thaana",
}

# Languages that write words together: letters a word, by which characters are turned into words.
LETTERS_A_WORD = {"zh": 1.6, "yue": 1.6, "wuu": 1.6, "ja": 2.2, "th": 4.0, "lo": 4.0, "my": 4.0, "km": 4.0}

# Scripts of which one letter alone is a word; in the others it is a symbol.
_WORD_SCRIPTS = ("hangul", "kana", "han")


def get_base_language(code: str) -> str:
    """The two or three letters of a language in lower case: `zh-CN`, `zh_Hans` and `ZH` are `zh`."""
    return re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]


def list_scripts(language: str) -> frozenset[str]:
    """The scripts of SCRIPTS in which a language is written; Latin for those not known."""
    if language == "ja":
        return frozenset({"kana", "han"})
    if language == "sr":
        return frozenset({"cyrillic", "latin"})
    return frozenset({_LANGUAGES.get(language, "latin")})


def join_letter_ranges(scripts: frozenset[str]) -> str:
    """The character class, without brackets, of some scripts."""
    return "".join(SCRIPTS[name] for name in SCRIPTS if name in scripts)


@lru_cache(maxsize=256)
def compile_foreign_runs(own: frozenset[str]) -> re.Pattern[str]:
    """Runs of letters in scripts other than these, Latin and Greek letters left aside.

    A run may hold blanks, so that a sentence is one run; a lone letter of an alphabet is a symbol.
    """
    more = join_letter_ranges(frozenset(SCRIPTS) - own - {"latin", "greek"})
    return re.compile(f"{build_foreign_expression(own)}(?:[\\s,，、]{{1,3}}[{more}]+){{0,200}}")


@lru_cache(maxsize=256)
def compile_foreign_letter(own: frozenset[str]) -> re.Pattern[str]:
    """One letter of such a run: a quick look whether there may be any."""
    return re.compile(f"[{join_letter_ranges(frozenset(SCRIPTS) - own - {'latin', 'greek'})}]")


def build_foreign_expression(own: frozenset[str]) -> str:
    """The beginning of such a run, as an expression for `re` and for polars."""
    syllables = join_letter_ranges(frozenset(_WORD_SCRIPTS) - own)
    other = join_letter_ranges(frozenset(SCRIPTS) - own - set(_WORD_SCRIPTS) - {"latin", "greek"})
    parts = [f"[{syllables}]+"] if syllables else []
    return "(?:" + "|".join([*parts, f"[{other}]{{2,}}"]) + ")"


_RUNS = {name: re.compile(f"[{chars}]+") for name, chars in SCRIPTS.items()}


def count_letters(text: str) -> dict[str, int]:
    """How many letters of each script a text has, scripts without any left out."""
    if text.isascii():
        return {"latin": sum(map(len, _RUNS["latin"].findall(text)))}
    counts = {name: sum(map(len, pattern.findall(text))) for name, pattern in _RUNS.items()}
    return {name: count for name, count in counts.items() if count}


_SCRIPT_LANGUAGE = {
    "greek": "el", "cyrillic": "ru", "armenian": "hy", "hebrew": "he", "arabic": "ar",
    "devanagari": "hi", "thai": "th", "hangul": "ko", "kana": "ja", "han": "zh",
}  # fmt: skip


def get_script_language(script: str) -> str:
    """The language that a script most often stands for; `und` where it stands for many."""
    return _SCRIPT_LANGUAGE.get(script, "und")
