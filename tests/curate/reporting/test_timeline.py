"""A stage that sampled on several machines says what each of them made."""

import json
from pathlib import Path

from curate.reporting.run_facts import Facts, Samples
from curate.reporting.timeline import summarize_stages
from curate.store.layout import Run


def describe(run: Run) -> str:
    samples = Samples("t", {}, {}, prompts=2, whole=8, partial=0, tokens=80)
    (stage,) = summarize_stages(Facts(run, timings={"generate t": 3.0}, samples=[samples]))
    return stage.told


def test_machines_are_named_with_what_they_made(tmp_path: Path):
    run = Run(tmp_path)
    assert describe(run) == "8 samples of 2 prompts, 80 tokens"
    nodes = [
        {"node": f"n{n}", "state": "done", "samples": n, "tokens": 10 * n, "tokens_per_second": 2.5}
        for n in range(1, 11)
    ]
    run.samples("t").mkdir(parents=True)
    whole = json.dumps({"seconds": 80.0, "tokens": 80, "tokens_per_second": 1.0, "nodes": nodes}) + "\n"
    run.metrics("t").write_text(whole + '{"tokens_per')
    told = describe(run)
    assert "tokens. On 10 machines: n10 (done) 10 samples, 2.5 tokens/s; n9 (done)" in told
    assert told.endswith("n3 (done) 3 samples, 2.5 tokens/s; …")
