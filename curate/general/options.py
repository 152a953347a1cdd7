"""The options of general prompts: which are asked, which get a chain, and how none is asked for."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from curate.general.chain_rule import Mode
from curate.general.shares import Shares

Without = Literal["template", "instruction", "nothing"]


class GeneralOptions(BaseModel):
    """What --kind general asks for beside what every `generate` does."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    share: Shares = Field(default_factory=dict)
    """With --kind general: the share of the prompts that a category gets, as writing=0.3; the others get the rest. A category is what the column domain says (another: --map domain=COLUMN). Repeatable."""
    chain: Mode = "auto"
    """With --kind general: which prompts are asked for a chain. auto: hard ones, and trivial ones not, by a rule that --dry-run of a recipe and the result show; always; never."""
    without_chain: Without = "template"
    """With --kind general: how a prompt is asked for no chain. template: by the chat template's switch (general.switch); instruction: by a sentence after it; nothing: as it is, for a model that answers such prompts directly."""
    switch: str = Field(default="enable_thinking", min_length=1)
    """The variable of the chat template that turns chains on and off: enable_thinking in Qwen3, thinking in DeepSeek-V3.1."""
    apart_from: tuple[str, ...] = ()
    """With --kind general: samples of the run, by name, or a file of prompts, of which no prompt may be a near-duplicate; one that is is not asked. Repeatable."""
