"""A sequence-classification model as a reward model needs it: a conversation's tokens in, logits out.

The conversation is put together around the response's own tokens: chat templates cut reasoning out of what
they are given, and a response that spells a template's tokens would otherwise open turns of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from filters.errors import UserError
from filters.think import CLOSE
from filters.types import Message, Prompt

_HERE = "the-response-stands-here"
"""Rendered in the response's place; what stands before and after it is the template's."""
_EMPTY_THINK = re.compile(r"<think>\s{0,9}</think>\s{0,9}\Z")


class UnrenderableError(Exception):
    """The model's chat template does not take these messages."""


class Classifier:
    """A model with its tokenizer: on the GPU in bfloat16 where there is one, else on the CPU in float32."""

    def __init__(self, model: str, revision: str | None = None) -> None:
        """Load a folder or Hub id; raises UserError where that is not a usable classifier."""
        torch, transformers = _libraries()
        self._torch = torch
        gpu = torch.cuda.is_available()
        # The process's own GPU: threads, in which checks run, would all take the first.
        self._device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if gpu else "cpu"
        dtype = torch.bfloat16 if gpu else torch.float32
        try:
            with _quiet(transformers.utils.logging):
                self.tokenizer = transformers.AutoTokenizer.from_pretrained(model, revision=revision)
                loaded, info = transformers.AutoModelForSequenceClassification.from_pretrained(
                    model, revision=revision, dtype=dtype, output_loading_info=True
                )
        except (OSError, ValueError) as error:
            raise UserError(
                f"The reward model '{model}' cannot be loaded: {' '.join(str(error).split())}"
            ) from None
        if info["missing_keys"]:
            missing = sorted(info["missing_keys"])[0]
            raise UserError(
                f"'{model}' was not trained to classify: it has no weights for '{missing}'; name a reward model."
            )
        self._pad = _padding(self.tokenizer)
        loaded.config.get_text_config().pad_token_id = self._pad
        self._model = loaded.eval().to(self._device)
        self.labels: dict[int, str] = dict(loaded.config.id2label)

    def limit_tokens(self, asked: int) -> int:
        """The tokens a conversation may have: what was asked for, or fewer where the model has fewer positions."""
        return min(asked, getattr(self._model.config.get_text_config(), "max_position_embeddings", asked))

    def encode(self, prompt: Prompt, text: str, longest: int) -> list[int]:
        """The token ids of a prompt and a response to it, the last `longest` of them.

        Without a chat template: the prompt's text, a line break, the response. Raises UnrenderableError.
        """
        if self.tokenizer.chat_template is None:
            plain = _sound(f"{prompt.text}\n{text}")
            self.tokenizer.truncation_side = "left"
            made = self.tokenizer(plain, truncation=True, max_length=longest, split_special_tokens=True)
            return list(made["input_ids"])
        head, tail = self._around(prompt)
        if CLOSE in text:
            head = _EMPTY_THINK.sub("", head)
        inside = self.tokenizer.encode(_sound(text), add_special_tokens=False, split_special_tokens=True)
        return list((self._tokens(head) + inside + self._tokens(tail))[-longest:])

    def _around(self, prompt: Prompt) -> tuple[str, str]:
        """What the chat template writes before and after a response to a prompt."""
        from jinja2 import TemplateError

        turns = [Message(role=m["role"], content=_sound(m["content"])) for m in prompt.messages]
        turns.append(Message(role="assistant", content=_HERE))
        try:
            rendered = self.tokenizer.apply_chat_template(turns, tokenize=False)
        except TemplateError as error:
            raise UnrenderableError(str(error)) from None
        head, here, tail = str(rendered).rpartition(_HERE)
        if not here:
            raise UnrenderableError("the template leaves the response out")
        return head, tail

    def _tokens(self, text: str) -> list[int]:
        return list(self.tokenizer.encode(text, add_special_tokens=False))

    def compute_logits(self, rows: Sequence[Sequence[int]], batch_size: int) -> list[list[float]]:
        """The logits of each row of token ids, one per label, in the rows' order.

        Rows of like length share a batch, which only saves padding.
        """
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        found: list[list[float]] = [[] for _ in rows]
        for begin in range(0, len(order), batch_size):
            part = order[begin : begin + batch_size]
            for index, values in zip(part, self._forward([rows[index] for index in part]), strict=True):
                found[index] = values
        return found

    def _forward(self, rows: Sequence[Sequence[int]]) -> list[list[float]]:
        """One batch, padded on the right: (rows, longest) ids and their mask in, (rows, labels) logits out."""
        torch = self._torch
        longest = max(1, *map(len, rows))
        ids = torch.full((len(rows), longest), self._pad)
        mask = torch.zeros((len(rows), longest), dtype=torch.long)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask[number, : len(row)] = 1
        with torch.inference_mode():
            made = self._model(input_ids=ids.to(self._device), attention_mask=mask.to(self._device))
        values: list[list[float]] = made.logits.float().cpu().tolist()
        return values


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise UserError(f"A reward model needs torch ({error}): pip install 'r1curate[train]'.") from None
    return torch, transformers


@contextmanager
def _quiet(logging: Any) -> Iterator[None]:
    """No loading bar and no report of missing weights, which is told in words."""
    bars, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _padding(tokenizer: Any) -> int:
    """The id that fills a batch; a tokenizer made for generation often has none but the end of text."""
    known = (tokenizer.pad_token_id, tokenizer.eos_token_id)
    return next((int(number) for number in known if number is not None), 0)


def _sound(text: str) -> str:
    """The text with question marks for lone surrogates, which no tokenizer takes."""
    return text.encode("utf-8", "replace").decode()
