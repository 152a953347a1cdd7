"""Sampling and judging on a real Ray cluster give what one machine gives, and outlive the loss of any of its nodes."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

import recipes
from curate.cluster import ray_actors
from curate.cluster.places import open_place
from curate.options import fill
from curate.sampling.budget import Budget, Counts
from curate.sampling.leases import LeaseBook, Left, Report
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.generate import GenerateOptions, generate_samples
from curate.store import copies
from curate.store.copies import find_folder
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.verdict_index import index_verdicts
from filters.errors import UserError
from tests.distill.tiny import make_model

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("ray")]


def write_prompts(folder: Path, number: int) -> Path:
    file = folder / "prompts.jsonl"
    rows = [{"id": str(n), "prompt": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(number)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def write_script(folder: Path, delay_s: float = 0.0) -> Path:
    file = folder / "script.jsonl"
    texts = [
        f"<think>\nI add one, {more}.\n</think>\n\nThe answer is \\boxed{{{n}}}."
        for n in range(5)
        for more in "ab"
    ]
    answers = [{"text": text, "tokens": 12, "delay_s": delay_s} for text in texts]
    file.write_text(json.dumps({"prompt": "*", "responses": answers}) + "\n")
    return file


def generate(folder: Path, run: str, on: str, delay_s: float = 0.0, prompts: int = 30, **given) -> Run:
    asked = {
        "run": run if "://" in run else folder / run, "prompts": str(write_prompts(folder, prompts)), "samples": 4, "workers": 1, "on": on,
        "engine": {"kind": "scripted", "model": str(write_script(folder, delay_s)), "concurrency": 4}, **given,
    }  # fmt: skip
    result = generate_samples(fill(GenerateOptions, asked, "test"))
    assert result.exit_code == 0
    return Run(find_folder(run if "://" in run else folder / run))


def read_all(run: Run, labels: list[str]) -> dict[tuple[str, int], tuple]:
    """All samples by prompt and index, with their verdicts. Refuses what is there twice."""
    parts = list_parts(run.samples("teacher"))
    rows = scan_files(parts).select("prompt_id", "index", "sample_id", "response").collect().rows()
    known = index_verdicts(run, "teacher", labels)
    found = {(id_, index): (sample, text, known[id_][index]) for id_, index, sample, text in rows}
    assert len(found) == len(rows)
    return found


def list_checks(folder: Path) -> list[str]:
    """Of single samples, of all of them, and by what lies in a file."""
    benchmark = folder / "benchmark.jsonl"
    benchmark.write_text(json.dumps({"question": "What is 7 + 1?"}) + "\n")
    return ["format", "language", "near_duplicate:of=response", f"contamination:against={benchmark}"]


def test_a_cluster_makes_the_same_samples_and_verdicts(cluster, tmp_path):
    here, there = (
        generate(tmp_path, run, on, delay_s=0.2) for run, on in (("here", "local"), ("there", "ray"))
    )
    assert read_all(here, ["math_answer"]) == read_all(there, ["math_answer"])
    assert len(list_parts(there.samples("teacher"))) > 1
    for run in (here, there):
        options = {"source": str(run.path), "check": list_checks(tmp_path), "workers": 1}
        filter_samples(fill(FilterOptions, {**options, "on": "local" if run is here else "ray"}, "test"))
    labels = ["math_answer", "format", "language", "near_duplicate", "contamination"]
    assert read_all(here, labels) == read_all(there, labels)
    # Nothing is made or judged again.
    before = [part.name for part in list_parts(there.samples("teacher"))]
    generate(tmp_path, "there", "ray", delay_s=0.2)
    assert [part.name for part in list_parts(there.samples("teacher"))] == before


def test_on_an_object_store_each_machine_has_a_copy_of_its_own(cluster, tmp_path, objects):
    here = generate(tmp_path, "here", "local")
    for on in ("ray", "local"):
        generate(tmp_path, f"{objects}/run", on)
        options = {"source": f"{objects}/run", "check": list_checks(tmp_path), "workers": 1, "on": on}
        filter_samples(fill(FilterOptions, options, "test"))
    options = {"source": str(here.path), "check": list_checks(tmp_path), "workers": 1}
    filter_samples(fill(FilterOptions, options, "test"))
    labels = ["math_answer", "format", "language", "near_duplicate", "contamination"]
    copies._HELD.clear()
    there = Run(find_folder(f"{objects}/run"))
    assert read_all(here, labels) == read_all(there, labels)
    assert not there.is_unfinished("teacher")


def lose_a_node(cluster, after_s: float) -> threading.Thread:
    """Kill the processes of a node that is not the head's after a while."""

    def lose() -> None:
        time.sleep(after_s)
        victim = random.choice([node for node in cluster.worker_nodes if node is not cluster.head_node])
        cluster.remove_node(victim, allow_graceful=False)

    thread = threading.Thread(target=lose)
    thread.start()
    return thread


def restore(cluster, losing: threading.Thread) -> None:
    losing.join()
    cluster.add_node(num_cpus=1)


def sum_numbers(file: Path, family: str) -> dict[str, float]:
    """A family in a metrics file, by machine."""
    found: Counter[str] = Counter()
    for one in text_string_to_metric_families(file.read_text()):
        for sample in one.samples:
            found[sample.labels.get("node", "")] += sample.value if one.name == family else 0
    return {node: number for node, number in found.items() if node}


def require_exact(run: Run, samples: int) -> list[dict]:
    """What the last call told of itself is what is there, in all and by machine; the machines."""
    last = json.loads(run.metrics("teacher").read_text().splitlines()[-1])
    nodes = last.get("nodes", [])
    assert (last["samples"], last["tokens"]) == (samples, 12 * samples)
    assert sum(node["samples"] for node in nodes) == samples
    told = sum_numbers(run.path.with_name("m.prom"), "r1curate_tokens")
    assert told == {node["node"]: node["tokens"] for node in nodes}
    return nodes


def sample_and_lose(cluster, folder: Path, moment: float) -> Run:
    losing = lose_a_node(cluster, moment)
    run = generate(folder, "run", "ray", delay_s=0.2, metrics=str(folder / "m.prom"))
    restore(cluster, losing)
    # Also where a machine was lost whose last report was seconds old.
    require_exact(run, 120)
    found = read_all(run, ["math_answer"])
    assert Counter(id_ for id_, _ in found) == Counter({id_: 4 for id_, _ in found})
    assert len(found) == 120
    assert not run.is_unfinished("teacher")
    return run


SLOW = "tests.curate.checking.checks_for_tests:Slow"


def judge_and_lose(cluster, folder: Path, moment: float) -> None:
    """Judge eight parts, each of which takes a second and a half."""
    for samples in range(1, 9):
        run = generate(folder, "run", "local", samples=samples, prompts=60)
    assert len(list_parts(run.samples("teacher"))) == 8
    losing = lose_a_node(cluster, moment)
    metrics = folder / "m.prom"
    options = {"source": str(run.path), "check": [SLOW], "workers": 1, "on": "ray", "metrics": str(metrics)}
    result = filter_samples(fill(FilterOptions, options, "test"))
    restore(cluster, losing)
    (counts,) = result.verdicts["teacher"]
    assert (counts.true, counts.null) == (480, 0)
    assert len(read_all(run, ["slow"])) == 480
    judged = sum_numbers(metrics, "r1curate_judged_samples")
    assert sum(judged.values()) == 480 and len(judged) > 1


def test_a_node_that_dies_while_sampling_loses_and_doubles_nothing(cluster, tmp_path):
    sample_and_lose(cluster, tmp_path, 2.0)


def test_a_node_that_dies_while_judging_loses_and_doubles_nothing(cluster, tmp_path):
    judge_and_lose(cluster, tmp_path, 2.5)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("lose", [sample_and_lose, judge_and_lose])
def test_a_node_may_die_at_any_moment(cluster, tmp_path, lose):
    rng = random.Random(time.time_ns())
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        lose(cluster, folder, rng.uniform(0.5, 12))


def command(folder: Path, address: str) -> list[str]:
    return [
        *(sys.executable, "-m", "curate.cli", "generate", "--run", str(folder / "run"), "--on", f"ray:{address}"),
        *("--prompts", str(write_prompts(folder, 30)), "--samples", "4", "--workers", "1"),
        *("--engine", "scripted", "--model", str(write_script(folder, 0.2)), "--set", "engine.concurrency=4"),
    ]  # fmt: skip


def test_a_driver_that_is_killed_is_given_again_and_makes_the_same(cluster, tmp_path):
    here = generate(tmp_path, "here", "local", delay_s=0.2)
    driver = subprocess.Popen(
        command(tmp_path, cluster.address), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    samples = tmp_path / "run" / "samples" / "teacher"
    deadline = time.monotonic() + 60
    while not list(samples.glob("journal-*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.5)
    driver.kill()
    driver.wait()
    subprocess.run(command(tmp_path, cluster.address), check=True, timeout=180, capture_output=True)
    assert read_all(Run(tmp_path / "run"), ["math_answer"]) == read_all(here, ["math_answer"])
    assert not Run(tmp_path / "run").is_unfinished("teacher")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_real_vllm_on_a_cluster_makes_the_same_samples(cluster, tmp_path):
    mini = Path(recipes.__file__).parent / "mini"
    given = {
        "engine": {"kind": "vllm", "model": str(mini / "models" / "teacher")},
        "sampling": {"max_tokens": 64},
    }
    runs = [generate(tmp_path, on, on, prompts=12, **given) for on in ("local", "ray")]
    here, there = (read_all(run, ["math_answer"]) for run in runs)
    assert here.keys() == there.keys()
    assert {key: value[0] for key, value in here.items()} == {key: value[0] for key, value in there.items()}


def test_an_engine_that_cannot_be_opened_ends_the_command_with_its_reason(cluster, tmp_path):
    weights = make_model(tmp_path / "model") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    asked = {
        "run": tmp_path / "run", "prompts": str(write_prompts(tmp_path, 3)), "samples": 1, "on": "ray",
        "engine": {"kind": "vllm", "model": str(tmp_path / "model")},
    }  # fmt: skip
    with pytest.raises(UserError, match=r"On [0-9.]+ \([0-9a-f]{8}\): .* is not whole"):
        generate_samples(fill(GenerateOptions, asked, "test"))


NO_SCRIPT = """
from pathlib import Path
is_file = Path.is_file
Path.is_file = lambda self, **how: self.name != "script.jsonl" and is_file(self, **how)
"""


def join_late(cluster, gate: Path, blind: Path, has_failed: Callable[[], bool]) -> list[object]:
    """Once three machines wait at the gate, add one that does not see the script, and a sound one; open once that waits, too, and the other has failed."""

    def await_waiting(number: int, ready: Callable[[], bool] = lambda: True) -> None:
        deadline = time.monotonic() + 90
        while len(list(gate.glob("waits-*"))) < number or not ready():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    (blind / "sitecustomize.py").write_text(NO_SCRIPT)
    path = os.pathsep.join([str(blind), os.environ.get("PYTHONPATH", "")])
    try:
        await_waiting(3)
        added = [cluster.add_node(num_cpus=1, env_vars=env) for env in ({"PYTHONPATH": path}, None)]
        await_waiting(4, has_failed)
        return added
    finally:
        (gate / "open").touch()


def test_a_machine_that_joins_later_works_and_one_that_cannot_open_the_engine_is_named(
    cluster, tmp_path, caplog
):
    gate, blind = tmp_path / "gate", tmp_path / "blind"
    gate.mkdir(), blind.mkdir()
    check = f"tests.curate.checking.checks_for_tests:Gate:folder={gate}"
    # So many prompts that some are left to lease while three samplers hold all that they may.
    given = {"prompts": 90, "metrics": str(tmp_path / "m.prom"), "check": [check]}
    with ThreadPoolExecutor(1) as threads:
        sampling = threads.submit(generate, tmp_path, "run", "ray", **given)
        added = join_late(
            cluster, gate, blind, lambda: " ended: " in caplog.text
        )  # Ray starts machines from the main thread alone
        run = sampling.result()
    for node in added:
        cluster.remove_node(node)
    by_state = Counter(node["state"] for node in require_exact(run, 360))
    assert by_state["done"] == 4 and by_state.keys() <= {"done", "failed"}
    (failed,) = (node["node"] for node in require_exact(run, 360) if node["state"] == "failed")
    assert f"The replica on {failed} ended: There is no script file" in caplog.text
    assert all(node["samples"] for node in require_exact(run, 360) if node["state"] == "done")


def test_the_minutes_of_a_budget_begin_when_an_engine_is_ready(cluster, tmp_path):
    run = generate(tmp_path, "run", "ray", delay_s=0.3, prompts=200, budget={"minutes": 0.03})
    assert 0 < len(read_all(run, ["math_answer"])) < 800


def test_a_sampler_that_reports_no_more_is_silent(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(ray_actors.time, "monotonic", lambda: now[0])
    book = ray_actors.LeaseActor(lambda: LeaseBook([], Budget(), 10))
    assert not book.look().has_begun
    for name in ("a", "b", "c"):
        book.exchange(name, Report(Counts()))
    now[0] = ray_actors.SILENT_S - 1
    book.exchange("b", Report(Counts()))
    book.end("c", Counts())
    now[0] = ray_actors.SILENT_S + 1
    look = book.look()
    assert look.has_begun and look.silent == ["a"]
    book.lose("a", Left({}, Counts()), blame=True)
    assert book.look().silent == []


def test_an_address_where_nothing_listens_is_refused_at_once():
    script = "from curate.cluster.places import open_place\nwith open_place('ray:127.0.0.1:1'): pass"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120, text=True)
    assert "UserError: No Ray cluster answers at '127.0.0.1:1' (" in done.stderr


TERMINATED = """
import signal, sys
from curate.cluster import ray_actors
from curate.cluster.places import open_place
signal.signal(signal.SIGTERM, lambda *given: sys.exit(77))
with open_place("ray:" + sys.argv[1]):
    signal.raise_signal(signal.SIGTERM)
"""


def test_sigterm_is_still_the_commands_own(cluster):
    done = subprocess.run(
        [sys.executable, "-c", TERMINATED, cluster.address], capture_output=True, timeout=120
    )
    assert done.returncode == 77, done.stderr


@pytest.mark.parametrize("on", ["ry", "local:x", "ray:", "slurm", "slurm:0", "slurm:x"])
def test_a_place_that_is_none_is_refused(on):
    with pytest.raises(UserError, match="it is local, ray, ray:ADDRESS"), open_place(on):
        pass
