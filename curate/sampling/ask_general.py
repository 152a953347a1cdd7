"""How a general prompt is put to a model: hard ones with what asks for a chain, the others with what asks for none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from curate.general.chain_rule import VERSION, Mode
from curate.general.options import GeneralOptions, Without
from curate.sampling.prompting import About, AskOptions
from filters.digest import digest
from filters.engine import Completion, Request
from filters.think import CLOSE, OPEN
from filters.types import Message

DIRECT: Final[Mapping[str, str]] = {
    "en": "Answer directly, without thinking first and without a <think> block.",
    "zh": "请直接回答,不要先思考,也不要写 <think> 块。",
}
"""What is said after a prompt that is to be answered without a chain, in its language where it is one of these."""
EMPTY_BLOCK: Final = re.compile(rf"\s*{OPEN}\s*{CLOSE}\s*")


class GeneralAsk(AskOptions):
    """What general prompts are surrounded with: part of a sample's identity, with the rule that decides of its chain.

    Examples and an instruction, which show and ask for a chain, surround the prompts that are asked for one.
    """

    kind = "general"

    chain: Mode
    """Which prompts are asked for a chain."""
    rule: int = VERSION
    """The version of the rule that decides it."""
    without_chain: Without
    """How a prompt is asked for none."""
    switch: str
    """The variable of the chat template that turns chains on and off."""

    @classmethod
    def of(cls, ask: AskOptions, general: GeneralOptions) -> GeneralAsk:
        """What is asked beside the prompts by these options."""
        given = general.model_dump(include={"chain", "without_chain", "switch"})
        return cls(**ask.model_dump(), **given)

    @property
    def bare(self) -> bool:
        """Never: an empty think block is taken out of every answer without a chain."""
        return False

    @property
    def digest(self) -> str:
        """The content key of all that is said beside the prompt, and of what decides when."""
        switch = self.switch if self.without_chain == "template" else ""
        return digest(super().digest, self.chain, self.rule, self.without_chain, switch, DIRECT)

    def put(self, request: Request, about: About) -> Request:
        """The request that asks for a chain, or for none."""
        if about.wants_chain is not False:
            asked = super().put(request, about)
        elif self.without_chain == "instruction" and request.messages:
            *turns, last = request.messages
            said = DIRECT.get(about.language or "en", DIRECT["en"])
            asked = replace(
                request,
                messages=(*turns, Message(role=last["role"], content=f"{last['content']}\n\n{said}")),
            )
        else:
            asked = request
        if self.without_chain != "template" or about.wants_chain is None:
            return asked
        return replace(asked, switches={self.switch: about.wants_chain})

    def take(self, made: Completion, about: About) -> Completion:
        """The answer; one without a chain holds no empty think block either, which a template may have opened."""
        empty = EMPTY_BLOCK.match(made.text) if about.wants_chain is False else None
        return made if empty is None else replace(made, text=made.text[empty.end() :])
