"""A model's shape is found where it is, and told where it is from; a recipe's models have that of what they are made from."""

import json

import pytest
from transformers import Qwen2Config

from curate.memory import find_shape as module
from curate.memory.find_shape import Shapes, find_shape, read_config

SMALL = Qwen2Config(
    vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=1, max_position_embeddings=512, tie_word_embeddings=True,
)  # fmt: skip


def test_a_folders_config_is_read(tmp_path):
    SMALL.save_pretrained(tmp_path)
    shape = find_shape(str(tmp_path))
    assert (shape.layers, shape.keys, shape.context, shape.tied) == (2, 16, 512, True)
    assert shape.source == "its config.json"
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no such"}))
    assert find_shape(str(tmp_path)) is None


def test_known_models_need_neither_the_hub_nor_a_cache(monkeypatch):
    monkeypatch.setattr(module, "_read", lambda *given: pytest.fail("nothing is to be read"))
    monkeypatch.setattr(module, "_cached", lambda *given: None)
    assert find_shape("Qwen/Qwen2.5-32B").source == "its shape as published"
    assert find_shape("runs/r1/models/none") is None


def test_a_cached_config_is_read_before_what_is_known(tmp_path, monkeypatch):
    SMALL.save_pretrained(tmp_path)
    monkeypatch.setattr(
        "huggingface_hub.try_to_load_from_cache", lambda *given, revision: str(tmp_path / "config.json")
    )
    shape = find_shape("Qwen/Qwen2.5-32B")
    assert (shape.layers, shape.source) == (2, "its config.json in the Hub's cache")


def test_a_model_that_a_stage_will_make_has_the_shape_of_its_base(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shapes = Shapes()
    base = shapes.find("Qwen/Qwen2.5-Math-7B")
    shapes.add(tmp_path / "runs" / "x", base, 32768)
    made = shapes.find("runs/x")
    assert (made.parameters, made.context, made.model) == (base.parameters, 32768, str(tmp_path / "runs/x"))
    assert shapes.find("runs/y") is None


@pytest.mark.parametrize(
    ("rope", "context"),
    [
        ({"rope_type": "linear", "factor": 4.0}, 4 * 32768),
        ({"rope_type": "dynamic", "factor": 2.0}, 2 * 32768),
        # The config's number is the scaled one.
        ({"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8192}, 32768),
        ({"rope_type": "default"}, 32768),
    ],
)
def test_a_context_is_as_long_as_its_scaled_positions(rope, context):
    config = Qwen2Config(max_position_embeddings=32768, rope_parameters={"rope_theta": 10000.0, **rope})
    assert read_config(config, "m", "").context == context
