"""The types everything else speaks: message, prompt, sample, verdict.

They live in the lowest layer so that a check can be written, tested and reused as a reward without
importing engines, storage or trainers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from filters.digest import digest_turns
from filters.think import Parts, split_response


def make_storable(text: str) -> str:
    """Text as UTF-8 can hold it: a lone surrogate becomes U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def encode_text(text: str) -> bytes:
    """A text as it is stored."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return make_storable(text).encode()


def digest_text(text: str) -> str:
    """The content key of a text as it is stored, in 16 hex digits."""
    return digest_stored(encode_text(text))


def digest_stored(stored: bytes) -> str:
    """The content key of what `encode_text` gave."""
    return hashlib.blake2b(stored, digest_size=8).hexdigest()


class Message(TypedDict):
    """One chat message, as chat templates and OpenAI-compatible servers take it."""

    role: str
    content: str


Status = Literal["whole", "stopped", "cancelled", "failed"]
"""What became of a sample: whole; stopped by the watchdog; cancelled because its siblings sufficed;
failed in the engine or endpoint. Only whole samples are checked."""

Finish = Literal["stop", "length", "repetition", "stopped", "cancelled", "refused", "error"]
"""How a request ended; there is no other way.

stop: the model ended its answer, or came to a stop string. length: it was cut off at its token limit.
repetition: the engine ended a loop. stopped: the watchdog ended it. cancelled: it was not needed any more.
refused: it will never be answered (too long a prompt, a content policy, a prompt that kills its engine).
error: it was not answered, and may be another time. Only the first two give a whole sample.
"""


CHAIN_ASKED, CHAIN_NONE = "asked", "none"
"""The first words of `Prompt.chain`."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question put to a model.

    `id` is a content key over the messages and the reference answer: equal prompts are one prompt,
    whatever file or row they came from. `source_id` is the name its owner gave it, `source` where its owner
    has it from. `chain` says whether it is asked for a chain, and by which rule, as `asked: code` or `none: greeting`;
    empty where nobody decided, and any answer may have one. It is no part of the id.
    """

    id: str
    messages: tuple[Message, ...]
    answer: str | None = None
    source_id: str = ""
    domain: str = ""
    language: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    chain: str = ""

    @classmethod
    def make(cls, messages: Sequence[Message] | str, answer: str | None = None, **rest: Any) -> Prompt:
        """A prompt from chat messages, or from the text of one user message, with its content key."""
        listed: Sequence[Message] = (
            [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
        )
        turns = tuple(Message(role=m["role"], content=m["content"]) for m in listed)
        return cls(digest_turns(turns, answer), turns, answer, **rest)

    @property
    def wants_chain(self) -> bool | None:
        """Whether its answer is to hold a chain; None where nobody decided."""
        return self.chain.startswith(CHAIN_ASKED) if self.chain else None

    @property
    def text(self) -> str:
        """What the user asked: the contents of the user messages, one after the other."""
        if len(self.messages) == 1 and self.messages[0]["role"] == "user":
            return self.messages[0]["content"]
        return "\n".join(message["content"] for message in self.messages if message["role"] == "user")

    @property
    def whole_text(self) -> str:
        """All that stands in it: the contents of all messages, whoever's, one after the other."""
        if len(self.messages) == 1:
            return self.messages[0]["content"]
        return "\n".join(message["content"] for message in self.messages)


@dataclass(frozen=True, slots=True)
class Sample:
    """One response of a model to a prompt; never changed once written.

    `response` is the whole text: `<think>`, the chain, `</think>`, then what the reader sees.
    `tokens` counts the completion's tokens as its engine did; None where nobody counted.
    `finish` says how its request ended: one of `Finish`.
    """

    id: str
    prompt: Prompt
    response: str
    index: int = 0
    tokens: int | None = None
    finish: str = "stop"

    @property
    def content(self) -> str:
        """The content key of its text, in 16 hex digits. A lone surrogate counts as the U+FFFD that it is stored as."""
        return digest_text(self.response)

    @property
    def parts(self) -> Parts:
        """Where its chain ends and its answer begins; a response that was cut off may have come to none."""
        return split_response(self.response, self.finish)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of one sample.

    ok: true, false, or None for "could not decide", which is never folded into false.
    score: a number the check defines (a share, a length, a probability), or None.
    reason: `rule` or `rule: detail`; the rule is one word of the check's own short list, by which
    verdicts are counted.
    span: the half-open range of characters in `Sample.response` that caused it, or None.
    """

    ok: bool | None
    reason: str = ""
    score: float | None = None
    span: tuple[int, int] | None = None

    @property
    def rule(self) -> str:
        """The part of the reason that verdicts are counted by."""
        return self.reason.partition(":")[0]


@dataclass(frozen=True, slots=True)
class SignatureVerdict(Verdict):
    """What a check of a whole set gives first: undecided, with the sample's signature.

    signature: what the sample is compared by, of as many bytes for each sample of a check.
    """

    signature: bytes = b""
