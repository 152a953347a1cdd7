"""Words before a cue that make its answer another's, an earlier one, one of a condition, or none at all.

"Many people think the answer is B", "Student answer: B", "If the light is on, the answer is B", "不选B".
"""

from __future__ import annotations

import re

from filters.answers.extract.sentences import find_sentence_start

MAX_BEFORE = 120
"""Characters before a cue that are read, at most to its sentence's begin."""

_NEAR = re.compile(
    r"\b(?:initial|previous|first|earlier|old|wrong|incorrect|naive|other|[a-z]{2,12}['’]s|student|false|invalid|rejected|worst|second(?:[ -]best)?"
    r"|(?:least|less) \w{2,14}|unlikely|tempting|sample|example|alternative|(?:a|one|another) possible|tentative|expected|distractor|trap)\s(?:(?:best|final)\s)?\Z",
    re.IGNORECASE,
)
_SOMEONE = re.compile(
    r"\b(?:people|students?|others|readers|someone|somebody|everyone|they|he|she|one|you) (?:\w+ )?(?:(?:might|may|could|would|will|can) )?(?:\w+ )?"
    r"(?:think|thinks|thought|believe|believes|believed|say|says|said|claim|claims|claimed|argue|argues|argued|guess|guesses|guessed|assume|assumes|assumed|conclude|wrote|write|writes|answer|answered)\b"
    r"|\b(?:mistake|misconception|error|trap|temptation|pitfall|tempting)\b[^.\n]{0,30}\b(?:think|say|believe|assume|conclude|claim|is that)\b"
    r"|\b(?:format|template|placeholder|e\.g\.|for example|for instance|such as|of the form|in the form)\s?[:,]?[\s\"“'`(]{0,4}\Z"
    r"|\b(?:doubt|deny|unlikely|impossible|not (?:true|clear|certain|sure)) (?:that|whether|if)\b|\b(?:whether|suppose|imagine|pretend|assume)\b[^,.\n]{0,40}\Z",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^[\s*\"“]{0,4}(?:(?:but|and|however|then|so),? )?(?:if|unless|when|in case) (?!(?:we|you|I|one|there|that|this|it|the (?:total|number|sum|answer|question|problem))\b)[^,\n]{3,80},\s(?:then )?(?:the )?\Z",
    re.IGNORECASE,
)
_NOT_CHOSEN = re.compile(
    r"(?:[不没未](?:能|应|应该|该|会|可|可以|可能|要|宜|得|予)?|别|勿|莫|误|错|避免|排除|没有人|没人|无人|不要)\Z"
)


def find_attribution(text: str, cue: int) -> str:
    """What before the cue at `cue` says that the answer is not the writer's own final one; empty where nothing does."""
    start = find_sentence_start(text, cue, max(0, cue - MAX_BEFORE))
    before = text[start:cue]
    found = _NEAR.search(before) or _SOMEONE.search(before) or _CONDITION.search(before)
    return f'before it: "{" ".join(found[0].split())[:40]}"' if found else ""


def is_not_chosen(text: str, cue: re.Match[str]) -> bool:
    """Whether a cue 选 is denied: 不选B, 误选B."""
    at = text.find("选", *cue.span())
    begin = at - 1 if at > 0 and text[at - 1] in "应故" else at
    return (
        at >= 0
        and (
            _NOT_CHOSEN.search(text, max(0, begin - 8), begin) or _NOT_CHOSEN.search(text, max(0, at - 8), at)
        )
        is not None
    )
