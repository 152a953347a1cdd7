"""Programs are run in their sandboxes while vLLM samples in the same process' children: neither waits for the other for good."""

import json
from pathlib import Path

import polars as pl
import pytest

from curate.stages.generate import GenerateOptions, generate_samples
from filters.engine import EngineOptions
from tests.curate.engines.models import make_model
from tests.walls import require_walls

pytest.importorskip("vllm")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_responses_are_run_as_programs_while_vllm_samples(tmp_path: Path):
    require_walls()
    model = make_model(tmp_path / "model")
    rows = [{"prompt": f"Print {n}.", "tests": {"inputs": [""], "outputs": [str(n)]}} for n in range(64)]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = GenerateOptions(
        run=tmp_path / "run", prompts=str(tmp_path / "prompts.jsonl"), samples=16, check=("code_tests",),
        engine=EngineOptions(model=str(model)), sampling={"max_tokens": 32, "temperature": 1.0},
    )  # fmt: skip
    generate_samples(options)
    verdicts = pl.read_parquet(tmp_path / "run/verdicts/*/code_tests/*.parquet")
    assert len(verdicts) == 16 * 64
    assert not verdicts["reason"].str.starts_with("sandbox").any()
    assert not verdicts["reason"].str.starts_with("crashed").any()
