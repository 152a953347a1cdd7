"""Rows laid end to end give the losses they give one by one, in every family that is trained so."""

from functools import cache
from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.attention import varlen
from torch.nn.functional import scaled_dot_product_attention
from transformers import AutoConfig, AutoModelForCausalLM, set_seed

from distill.common import attention
from distill.common.attention import PADDED_ROWS, PROVEN_FAMILIES, ROWS, attend_within_rows, choose_attention
from distill.sft.trl_trainer import Collator
from filters.errors import UserError

SHAPE = {
    "vocab_size": 97, "hidden_size": 32, "intermediate_size": 48, "moe_intermediate_size": 24,
    "shared_expert_intermediate_size": 24, "num_experts": 4, "num_experts_per_tok": 2, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 128,
    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
}  # fmt: skip
LENGTHS = (23, 7, 1, 40, 2)


def make_tiny(family: str, implementation: str, **changes):
    set_seed(3)
    config = AutoConfig.for_model(family, **SHAPE, **changes)
    return AutoModelForCausalLM.from_config(config, attn_implementation=implementation).eval()


def draw_rows(lengths=LENGTHS, seed=0):
    draw = torch.Generator().manual_seed(seed)
    rows = [torch.randint(3, 97, (length,), generator=draw).tolist() for length in lengths]
    return [{"input_ids": ids, "labels": [-100] * (len(ids) // 3) + ids[len(ids) // 3 :]} for ids in rows]


def log_probabilities(model, rows, free: bool) -> list[torch.Tensor]:
    """Of each row's tokens but the first."""
    batch = Collator(pad_token_id=0, padding_free=free).collate(rows)
    batch.pop("labels")
    with torch.no_grad():
        logits = model(**batch, use_cache=False).logits.float().log_softmax(-1)
    ends = torch.tensor([len(row["input_ids"]) for row in rows]).cumsum(0).tolist()
    starts = [0, *ends[:-1]]
    for number, row in enumerate(rows):
        ids = torch.tensor(row["input_ids"])
        own = logits[0, starts[number] : ends[number]] if free else logits[number, : len(ids)]
        yield own[:-1].gather(-1, ids[1:, None])[:, 0]


@pytest.mark.parametrize("family", sorted(PROVEN_FAMILIES))
def test_packed_rows_have_the_losses_of_padded_ones_and_of_rows_alone(family):
    packed, padded = make_tiny(family, ROWS), make_tiny(family, PADDED_ROWS)
    rows = draw_rows()
    together = list(log_probabilities(packed, rows, free=True))
    beside = list(log_probabilities(padded, rows, free=False))
    for number, row in enumerate(rows):
        (alone,) = log_probabilities(padded, [row], free=False)
        torch.testing.assert_close(together[number], alone, atol=1e-5, rtol=0)
        torch.testing.assert_close(together[number], beside[number], atol=1e-5, rtol=0)


@pytest.mark.parametrize("family", ["mistral", "qwen2"])
def test_a_sliding_window_is_kept_within_a_row(family):
    window = {"sliding_window": 5}
    if family == "qwen2":
        window |= {"use_sliding_window": True, "max_window_layers": 1}
    packed, padded = make_tiny(family, ROWS, **window), make_tiny(family, PADDED_ROWS, **window)
    wide = make_tiny(family, PADDED_ROWS)
    (row,) = rows = draw_rows((40,))
    (got,) = log_probabilities(packed, rows, free=True)
    # With transformers' own mask, which its padded attention of ones leaves it to build.
    ids = torch.tensor([row["input_ids"]])
    with torch.no_grad():
        expected, full = (model(ids).logits.log_softmax(-1) for model in (padded, wide))
    (expected, full) = (x[0, :-1].gather(-1, ids[0, 1:, None])[:, 0] for x in (expected, full))
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=0)
    assert not torch.allclose(expected, full, atol=1e-4)


def test_a_row_does_not_see_another():
    model, rows = make_tiny("qwen3", ROWS), draw_rows()
    before = list(log_probabilities(model, rows, free=True))
    other = [*draw_rows(seed=1)[:3], rows[3], *draw_rows(seed=1)[4:]]
    assert torch.equal(before[3], list(log_probabilities(model, other, free=True))[3])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "does not pass the rows' borders"),
        ({"cu_seq_lens_q": torch.tensor([0, 4]), "max_length_q": 4, "softcap": 50.0}, "know softcap"),
        ({"cu_seq_lens_q": torch.tensor([0, 4]), "max_length_q": 4, "dropout": 0.1}, "know dropout"),
    ],
)
def test_what_would_be_wrong_in_silence_is_refused(given, said):
    x = torch.zeros(1, 2, 4, 8)
    with pytest.raises(ValueError, match=said):
        attend_within_rows(torch.nn.Identity(), x, x, x, None, **given)


def test_families_that_are_not_proven_are_padded():
    def choose(**config):
        return choose_attention(SimpleNamespace(**config), None, half=False)

    assert choose(model_type="qwen3", attention_dropout=0.0) == ROWS
    assert choose(model_type="qwen3", attention_dropout=0.1) == PADDED_ROWS
    assert choose(model_type="gemma3") == PADDED_ROWS
    assert choose(model_type="qwen3", layer_types=["linear_attention", "full_attention"]) == PADDED_ROWS
    assert choose_attention(SimpleNamespace(model_type="qwen3"), False, half=False) == PADDED_ROWS
    with pytest.raises(
        UserError, match="rows of a model of type 'lfm2' with these settings may see each other"
    ):
        choose_attention(SimpleNamespace(model_type="lfm2"), True, half=False)


@pytest.mark.parametrize("kind", ["dynamic", "longrope"])
def test_rows_whose_positions_depend_on_their_neighbours_are_trained_alone(kind):
    config = SimpleNamespace(model_type="llama", rope_parameters={"rope_type": kind, "factor": 2.0})
    assert attention.sees_length(config)
    assert choose_attention(config, None, half=False) == PADDED_ROWS
    assert not attention.sees_length(
        SimpleNamespace(model_type="llama", rope_parameters={"rope_type": "yarn"})
    )


@pytest.mark.parametrize(
    ("capability", "installed", "half", "chosen"),
    [
        ((9, 0), {2, 3}, True, "flash_attention_3"),
        ((8, 0), {2, 3}, True, "flash_attention_2"),
        ((9, 0), set(), True, ROWS),
        ((8, 9), set(), True, ROWS),
        ((7, 5), {2}, True, PADDED_ROWS),
        ((9, 0), {2, 3}, False, PADDED_ROWS),
    ],
)
def test_the_kernel_is_the_fastest_there_is(monkeypatch, capability, installed, half, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    monkeypatch.setattr(attention, "is_flash_attn_2_available", lambda: 2 in installed)
    monkeypatch.setattr(attention, "is_flash_attn_3_available", lambda: 3 in installed)
    assert choose_attention(SimpleNamespace(model_type="llama"), None, half) == chosen


@pytest.mark.parametrize("window", [None, 4])
def test_torchs_kernel_is_asked_for_what_the_rows_give_one_by_one(monkeypatch, window):
    asked = []

    def by_definition(query, key, value, borders, _, *longest, scale, window_size, enable_gqa):
        """The kernel, as torch documents it: (W, 0) lets a token see itself and W before it."""
        asked.append((longest, enable_gqa))
        rows = []
        for start, end in pairwise(borders.tolist()):
            apart = torch.arange(end - start)[:, None] - torch.arange(end - start)
            seen = (apart >= 0) & ((apart <= window_size[0]) | (window_size[0] < 0))
            q, k, v = (x[start:end].transpose(0, 1)[None] for x in (query, key, value))
            rows.append(scaled_dot_product_attention(q, k, v, seen, scale=scale, enable_gqa=enable_gqa)[0])
        assert window_size[1] == 0
        return torch.cat(rows, dim=1).transpose(0, 1)

    monkeypatch.setattr(varlen, "varlen_attn", by_definition)
    query, (key, value) = torch.randn(1, 4, 20, 8), torch.randn(2, 1, 2, 20, 8)
    borders = torch.tensor([0, 7, 8, 20], dtype=torch.int32)
    by_kernel = attention._by_kernel(query, key, value, 0.3, window, borders, 12)
    expected = attention._by_groups(query, key, value, 0.3, window, borders)
    torch.testing.assert_close(by_kernel, expected, atol=1e-6, rtol=0)
    assert asked == [((12, 12), True)]


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3"])
@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=9), st.integers(0, 2**20))
def test_rows_of_any_lengths_have_the_losses_of_rows_alone(family, lengths, seed):
    packed, padded = tiny_pair(family)
    rows = draw_rows(lengths, seed)
    for together, row in zip(log_probabilities(packed, rows, free=True), rows, strict=True):
        (alone,) = log_probabilities(padded, [row], free=False)
        torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)


@cache
def tiny_pair(family: str):
    return make_tiny(family, ROWS), make_tiny(family, PADDED_ROWS)
