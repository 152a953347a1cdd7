"""The instructions that are known, under the ids that IFEval (arXiv 2311.07911) gave them."""

from __future__ import annotations

from collections.abc import Callable

from filters.instruct import layout, wording
from filters.instruct.rule_input import RuleInput

Rule = Callable[[RuleInput], bool | None]
"""True where an instruction is kept, False where broken, None where that depends on how one counts."""

RULES: dict[str, Rule] = {
    "change_case:capital_word_frequency": wording.check_capital_words,
    "change_case:english_capital": wording.check_uppercase,
    "change_case:english_lowercase": wording.check_lowercase,
    "combination:repeat_prompt": layout.check_repeated_prompt,
    "combination:two_responses": layout.check_two_responses,
    "detectable_content:number_placeholders": layout.check_placeholder_count,
    "detectable_content:postscript": layout.check_postscript,
    "detectable_format:constrained_response": layout.check_choice,
    "detectable_format:json_format": layout.check_json_format,
    "detectable_format:multiple_sections": layout.check_section_count,
    "detectable_format:number_bullet_lists": layout.check_bullet_count,
    "detectable_format:number_highlighted_sections": layout.check_highlight_count,
    "detectable_format:title": layout.check_title,
    "keywords:existence": wording.check_keywords,
    "keywords:forbidden_words": wording.check_forbidden_words,
    "keywords:frequency": wording.check_keyword_frequency,
    "keywords:letter_frequency": wording.check_letter_frequency,
    "language:response_language": wording.check_language,
    "length_constraints:nth_paragraph_first_word": layout.check_paragraph_first_word,
    "length_constraints:number_paragraphs": layout.check_paragraph_count,
    "length_constraints:number_sentences": wording.check_sentence_count,
    "length_constraints:number_words": wording.check_word_count,
    "punctuation:no_comma": wording.check_no_comma,
    "startend:end_checker": layout.check_end,
    "startend:quotation": layout.check_quotation,
    "startend:start_checker": layout.check_start,
}
