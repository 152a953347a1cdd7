"""What a student brings along, its tokenizer, chat template and config, and what of it would spoil any training."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from curate.engines.chat_template import TEMPLATE_ERRORS
from distill.common.turn_end import PROBE
from distill.sft.prompt_faults import BEGUN_THINK
from distill.sft.tokens import Tokenization
from filters.think import CLOSE, OPEN

TODAY: Final = re.compile(r"strftime_now|date_string")
"""What templates call to write today's date."""
_TURNS: Final = ({"role": "user", "content": PROBE}, {"role": "assistant", "content": PROBE})


@dataclass(frozen=True, slots=True)
class StudentFacts:
    """What the student is called, and what its config says. vocabulary: rows of its embedding; ends: ids at which its generation stops; None and none where nothing says so.
    untrained: of the tokens that every row needs, those whose rows of the embedding are zero; frozen: whether these rows stay as they are.
    """

    name: str = "the student"
    vocabulary: int | None = None
    ends: frozenset[int] = frozenset()
    untrained: frozenset[int] = frozenset()
    frozen: bool = False


class Student:
    """A tokenization with what the model's config says."""

    def __init__(self, tokenization: Tokenization, facts: StudentFacts) -> None:
        self.tokenization, self.facts = tokenization, facts
        self.tokenizer, self.end = tokenization.tokenizer, tokenization.end

    @cached_property
    def tag_ids(self) -> tuple[list[int], list[int]]:
        """The ids of the two think tags, each one or several."""
        one, two = self.tokenizer([OPEN, CLOSE], add_special_tokens=False)["input_ids"]
        return list(one), list(two)

    @cached_property
    def marks(self) -> frozenset[int]:
        """Ids that must stand in no completion: they end a turn, mark a role, or are special for another reason."""
        added = self.tokenizer.added_tokens_decoder
        marks = {self.end, *self.facts.ends, *self.rendered_marks}
        marks |= {id_ for id_, token in added.items() if token.special}
        # What stands for the unknown changes the text, which is told as such.
        return frozenset(marks - {*self.tag_ids[0], *self.tag_ids[1], self.tokenizer.unk_token_id})

    @cached_property
    def rendered_marks(self) -> frozenset[int]:
        """Added tokens that the chat template writes around turns."""
        rendered = self._render_turns(generate=True)
        added = self.tokenizer.added_tokens_decoder
        return frozenset(id_ for id_, token in added.items() if str(token).strip() and str(token) in rendered)

    @property
    def needed_tokens(self) -> frozenset[int]:
        """Single tokens that every row needs: those around turns, the end of a turn, and the tags where they are tokens."""
        tags = {ids[0] for ids in self.tag_ids if len(ids) == 1}
        return frozenset({self.end, *self.rendered_marks, *tags})

    @property
    def special_tags(self) -> bool:
        """Whether the think tags are special tokens."""
        special = {str(token) for token in self.tokenizer.added_tokens_decoder.values() if token.special}
        return bool(special & {OPEN, CLOSE})

    @property
    def unlearnable(self) -> list[str]:
        """Tokens that the student needs and cannot learn."""
        return [self.name(id_) for id_ in sorted(self.facts.untrained)] if self.facts.frozen else []

    @property
    def begins_chains(self) -> bool:
        """Whether the chat template ends a prompt inside a chain that has words already, after the last turn's."""
        return BEGUN_THINK.search(self._render_turns(generate=True).rpartition(PROBE)[2]) is not None

    def list_warnings(self) -> Iterator[str]:
        """Kinds of what is suspicious, whatever the set."""
        template = self.tokenizer.chat_template
        template = template["default"] if isinstance(template, Mapping) else template
        if TODAY.search(template):
            yield "dated_template"
        after = self._render_turns(generate=False).rpartition(PROBE)[2].strip()
        if after and not after.startswith(self.name(self.end)):
            yield "end_by_text"
        if self.facts.vocabulary is not None and len(self.tokenizer) > self.facts.vocabulary:
            yield "large_tokenizer"
        if self.facts.untrained and not self.facts.frozen:
            yield "new_tokens"
        if self.facts.ends and not self.facts.ends & {self.end, self.tokenizer.eos_token_id}:
            yield "foreign_end"

    def name(self, id_: int | None) -> str:
        """A token as it is written."""
        return "none" if id_ is None else str(self.tokenizer.convert_ids_to_tokens(id_))

    def describe(self) -> dict[str, str]:
        """How the student is trained and used, in words by topic."""
        pad = self.tokenizer.pad_token_id
        same = (
            ", the end of a turn too: labels follow positions, so it still is learned"
            if pad == self.end
            else ""
        )
        sizes = [len(ids) for ids in self.tag_ids]
        each = "one token each" if sizes == [1, 1] else f"ordinary text of {sizes[0]} and {sizes[1]} tokens"
        tags = each + (", special" if self.special_tags else "")
        stops = ", ".join(self.name(id_) for id_ in sorted({self.end, *self.facts.ends}))
        model = f", the model {self.facts.vocabulary:,}" if self.facts.vocabulary is not None else ""
        return {
            "end of a turn": f"{self.name(self.end)} (id {self.end}), the last label of every row",
            "inference stops at": stops,
            "padding": f"{self.name(pad)}{same}",
            "think tags": f"{OPEN} and {CLOSE} are {tags}",
            "vocabulary": f"the tokenizer has {len(self.tokenizer):,} tokens{model}",
        }

    def _render_turns(self, *, generate: bool) -> str:
        turns = [dict(turn) for turn in _TURNS]
        try:
            text: str = self.tokenizer.apply_chat_template(turns, tokenize=False)
            if generate:
                text += self.tokenizer.apply_chat_template(
                    turns[:1], tokenize=False, add_generation_prompt=True
                )
        except TEMPLATE_ERRORS:
            return ""
        return text


def read_facts(name: str, config: Any, generation: Mapping[str, Any] | None) -> StudentFacts:
    """The facts of the model `name` by its config and, where there is one, its generation config."""
    text = config.get_text_config()
    ends = (getattr(text, "eos_token_id", None), (generation or {}).get("eos_token_id"))
    found = {id_ for end in ends for id_ in (end if isinstance(end, list) else [end]) if id_ is not None}
    return StudentFacts(name, getattr(text, "vocab_size", None), frozenset(map(int, found)))
