"""What a server's refusal means: whether it may pass, holds for this request alone, or for any.

Statuses are told from each other by HTTP; what stands behind a 400 is told by the words of those servers that
speak OpenAI's protocol (OpenAI, vLLM, SGLang, llama.cpp, TGI and hosted APIs), which have no common code for it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from curate.engines.errors import RefusalError, TransientError
from filters.engine import EngineError, EngineOptions, RequestRefused
from filters.errors import UserError

LONGEST_QUOTE: Final = 300
"""Characters of a server's words that are quoted."""
TRANSIENT_STATUSES: Final = frozenset({408, 409, 425, 429})
BUSY_STATUSES: Final = frozenset({429, 503})
"""What a server says that takes no more requests at once, while it answers others."""

_CONTEXT = re.compile(
    r"context[ _](length|size|window)|max_model_len|maximum (allowed |input |sequence )?length"
    r"|(max_(completion_|new_)?tokens|output tokens)\W.{0,60}(too large|greater|exceed|at most|>|<=)"
    r"|(prompt|input)( is)? too long|too many (input |prompt )?tokens|exceed_context",
    re.IGNORECASE,
)
_CONTEXT_LENGTH = re.compile(
    r"(?:context (?:length|size|window)|max_model_len|allowed length|tokens` must be <=)\D{0,30}(\d+)",
    re.IGNORECASE,
)
_LONGEST_ANSWER = re.compile(r"at most (\d+) (?:completion|output) tokens", re.IGNORECASE)
_UNSUPPORTED = re.compile(
    r"not support|unsupported|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|forbidden|invalid"
    r"|not implemented|must be|only the default",
    re.IGNORECASE,
)
_POLICY = re.compile(
    r"content[_ ](filter|policy|management)|responsible ?ai|moderation|flagged|usage polic|safety (system|filter)"
    r"|harmful",
    re.IGNORECASE,
)
_NO_CREDIT = re.compile(
    r"insufficient[_ ](quota|credit|balance|fund)|payment_required|billing_(hard_limit|not_active)",
    re.IGNORECASE,
)
_KEY = re.compile(r"\bapi[ _-]?key\b", re.IGNORECASE)
_MODEL = re.compile(r"model_not_found|\bmodel\b.{0,100}(does not exist|not found)", re.IGNORECASE)


def read_refusal(status: int | None, body: Any, wait_s: float = 0.0) -> RefusalError:
    """A refusal from what the server sent, parsed; without a status, it stands inside an answer and may name one."""
    inner = body.get("error") or body if isinstance(body, dict) else body
    named = {name: value for part in (body, inner) if isinstance(part, dict) for name, value in part.items()}
    labels = frozenset(str(named[name]) for name in ("code", "type", "param") if named.get(name) is not None)
    said = make_quote(_find_words(inner))
    return RefusalError(status or _find_status(labels, said), said, labels, wait_s)


def make_quote(text: str) -> str:
    """A server's words in one line that can be shown and stored: cut, and without what is not printable."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * LONGEST_QUOTE]).split())[
        :LONGEST_QUOTE
    ]


def _find_words(error: Any) -> str:
    if isinstance(error, dict):
        found = next((error[name] for name in ("message", "detail", "msg") if error.get(name)), None)
        return _find_words(found) if found else json.dumps(error)
    if isinstance(error, list):  # FastAPI's: what else stands in it repeats the request
        return "; ".join(_find_fault(item) for item in error)
    return str(error)


def _find_fault(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    place = item.get("loc") or ()
    return f"{'.'.join(map(str, place))}: {item.get('msg', '')}"


def _find_status(labels: Iterable[str], said: str) -> int:
    """The status that a refusal inside an answer names, or comes to by its words."""
    for label in labels:
        if label.isdecimal() and 400 <= int(label[:4]) < 600:
            return int(label)
    words = " ".join([*labels, said]).casefold()
    if "rate" in words and "limit" in words:
        return 429
    return 400 if "invalid_request" in words or _CONTEXT.search(words) or _POLICY.search(words) else 500


def is_about_context(refusal: RefusalError) -> bool:
    """Whether prompt and token limit together pass the model's context, or the limit alone what it may be."""
    return refusal.status in {400, 422} and _CONTEXT.search(_all_words(refusal)) is not None


def read_limits(refusal: RefusalError) -> tuple[int | None, int | None]:
    """The context's length and the longest answer, in tokens, as far as the server tells them."""
    said = re.sub(r"(?<=\d),(?=\d{3})", "", refusal.said)
    found = [pattern.search(said) for pattern in (_CONTEXT_LENGTH, _LONGEST_ANSWER)]
    context, answer = [int(match[1]) if match else None for match in found]
    return context, answer


def find_refused_parameters(refusal: RefusalError, sent: Iterable[str]) -> frozenset[str]:
    """Which of the parameters that were sent the server does not take, or not so."""
    if refusal.status not in {400, 422, 501} or not _UNSUPPORTED.search(_all_words(refusal)):
        return frozenset()
    names = frozenset(sent)
    words = frozenset(re.findall(r"\w+", refusal.said))
    return (names & refusal.labels) or (names & words)


def explain_refusal(refusal: RefusalError, endpoint: str, options: EngineOptions) -> Exception:
    """The error that a refusal comes to.

    TransientError where it may pass, UserError where any request would be refused, RequestRefused where this one
    always will be, EngineError where nothing tells.
    """
    said, status, key = _hide_key(refusal.said, options), refusal.status, options.api_key_env
    words = _all_words(refusal)
    if status == 402 or _NO_CREDIT.search(words):
        return UserError(f"{endpoint} has no credit left for the key in {key} ({status}): {said}")
    if status in TRANSIENT_STATUSES or status >= 500:
        return TransientError(f"{endpoint} answered {status}: {said}", refusal.wait_s)
    if status == 413 or (status != 401 and _POLICY.search(words)):
        return RequestRefused(f"{endpoint} refused the request ({status}): {said}")
    if status in {401, 403} or _KEY.search(words):
        return UserError(f"{endpoint} refuses the key in the environment variable {key} ({status}): {said}")
    if status in {404, 405} or _MODEL.search(words):
        return UserError(
            f"{endpoint} has no model '{options.model}', or its address does not end in /v1 ({status}): {said}"
        )
    return EngineError(f"{endpoint} refused the request ({status}): {said}")


def _hide_key(said: str, options: EngineOptions) -> str:
    """Some servers repeat the key that they refuse, and their words are kept."""
    key = os.environ.get(options.api_key_env)
    return said.replace(key, "[key]") if key else said


def _all_words(refusal: RefusalError) -> str:
    return " ".join([refusal.said, *sorted(refusal.labels)])


def raise_inner_refusal(answer: Mapping[str, Any]) -> None:
    """Raise what an answer with status 200 says of its own failure."""
    if answer.get("error") or answer.get("object") == "error":
        raise read_refusal(None, dict(answer))
