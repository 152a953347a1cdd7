"""What OpenAI-compatible servers answer, read strictly: a cut or malformed body is no answer.

Servers that cut the chain off into a field of its own get its tags put back, so that every engine's text
reads alike. Text is never guessed: what is neither text nor a chain, or cannot be decoded, fails the request.
Token counts are kept only where they can be true; a sample without them is whole all the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from curate.engines.errors import TransientError
from curate.engines.refusals import make_quote, raise_inner_refusal
from filters.engine import Completion, CompletionFinish, EngineError, RequestRefused
from filters.think import CLOSE, OPEN
from filters.types import make_storable

logger = logging.getLogger(__name__)

FINISHES: Final[Mapping[str, CompletionFinish]] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_calls": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "repetition": "repetition",
}
REFUSALS: Final = frozenset(
    {"content_filter", "refusal", "safety", "recitation", "prohibited_content", "blocklist", "spii"}
)
"""Finish reasons of an answer that the server will not give."""
MOST_UNSEEN: Final = 8
"""Tokens that an answer without text may have: tags, white space, the end. With more, its text was lost."""
MOST_TOKENS: Final = 2**31 - 1


class Message(NamedTuple):
    """What a message, or one change of it, says: its chain, its content and its refusal; empty where it has none."""

    chain: str = ""
    content: str = ""
    refusal: str = ""

    @property
    def text(self) -> str:
        """The whole response: a chain that the server has cut off, or that its template opened, gets its tags."""
        chain, content = _strip_tags(self.chain), self.content
        head, closed, _ = content.partition(CLOSE)
        if chain and not (closed and _strip_tags(head).strip() == chain.strip()):
            # Without content the chain never ended: its tag stays open, as it was.
            return f"{OPEN}{chain}{CLOSE}{content}" if content else f"{OPEN}{chain}"
        return OPEN + content if closed and OPEN not in content else content


def _strip_tags(chain: str) -> str:
    """A chain without the tags that some servers leave around it in its own field."""
    if chain.lstrip().startswith(OPEN):
        chain = chain.lstrip().removeprefix(OPEN)
    return chain.rstrip().removesuffix(CLOSE) if chain.rstrip().endswith(CLOSE) else chain


def read_completion(body: bytes) -> Completion:
    """A whole answer. TransientError where it is malformed, else as `make_completion`."""
    reply = read_object(body)
    raise_inner_refusal(reply)
    choice = choose_first(reply)
    if choice is None:
        raise TransientError(f"malformed response: no choices in {make_quote(str(reply))}")
    message = choice.get("message")
    if not isinstance(message, dict):
        raise TransientError("malformed response: a choice without a message")
    return make_completion(read_message(message), choice.get("finish_reason"), reply.get("usage"))


def read_object(data: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8. TransientError, quoting its beginning, where it is none."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise TransientError(f"malformed response ({type(error).__name__}): {_quote_bytes(data)}") from error
    if not isinstance(found, dict):
        raise TransientError(f"malformed response: {_quote_bytes(data)}")
    return found


def _quote_bytes(data: bytes) -> str:
    return make_quote(data[:400].decode("utf-8", "replace"))


def choose_first(reply: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The choice with index 0, wherever it stands: one was asked for."""
    choices = reply.get("choices") or []
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise TransientError("malformed response: its choices are no list of objects")
    found = [choice for choice in choices if not choice.get("index")] or (
        choices if len(choices) == 1 else []
    )
    return found[0] if found else None


def read_message(message: Mapping[str, Any]) -> Message:
    """What a message says. TransientError where a field is malformed, EngineError where it is not text alone."""
    if message.get("tool_calls"):
        raise EngineError("the server takes tool calls out of the text; start it without a tool parser")
    chain, content = _read_parts(message.get("content"))
    fields = [_read_text(message.get(name), name) for name in ("reasoning_content", "reasoning")]
    told = [text for text in fields if text]
    if len(set(told)) > 1:
        raise EngineError("the server gives two chains that differ, as reasoning_content and as reasoning")
    details = message.get("reasoning_details") or []
    return Message(
        told[0] if told else chain or _read_details(details),
        content,
        _read_text(message.get("refusal"), "refusal"),
    )


def _read_text(value: Any, name: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise TransientError(f"malformed response: {name} is no text")


def _read_parts(content: Any) -> tuple[str, str]:
    """The chain and the text of a content that may be a list of parts."""
    if not isinstance(content, list):
        return "", _read_text(content, "content")
    chain, text = "", ""
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in {"text", "output_text"}:
            text += _read_text(part.get("text"), "a part")
        elif kind in {"thinking", "reasoning"}:
            chain += "".join(_read_parts(part.get(kind, part.get("text"))))
        else:
            raise EngineError(f"the response has a part of type '{kind}', which is no text")
    return chain, text


def _read_details(details: Any) -> str:
    """The chain as OpenRouter's `reasoning_details` have it; its summaries are not the chain."""
    texts = [d.get("text") for d in details if isinstance(d, dict) and d.get("type") == "reasoning.text"]
    return "".join(_read_text(text, "reasoning_details") for text in texts)


def make_completion(message: Message, finish: Any, usage: Any) -> Completion:
    """What an answer comes to.

    RequestRefused where the server will not give it, TransientError where nothing says that it is whole, and
    EngineError where its text was lost on the way.
    """
    said = str(finish).casefold()
    if message.refusal or said in REFUSALS:
        raise RequestRefused(
            f"the server refused to answer ({said}): {make_quote(message.refusal)}".rstrip(": ")
        )
    if finish is None:
        raise TransientError("the server did not say how its answer ended")
    if said not in FINISHES:
        raise TransientError(f"the server ended the request with '{make_quote(str(finish))}'")
    if message.chain and not message.content and FINISHES[said] == "stop":
        _warn_of_parser()
    text, tokens = make_storable(message.text), count_tokens(usage)
    if not text and FINISHES[said] == "stop" and (tokens is None or tokens > MOST_UNSEEN):
        raise EngineError(f"the server gave no text, but counted {'no' if tokens is None else tokens} tokens")
    return Completion(text, FINISHES[said], count_prompt(usage), None if text and tokens == 0 else tokens)


@cache
def _warn_of_parser() -> None:
    """Say once that an answer that stands in the chain's field is read as a chain: nothing tells that it is more."""
    logger.warning(
        "The server ended an answer inside its chain, which is then taken for never closed. Where that holds for all, "
        "its reasoning parser takes answers for chains: start it without one, or with the model's own."
    )


def count_tokens(usage: Any) -> int | None:
    """The completion's tokens as the server counted them; None where it did not."""
    return _read_count(usage, "completion_tokens")


def count_prompt(usage: Any) -> int | None:
    """The prompt's tokens as the server counted them; None where it did not, since no prompt has none."""
    return _read_count(usage, "prompt_tokens") or None


def _read_count(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        count = float(value)
    except (ValueError, OverflowError):
        return None
    return int(count) if count.is_integer() and 0 <= count <= MOST_TOKENS else None
