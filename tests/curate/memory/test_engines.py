"""An engine's needs: weights and a cache for one whole sequence, and a remedy that fits where they do not."""

import pytest

from curate.memory.engines import estimate_engine, find_engine_estimate, measure_engine
from curate.memory.estimate import CLOSE, Estimate, make_part
from curate.memory.find_shape import Shapes
from curate.memory.known_shapes import KNOWN
from curate.memory.machine import GIB, Machine
from filters.engine import EngineOptions
from filters.errors import UserError

LARGE = KNOWN["Qwen/Qwen2.5-32B"]
BOX = Machine(8, 80.0, planned=True)


def test_a_budget_is_weights_work_and_cache():
    engine = measure_engine(LARGE, 72 * GIB, 2, 32768)
    assert engine.weights == LARGE.parameters  # two bytes, two GPUs
    assert engine.tokens == int((72 * GIB - engine.weights - engine.work) / 131_072)
    assert engine.at_once == engine.tokens // 32768
    half = measure_engine(LARGE, 72 * GIB, 2, 32768, width=4)
    assert half.weights == 2 * engine.weights


def test_32b_at_the_share_and_tensor_parallel_that_recipes_once_had_cannot_load():
    refused = estimate_engine(EngineOptions(model=LARGE.model, gpu_memory=0.3), LARGE, BOX)
    assert not refused.possible
    assert "weights take 61.0 GiB on each GPU, and its share is 24.0 GiB" in refused.explain()


@pytest.mark.parametrize(
    ("options", "gpus", "words"),
    [
        ({}, 8, "no room for one sequence of 131,072 tokens; give it engine.tensor_parallel=2."),
        ({}, 1, "no room for one sequence of 131,072 tokens; give it engine.max_model_len=32768"),
        ({"tensor_parallel": 3}, 8, "40 heads cannot be spread over 3 GPUs; give it engine.tensor_parallel=2."),
        ({"max_model_len": 200_000, "tensor_parallel": 2}, 8, "max_model_len is 200,000, and the model's own context is 131,072 tokens; leave engine.max_model_len out."),
        ({"tensor_parallel": 2, "replicas": 8}, 8, "it takes 16 GPUs, and there are 8; give it"),
    ],
)  # fmt: skip
def test_what_cannot_start_is_told_with_a_remedy(options, gpus, words):
    told = estimate_engine(EngineOptions(model=LARGE.model, **options), LARGE, Machine(gpus, 80.0))
    assert not told.possible and words in told.explain()


def test_the_remedy_fits():
    fixed = estimate_engine(EngineOptions(model=LARGE.model, tensor_parallel=2), LARGE, BOX, 200_000)
    assert fixed.possible and fixed.fits
    assert fixed.notes[0].startswith(
        "The cache holds 324,459 tokens: 2 of the longest sequences (131,072 tokens)"
    )
    assert fixed.notes[1].startswith(
        "max_tokens is 200,000, but prompt and response together have at most 131,072"
    )
    one = EngineOptions(model=LARGE.model, max_model_len=32768)
    assert estimate_engine(one, LARGE, Machine(1, 80.0)).possible


def test_only_engines_in_this_process_need_memory_here():
    shapes = Shapes()
    served = EngineOptions(kind="server", model=LARGE.model)
    assert find_engine_estimate(served, shapes, BOX, None) is None
    assert find_engine_estimate(EngineOptions(model="no/such-model-anywhere"), _Blind(), BOX, None) is None
    assert find_engine_estimate(EngineOptions(model=LARGE.model), shapes, BOX, None) is not None


class _Blind(Shapes):
    def find(self, model, revision=None):
        return None


def test_an_estimate_refuses_only_what_cannot_fit_at_best(caplog):
    def estimate(sure: float, machine: Machine = BOX) -> Estimate:
        return Estimate(
            "it", machine, (make_part("a", 60 * GIB), make_part("b", 30 * GIB, sure)), remedy="shrink"
        )

    with pytest.raises(
        UserError, match=r"^it does not fit: it needs at least 87\.0 GiB .* 80 GiB; shrink\.$"
    ):
        estimate(0.9).require()
    estimate(0.5).require()
    assert "it may not fit: it needs about 90.0 of 80 GiB on each GPU; shrink." in caplog.text
    caplog.clear()
    estimate(0.9, Machine(0, 80.0)).require()
    assert "it does not fit: it needs at least 87.0 GiB of RAM" in caplog.text
    caplog.clear()
    small = Estimate("it", BOX, (make_part("a", CLOSE * 80 * GIB),))
    small.require()
    assert not caplog.text and small.explain() == "it fits: 76.0 of 80 GiB on each GPU."
