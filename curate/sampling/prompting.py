"""How a prompt is put to a model that does not yet reason by itself: examples before it, instructions after it.

DeepSeek-R1's cold start was collected so (arXiv 2501.12948v1, section 2.3.1): a long chain shown as an example, and
prompts for detailed answers with reflection and verification. What surrounds a prompt is not part of it: its samples
train a student on the bare prompt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from curate.readers.read_rows import read_rows
from curate.readers.read_samples import SampleReader
from filters.digest import digest, digest_turns
from filters.engine import Completion, Engine, Request
from filters.errors import UserError
from filters.types import Message, Prompt

REFLECTIVE: Mapping[str, str] = {
    "en": (
        "Think it through step by step between <think> and </think>: check every step, and where you find a mistake, "
        "say so and mend it. Then write a short summary for the reader with the final answer in \\boxed{}."
    ),
    "zh": (
        "请在 <think> 和 </think> 之间一步一步地思考:检查每一步,发现错误就指出并改正。"
        "然后为读者写一个简短的总结,把最终答案放在 \\boxed{} 里。"
    ),
}
"""The built-in reflective instruction, in the language of the prompt where it is one of these."""


Conversation = str


class About(NamedTuple):
    """What of a prompt decides how it is put: its language, and whether it is asked for a chain."""

    language: str | None = None
    wants_chain: bool | None = None


class AskOptions(BaseModel):
    """What a prompt is surrounded with when it is put to the model. Part of a sample's identity, not of its prompt's."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: ClassVar[Literal["reasoning", "general"]] = "reasoning"

    examples: str | None = None
    """A file with the columns prompt and response: few-shot examples, shown as turns of the conversation before each prompt."""
    shots: int = Field(default=2, gt=0)
    """Number of examples shown; where the file has a language column, those in the prompt's language."""
    instruction: str | None = None
    """Text added after each prompt; `reflective` is a built-in one that asks to reason, verify and summarize."""

    @property
    def bare(self) -> bool:
        """Whether the prompt is put as it is."""
        return self.examples is None and self.instruction is None

    @property
    def digest(self) -> str:
        """The content key of all that is said beside the prompt."""
        return digest(self._examples, self._instruction_text(None), self._instruction_text("zh"), self.shots)

    def put(self, request: Request, about: About) -> Request:
        """The request with what surrounds its prompt."""
        return replace(request, messages=tuple(self.surround(request.messages, about.language)))

    def take(self, made: Completion, about: About) -> Completion:
        """The answer as it becomes a sample."""
        del about
        return made

    def surround(self, messages: Sequence[Message], language: str | None) -> list[Message]:
        """The conversation that is put to the model; a system message stays first."""
        turns = list(messages)
        head = [turns.pop(0)] if turns and turns[0]["role"] == "system" else []
        said = self._instruction_text(language)
        if said and turns:
            turns[-1] = Message(role=turns[-1]["role"], content=f"{turns[-1]['content']}\n\n{said}")
        return [*head, *self._example_turns(language, said), *turns]

    def _example_turns(self, language: str | None, said: str) -> list[Message]:
        fitting = [row for row in self._examples if row[0] in (None, language)]
        turns = []
        for _, question, response in (fitting or self._examples)[: self.shots]:
            asked = f"{question}\n\n{said}" if said else question
            turns += [Message(role="user", content=asked), Message(role="assistant", content=response)]
        return turns

    def _instruction_text(self, language: str | None) -> str:
        if self.instruction == "reflective":
            return REFLECTIVE.get(language or "en", REFLECTIVE["en"])
        return self.instruction or ""

    @cached_property
    def _examples(self) -> list[tuple[str | None, str, str]]:
        """The examples as (language, question, response)."""
        if self.examples is None:
            return []
        shown = []
        reader = SampleReader(self.examples)
        for found in reader.read(read_rows(self.examples)):
            shown += [(one.prompt.language, one.prompt.text, one.reading.response) for one in found.samples]
        reader.require(["prompt"])
        if not shown:
            raise UserError(f"'{self.examples}' holds no examples.")
        return shown


class PromptingEngine:
    """An engine that surrounds every prompt before it passes it on."""

    def __init__(self, engine: Engine, ask: AskOptions, prompts: Mapping[Conversation, About]) -> None:
        self._engine, self._ask, self._prompts = engine, ask, prompts
        self.concurrency, self.in_force = engine.concurrency, engine.in_force
        self.identity = identify_prompted(engine.identity, ask)

    async def complete(self, request: Request) -> Completion:
        """Answer the prompt as it is surrounded."""
        about = self._prompts.get(conversation_key(request.messages), About())
        return self._ask.take(await self._engine.complete(self._ask.put(request, about)), about)

    async def close(self) -> None:
        """Close the engine."""
        await self._engine.close()


def describe_prompts(prompts: Iterable[Prompt]) -> dict[Conversation, About]:
    """What decides how each of some prompts is put, by its conversation."""
    return {conversation_key(one.messages): About(one.language, one.wants_chain) for one in prompts}


def conversation_key(messages: Sequence[Message]) -> Conversation:
    """What tells conversations apart, in a few bytes: there is one of each prompt in memory."""
    return digest_turns(messages, None)


def identify_prompted(identity: str, ask: AskOptions) -> str:
    """The identity that samples of a surrounded prompt carry; bare prompts keep the engine's."""
    return identity if ask.bare else digest(identity, ask.digest)
