"""The Engine protocol: what a sampler or a judge needs of a language model, and nothing more.

It stands in the lowest layer because a judge is a check that is given an engine. The engines themselves
are in `curate.engines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from filters.types import Message

EngineKind = Literal["vllm", "server", "scripted"]


class EngineOptions(BaseModel):
    """Which model answers, and how it is run. Says nothing about sampling."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: EngineKind = "vllm"
    """vllm: on this machine, on a GPU or CPU. server: OpenAI-compatible endpoints. scripted: a JSON Lines file of answers, for tests."""
    model: str = ""
    """A Hub id, a folder, the name the server knows, or the script's file."""
    revision: str | None = None
    """The Hub commit, branch or tag. Default: the default branch."""
    endpoints: tuple[str, ...] = ()
    """Base URLs of OpenAI-compatible servers, e.g. http://127.0.0.1:8000/v1; several share the load. Repeatable."""
    api_key_env: str = "OPENAI_API_KEY"
    """The environment variable that holds the server's API key; no key is sent where it is unset."""
    template: str | None = None
    """A Jinja chat template, by file or by built-in name (e.g. r1-zero), that replaces the model's own."""
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"
    """Type of the weights in vLLM: auto, bfloat16, float16 or float32."""
    max_model_len: int | None = Field(default=None, gt=0)
    """Context length: longest prompt plus completion in tokens. Default: the model's own."""
    tensor_parallel: int = Field(default=1, gt=0)
    """GPUs that share one copy of the model."""
    replicas: int = Field(default=1, gt=0)
    """Copies of the model on this machine, each in a process with GPUs (or a share of the cores) of its own."""
    gpu_memory: float = Field(default=0.9, gt=0, le=1)
    """Share of each GPU's memory that vLLM may take."""
    concurrency: int | None = Field(default=None, gt=0)
    """Requests in flight. Default: 256 in vLLM, 64 per endpoint."""
    timeout_s: float = Field(default=3600.0, gt=0)
    """Timeout of one request to a server, in seconds: long chains take long."""
    retries: int = Field(default=6, ge=0)
    """Retries of a server's failed request, with growing pauses."""


class SamplingOptions(BaseModel):
    """Sampling parameters. Part of a sample's identity."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: float = Field(default=1.0, ge=0)
    """Sampling temperature; 0 is greedy. The paper samples its teacher at 1 and evaluates at 0.6."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Nucleus sampling: the smallest set of tokens with this much probability."""
    top_k: int | None = Field(default=None, gt=0)
    """Sample from the k likeliest tokens only. Default: all."""
    max_tokens: int = Field(default=32768, gt=0)
    """Longest completion, in tokens."""
    stop: tuple[str, ...] = ()
    """Strings that end a completion."""
    seed: int = 0
    """Seed from which every sample's own seed is derived."""


class EvaluationSampling(SamplingOptions):
    """Sampling parameters for evaluation: those of the paper by default."""

    temperature: float = Field(default=0.6, ge=0)
    """Sampling temperature; 0 is greedy. The paper evaluates at 0.6."""
    top_p: float = Field(default=0.95, gt=0, le=1)
    """Nucleus sampling. The paper evaluates at 0.95."""


class Watch(Protocol):
    """Looks at a completion while it streams."""

    def __call__(self, text: str, tokens: int) -> str | None:
        """Take the new text and the number of tokens so far; a reason ends the completion, None goes on."""
        ...

    def restart(self) -> None:
        """Forget the text so far: the completion is made again from its beginning."""
        ...


@dataclass(frozen=True, slots=True)
class Loops:
    """When a completion loops: its last tokens are one pattern of at most `longest` tokens, `times` in a row."""

    longest: int
    times: int


@dataclass(frozen=True, slots=True)
class Request:
    """One completion to make. `seed` is this request's own; None leaves it to the engine.

    Where it `loops`, an engine that can tell ends it with the finish reason `repetition`; vLLM can, others go on.

    form: a regular expression that the whole completion fits, its chain too where it may have one. Engines that can enforce
    it do (vLLM, servers of vLLM and SGLang); others answer as they like, so that whoever asks reads strictly all the same.
    Of groups, alternatives, classes and counts alone, which every engine's grammar has.

    With a `watch` the engine streams: it hands over new text every few dozen tokens, in order, and once more
    when the completion ends. When the watch gives a reason, the engine aborts the request and answers with
    what there is and the finish reason `stopped`.

    `switches` are variables of the chat template, as {"enable_thinking": False}: an engine that can tell that its template
    has no such variable raises UserError.
    """

    messages: Sequence[Message]
    sampling: SamplingOptions
    seed: int | None = None
    watch: Watch | None = None
    loops: Loops | None = None
    switches: Mapping[str, bool] = field(default_factory=dict)
    form: str | None = None


CompletionFinish = Literal["stop", "length", "repetition", "stopped"]
"""How a request ends that was answered: those of `filters.types.Finish` that come with a text."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What came back. Token counts and the finish reason are the engine's own; any other end is an EngineError.

    Counts are None where nobody counted. seeded: whether it was made with the request's seed, as some servers take none.

    `text` includes a `<think>` that the chat template opened or that a server cut off into
    `reasoning_content`, so that every engine's text reads alike.
    """

    text: str
    finish: CompletionFinish
    prompt_tokens: int | None
    tokens: int | None
    seeded: bool = True


class EngineError(Exception):
    """One request was not answered, after all retries, which are the engine's own affair; another time it may be."""


class RequestRefused(EngineError):  # noqa: N818  an outcome, as the field says it
    """One request that will never be answered: the prompt is too long, breaks a content policy, or kills its engine."""


class Engine(Protocol):
    """A model that answers one request at a time, many at once.

    identity: the content key of the weights (Hub commit or a digest of the folder) and the template:
    part of every sample's identity.
    concurrency: how many requests in flight keep it full.
    in_force: the settings that shape its text as they are in force, beside what a request asks for: kept beside the
    samples for their readers, no part of an identity.
    """

    identity: str
    concurrency: int
    in_force: Mapping[str, object]

    async def complete(self, request: Request) -> Completion:
        """Answer one request; cancelling aborts it. Raises RequestRefused where it never will be, else EngineError."""
        ...

    async def close(self) -> None:
        """Free the model, or the connections."""
        ...
