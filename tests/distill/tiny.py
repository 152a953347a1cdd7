"""Tiny random models and sets, made where a test needs them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    set_seed,
)

from distill.common.callbacks import TimedCheckpoints

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# What R1's template does: the chain of an assistant's turn is deleted, and the prompt opens the next one.
R1 = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}<|im_start|>user\n{{ m.content }}<|im_end|>"
    "{% else %}<|im_start|>assistant\n{{ m.content.split('</think>')[-1] }}<|im_end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def make_tokenizer(
    template: str | None = CHATML, *, special_tags: bool = False, pad: str = "<|endoftext|>"
) -> PreTrainedTokenizerFast:
    """Bytes, whose end of text (0) is not the end of a turn (2), as in Qwen's base models."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *letters])}
    bytes_only = Tokenizer(models.BPE(vocabulary, []))
    bytes_only.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_only.decoder = decoders.ByteLevel()
    bytes_only.add_special_tokens(SPECIAL)
    bytes_only.add_tokens([AddedToken(t, special=False, normalized=False) for t in ("<think>", "</think>")])
    if special_tags:
        bytes_only.add_special_tokens(["<think>", "</think>"])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytes_only, bos_token=SPECIAL[0], eos_token=SPECIAL[0], pad_token=pad
    )
    tokenizer.chat_template = template
    return tokenizer


def make_model(
    folder: Path,
    family: str = "qwen",
    template: str | None = CHATML,
    positions: int = 512,
    hidden: int = 32,
    tokenizer: PreTrainedTokenizerFast | None = None,
    vocabulary: int | None = None,
) -> Path:
    """A model folder with random weights; its two attention heads have half of the hidden size each."""
    set_seed(1)
    tokenizer = make_tokenizer(template) if tokenizer is None else tokenizer
    shape = {
        "vocab_size": vocabulary or len(tokenizer),
        "hidden_size": hidden,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": positions,
        "bos_token_id": 0,
        "eos_token_id": 0,
    }
    if family == "qwen":
        model = Qwen2ForCausalLM(Qwen2Config(**shape, tie_word_embeddings=True))
    else:
        model = LlamaForCausalLM(LlamaConfig(**shape, tie_word_embeddings=False))
    model.bfloat16().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def row(question: str, response: str) -> dict[str, object]:
    """A row of a set."""
    return {
        "prompt": [{"role": "user", "content": question}],
        "completion": [{"role": "assistant", "content": response}],
        "id": question,
    }


def write_set(path: Path, rows: list[dict[str, object]]) -> Path:
    """A set as JSON Lines."""
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    return path


def sums(number: int) -> list[dict[str, object]]:
    """Rows of one-digit sums with a chain."""
    pairs = [(n % 10, n * 7 % 10) for n in range(number)]
    return [row(f"{a}+{b}?", f"<think>\n{a} and {b} 是 {a + b}.\n</think>\n\n{a + b}") for a, b in pairs]


def killed_at(step: int, train: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Train until the end of a step, after its checkpoint was asked for and before it is written."""
    ask_for_checkpoint = TimedCheckpoints.on_step_end

    def killed(self, args, state, control, **rest):
        ask_for_checkpoint(self, args, state, control, **rest)
        if state.global_step == step:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(TimedCheckpoints, "on_step_end", killed)
        with pytest.raises(KeyboardInterrupt):
            train()
