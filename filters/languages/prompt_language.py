"""Which language a chain should be in where its prompt is a weak sign.

"Resolva o problema passo a passo." has hardly a word that Italian could not have. A prompt that says too little to
tell near relatives apart, or nothing that another language could not say, yields to the chain's own language.
"""

from __future__ import annotations

from filters.languages.detection import detect_language, list_words
from filters.languages.identifiers import Identifier
from filters.languages.lexicon import list_speaking_for
from filters.languages.mixing import CHINESE_SIGNS
from filters.languages.prose import blank_non_prose
from filters.languages.scripts import count_letters, list_scripts
from filters.languages.sibling_languages import list_siblings

_READ = 2000
"""Characters of a prompt that are weighed, and of a chain whose language is told."""
_CLEAR_AMONG_RELATIVES, _CLEAR = 2, 1
"""So many more words must speak for the prompt's language than for the chain's."""
_SURE, _SURE_WORDS, _LIKELY, _LIKELY_WORDS = 0.9, 5, 0.5, 3
"""Probability at which the identifier's word counts twice, of how many words; and once, of how many."""
_FEW_WORDS = 12
"""With more different words than this a prompt in Latin letters is no weak sign."""
_SHORT, _LETTERS = {"han": 12, "kana": 12, "latin": 40}, 40
"""Letters of other scripts up to which a prompt is a weak sign."""

_RELATIVES = [
    frozenset(group.split())
    for group in (
        *("es pt it fr ca gl oc ro co la", "de nl af lb fy", "sv da no nn is fo", "pl cs sk", "hr bs sr sl"),
        *("id ms jv su", "tr az tk uz", "fi et", "tl ceb ilo", "lt lv", "ga gd"),
    )
]
"""Languages in Latin letters that are near to each other."""


def detect_prompt(prompt: str, identifier: Identifier) -> str | None:
    """The language of a prompt as an ISO code, a guess where relatives fit as well; None where nothing tells."""
    return detect_language(prompt, identifier, guess=True)


def settle_language(prompt: str, told: str, chain: str, identifier: Identifier) -> str:
    """The language that a chain should be in: the one told of its prompt, or the chain's own.

    told: what `detect_prompt` says of the prompt. The chain's own counts where the two are relatives and the prompt
    has no two words more that tell them apart, or where nothing in the prompt speaks for one of the two.
    """
    prose = blank_non_prose(prompt[:_READ])
    if not _is_weak(prose, told):
        return told
    main = detect_language(chain[:_READ], identifier)
    return main if main not in (None, told) and _may_be(prose, told, main, identifier) else told


def _is_weak(prose: str, told: str) -> bool:
    """Whether a prompt is short: of few different words, or of few letters in another script than Latin."""
    if "latin" in list_scripts(told):
        return len(set(list_words(prose))) <= _FEW_WORDS
    return all(count <= _SHORT.get(script, _LETTERS) for script, count in count_letters(prose).items())


def _may_be(prose: str, told: str, other: str, identifier: Identifier) -> bool:
    """Whether a prompt may as well be in another language."""
    shared = list_scripts(told) & list_scripts(other)
    if "latin" not in shared:
        return bool(shared) and _fits_script(prose, other)
    words = list_words(prose)
    against = len(list_speaking_for(words, told, other))
    mine = len(list_speaking_for(words, other, told))
    named, probability = identifier.identify(prose) if len(words) >= _LIKELY_WORDS else ("", 0.0)
    weight = 2 if probability >= _SURE and len(words) >= _SURE_WORDS else int(probability >= _LIKELY)
    against, mine = against + weight * (named == told), mine + weight * (named == other)
    near = any(told in group and other in group for group in _RELATIVES)
    return against - mine < (_CLEAR_AMONG_RELATIVES if near else _CLEAR)


def _fits_script(prose: str, other: str) -> bool:
    """Whether a text has no letters that another language, in the same script, does not write."""
    if not count_letters(prose).keys() - {"latin", "greek"} <= list_scripts(other):
        return False
    if other == "ja" and CHINESE_SIGNS.search(prose):
        return False
    return not any(near.find_words(prose, prose) for near in list_siblings(other))
