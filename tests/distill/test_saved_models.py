"""Models that come out load in transformers and vLLM as they should, in the shapes of the families people train.

`pytest -n 0 -m slow tests/distill/test_saved_models.py` compares vLLM's greedy tokens with transformers' for each.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from curate.options import fill
from distill.sft.options import DistillOptions
from distill.sft.stage import DistillResult, distill_student
from tests.distill.families import FAMILIES, Family, make_family
from tests.distill.tiny import row, write_set

RESPONSE = "<think>\nhm\n</think>\n\nyo 42"
VLLM = """
import json, sys
from vllm import LLM, SamplingParams
for folder, ids in json.load(open(sys.argv[1])):
    engine = LLM(folder, dtype="float32", enforce_eager=True, max_model_len=256, enable_chunked_prefill=False)
    how = SamplingParams(temperature=0, max_tokens=24)
    (made,) = engine.generate([{"prompt_token_ids": ids}], how, use_tqdm=False)
    chat = engine.get_tokenizer().apply_chat_template([{"role": "user", "content": "hi"}], add_generation_prompt=True)
    print("MADE", json.dumps([list(made.outputs[0].token_ids), made.outputs[0].finish_reason,
                              engine.get_default_sampling_params().temperature, list(chat["input_ids"])]))
    del engine
"""


class Trained(NamedTuple):
    """A family's base model and the student made of it."""

    family: Family
    base: Path
    made: DistillResult


def train(folder: Path, family: Family, **rest) -> Trained:
    base = make_family(folder / "base", family)
    rows = write_set(folder / "set.jsonl", [row("hi", RESPONSE) for _ in range(8)])
    given = {"run": folder / "run", "model": str(base), "dataset": str(rows), "batch_size": 8}
    quick = {"epochs": 60, "learning_rate": 1e-2, "warmup": 0, **rest}
    return Trained(family, base, distill_student(fill(DistillOptions, {**given, **quick}, "test")))


@pytest.fixture(scope="module", params=FAMILIES)
def trained(request, tmp_path_factory) -> Trained:
    return train(tmp_path_factory.mktemp(request.param), FAMILIES[request.param])


def ask(tokenizer):
    turns = [{"role": "user", "content": "hi"}]
    return tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt")


def test_tokenizer_and_template_are_the_bases_with_the_turns_end(trained: Trained):
    family, base, made = trained
    before, after = (AutoTokenizer.from_pretrained(folder) for folder in (base, made.folder))
    assert after.eos_token == family.end
    assert (after.bos_token, after.pad_token) == (family.bos, family.pad)
    assert after.pad_token != after.eos_token, "who trains it further would mask the end of a turn as padding"
    assert after.chat_template == before.chat_template == family.template
    assert after.padding_side == before.padding_side
    assert after.get_vocab() == before.get_vocab()
    assert json.loads(after.backend_tokenizer.to_str()) == json.loads(before.backend_tokenizer.to_str())
    assert after("1234 <think>")["input_ids"] == before("1234 <think>")["input_ids"]
    special = {str(token) for token in after.added_tokens_decoder.values() if token.special}
    assert special == set(family.special)


def test_settings_are_the_bases_with_the_papers_sampling(trained: Trained):
    family, base, made = trained
    tokenizer = AutoTokenizer.from_pretrained(made.folder)
    before, after = (AutoConfig.from_pretrained(folder) for folder in (base, made.folder))
    end, *stops = (tokenizer.convert_tokens_to_ids(token) for token in (family.end, *family.stops))
    assert after.eos_token_id == end
    same = (
        "vocab_size",
        "max_position_embeddings",
        "tie_word_embeddings",
        "bos_token_id",
        "pad_token_id",
        "dtype",
    )
    assert {name: getattr(after, name) for name in same} == {name: getattr(before, name) for name in same}
    assert after.rope_parameters == before.rope_parameters
    assert after.vocab_size > len(tokenizer)
    how = GenerationConfig.from_pretrained(made.folder)
    assert (how.do_sample, how.temperature, how.top_p) == (True, 0.6, 0.95)
    assert (how.top_k, how.repetition_penalty) == (None, None), "the base's own sampling is gone"
    assert how.eos_token_id == [end, *(stop for stop in stops if stop != end)]
    assert how.pad_token_id == (None if family.pad is None else tokenizer.convert_tokens_to_ids(family.pad))


def test_weights_are_the_bases_by_name_shape_and_type(trained: Trained):
    before, after = (
        load_file(folder / "model.safetensors") for folder in (trained.base, trained.made.folder)
    )
    shapes = [{name: (w.shape, w.dtype) for name, w in one.items()} for one in (before, after)]
    assert shapes[0] == shapes[1]
    assert ("lm_head.weight" in after) == (not trained.family.tied)
    assert not torch.equal(before["model.embed_tokens.weight"], after["model.embed_tokens.weight"])


def test_it_says_what_it_learned_and_stops(trained: Trained):
    tokenizer = AutoTokenizer.from_pretrained(trained.made.folder)
    model = AutoModelForCausalLM.from_pretrained(trained.made.folder, dtype="auto")
    asked = ask(tokenizer)
    said = model.generate(**asked, max_new_tokens=40, do_sample=False)[0, asked["input_ids"].shape[1] :]
    assert tokenizer.decode(said) == RESPONSE + trained.family.end


def test_its_card_is_valid_and_tells_its_lineage(trained: Trained):
    card = ModelCard.load(trained.made.folder / "README.md")
    assert (card.data.library_name, card.data.pipeline_tag) == ("transformers", "text-generation")
    assert card.data.base_model is None, "a folder is no model on the Hub"
    about = trained.made.about
    assert f"- base model: `base` (a folder, digest `{about['base_digest']}`)" in card.text
    assert (
        f"- set: `set.jsonl` (digest `{about['set_digest']}`), 8 rows, of which 0 were left out" in card.text
    )
    assert "| `learning_rate` | `0.01` |" in card.text


def greedy(folder: Path) -> tuple[list[int], list[int]]:
    """Token ids of a prompt, and of what transformers says to it in float32."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model, asked = AutoModelForCausalLM.from_pretrained(folder, dtype="float32"), ask(tokenizer)
    start = asked["input_ids"].shape[1]
    made = model.generate(**asked, max_new_tokens=24, do_sample=False)[0]
    return made[:start].tolist(), made[start:].tolist()


@pytest.mark.parametrize("name", ["qwen3", "llama3"])
def test_merged_adapters_are_a_model_of_the_same_shape(tmp_path, name):
    family, base, made = train(tmp_path, FAMILIES[name], epochs=2, lora={"rank": 4})
    before, after = (load_file(folder / "model.safetensors") for folder in (base, made.folder))
    assert before.keys() == after.keys()
    assert {n for n in before if not torch.equal(before[n], after[n])} == {n for n in before if "_proj" in n}
    assert not list(made.folder.glob("adapter*"))
    tokenizer = AutoTokenizer.from_pretrained(made.folder)
    assert (tokenizer.eos_token, tokenizer.pad_token) == (family.end, family.pad)
    assert len(greedy(made.folder)[1]) > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_vllm_says_the_same_as_transformers(tmp_path):
    made = [train(tmp_path / name, family).made.folder for name, family in FAMILIES.items()]
    made += [
        train(tmp_path / f"lora-{name}", FAMILIES[name], lora={"rank": 8}, learning_rate=3e-2).made.folder
        for name in ("qwen3", "llama3")
    ]
    expected = [greedy(folder) for folder in made]
    (tmp_path / "asked.json").write_text(
        json.dumps([(str(folder), asked) for folder, (asked, _) in zip(made, expected, strict=True)])
    )
    own = {
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    }
    done = subprocess.run(
        [sys.executable, "-c", VLLM, str(tmp_path / "asked.json")],
        env={**os.environ, **own}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = [json.loads(line[5:]) for line in done.stdout.splitlines() if line.startswith("MADE ")]
    for (tokens, finish, temperature, chat), (asked, said) in zip(found, expected, strict=True):
        assert tokens == said
        assert finish == ("stop" if len(said) < 24 else "length")
        assert temperature == 0.6
        assert chat == asked
