"""Which part of a response a preference is about: what its reader sees, or all of it.

The paper (arXiv 2501.12948, section 2.3.4) judges helpfulness on what follows the chain alone, so that the
chain stays free to wander, and harmlessness on the whole text, since a chain can do harm as well.
"""

from __future__ import annotations

from typing import Literal

from filters.think import split_response

Part = Literal["response", "whole"]
"""response: what follows the last `</think>`; whole: the chain and its tags too."""


def find_preferred_span(text: str, part: Part) -> tuple[int, int] | None:
    """The half-open range of a response that a preference reads, white space around it left out.

    None where think is not closed: then there is no final response, and nothing that could be preferred.
    """
    span = split_response(text).answer_span
    if span is None:
        return None
    begin, end = span if part == "response" else (0, len(text))
    inside = text[begin:end]
    begin += len(inside) - len(inside.lstrip())
    return begin, max(begin, begin + len(inside.strip()))
