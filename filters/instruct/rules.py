"""The instructions that are known, under the ids that IFEval (arXiv 2311.07911) gave them."""

from __future__ import annotations

from collections.abc import Callable

from filters.instruct import content, form
from filters.instruct.given import Given

Rule = Callable[[Given], bool | None]
"""True where an instruction is kept, False where broken, None where that depends on how one counts."""

RULES: dict[str, Rule] = {
    "change_case:capital_word_frequency": content.capital_words,
    "change_case:english_capital": content.all_capitals,
    "change_case:english_lowercase": content.all_small,
    "combination:repeat_prompt": form.repeat_prompt,
    "combination:two_responses": form.two_responses,
    "detectable_content:number_placeholders": form.placeholders,
    "detectable_content:postscript": form.postscript,
    "detectable_format:constrained_response": form.constrained,
    "detectable_format:json_format": form.json_format,
    "detectable_format:multiple_sections": form.sections,
    "detectable_format:number_bullet_lists": form.bullets,
    "detectable_format:number_highlighted_sections": form.highlights,
    "detectable_format:title": form.title,
    "keywords:existence": content.keywords,
    "keywords:forbidden_words": content.forbidden_words,
    "keywords:frequency": content.keyword_frequency,
    "keywords:letter_frequency": content.letter_frequency,
    "language:response_language": content.response_language,
    "length_constraints:nth_paragraph_first_word": form.nth_paragraph_first_word,
    "length_constraints:number_paragraphs": form.number_paragraphs,
    "length_constraints:number_sentences": content.number_sentences,
    "length_constraints:number_words": content.number_words,
    "punctuation:no_comma": content.no_comma,
    "startend:end_checker": form.ends,
    "startend:quotation": form.quotation,
    "startend:start_checker": form.starts,
}
