"""The line and the metrics file say what was done, and that a run lives where no sample ends for long."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest

from curate.sampling import progress as live
from curate.sampling.budget import Counts
from curate.sampling.node_work import NodeWork
from curate.sampling.progress import SamplingProgress, describe_progress, make_metrics_line
from curate.store.run_metrics import add_array_metrics, read_last_nodes, read_last_speed, read_replica_speed

COUNTS = Counts(whole=8, accepted=4, tokens=800, prompts=2, reasons=Counter({"different": 3, "cut": 1}))


class Line:
    def __init__(self) -> None:
        self.done, self.said = 0, ""

    def advance(self, count: int = 1, remark: str | None = None) -> None:
        self.done, self.said = self.done + count, remark or ""


def test_the_line_names_speed_cost_and_the_commonest_reason():
    assert (
        describe_progress(COUNTS, 4.0)
        == "200 tokens/s, 1.0 accepted/s, 200 tokens per accepted, not: different 38%"
    )


def test_a_metrics_line_adds_up():
    line = make_metrics_line(COUNTS, 4.0, 10, 8.0)
    assert (line["prompts"], line["prompts_asked"], line["samples"], line["accepted"]) == (2, 10, 8, 4)
    assert (line["tokens_per_second"], line["tokens_per_accepted"]) == (200.0, 200.0)


def test_it_shows_and_writes_without_a_sample_ending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live, "SHOWN_EVERY_S", 0.01)
    monkeypatch.setattr(live, "EVERY_S", 0.03)
    line, path = Line(), tmp_path / "metrics.jsonl"
    assert read_last_speed(path) is None

    async def go() -> None:
        following = asyncio.create_task(SamplingProgress(line, path, "t", COUNTS, 10).follow())
        while not path.exists() or path.read_text().count("\n") <= 2:
            await asyncio.sleep(0.01)
        following.cancel()

    asyncio.run(asyncio.wait_for(go(), 60))
    written = [json.loads(text) for text in path.read_text().splitlines()]
    assert len(written) > 2
    assert line.done == 2
    assert "different" in line.said
    assert read_last_speed(path) == written[-1]["tokens_per_second"] > 0


def test_the_speed_of_one_replica_is_that_of_all_commands_by_the_time_of_all_replicas(tmp_path: Path):
    path = tmp_path / "metrics.jsonl"
    assert read_replica_speed(path) is None
    lines = [
        {"seconds": 10.0, "tokens": 500, "replica_seconds": 20.0},
        {"seconds": 20.0, "tokens": 1000, "replica_seconds": 40.0},
        {"seconds": 5.0, "tokens": 90, "replica_seconds": 10.0},  # the next command
        {"seconds": 4.0, "tokens": 10**6},  # one of an earlier version, of how many replicas it does not say
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_replica_speed(path) == (1000 + 90) / (40 + 10)


def test_the_jobs_of_an_array_are_told_as_one_command(tmp_path: Path):
    run = tmp_path / "metrics.jsonl"
    run.write_text(json.dumps({"seconds": 3.0, "tokens": 60, "replica_seconds": 3.0}) + "\n")

    def write(name: str, *ends: tuple[float, int]) -> Path:
        told = {"time": 1.0, "samples": 2, "accepted": 1, "stopped": 1}
        lines = [{**told, "seconds": s, "replica_seconds": 2 * s, "tokens": tokens} for s, tokens in ends]
        (tmp_path / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
        return tmp_path / name

    add_array_metrics(run, "a", [[]])
    assert read_replica_speed(run) == 20, "nothing was told"
    killed, again = write("killed", (10.0, 100), (20.0, 200)), write("again", (25.0, 250))
    jobs = [[killed, again], [write("other", (40.0, 350))]]
    for _ in range(2):
        add_array_metrics(run, "a", jobs)
        (line,) = [json.loads(text) for text in run.read_text().splitlines()[1:]]
    assert (line["samples"], line["stopped"], line["tokens"], line["seconds"]) == (6, 3, 800, 45)
    assert read_last_speed(run) == round(800 / 45, 1)
    assert read_replica_speed(run) == (60 + 800) / (3 + 170)
    with run.open("a") as file:  # the next command, whose first line comes later than the array took
        file.write(json.dumps({"seconds": 50.0, "tokens": 100, "replica_seconds": 50.0}) + "\n")
    add_array_metrics(run, "a", [*jobs, [write("rest", (5.0, 40))]])
    assert read_replica_speed(run) == (60 + 840 + 100) / (3 + 180 + 50), (
        "an array that is told again counts once"
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\x00{",
        b"[1]",
        b"{}",
        b'{"seconds": "1", "tokens": 2}',
        b'{"seconds": 9',
        b'{"seconds": NaN, "tokens": 1}',
    ],
)
def test_lines_that_tell_of_no_call_are_passed_over(tmp_path: Path, line: bytes):
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(
        line + b'\n{"seconds": 10.0, "tokens": 500, "replica_seconds": 20.0}\n' + line + b"\n" + line
    )
    assert read_replica_speed(path) == 25
    assert (read_last_speed(path), read_last_nodes(path)) == (None, [])


def test_replicas_that_come_and_go_are_counted_by_their_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    clock = iter([0.0, 10.0, 30.0, 40.0])
    now = [0.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: now[0])
    path = tmp_path / "metrics.jsonl"
    progress = SamplingProgress(Line(), path, "t", Counts(), 10)
    for samplers in (0, 2, 3, 1):
        now[0] = next(clock) + 1e-9
        progress.take(COUNTS, [NodeWork("a (1)", {"working": samplers}, COUNTS, 1.0)])
    progress.write()
    assert json.loads(path.read_text().splitlines()[-1])["replica_seconds"] == 2 * 20 + 3 * 10


NODES = [
    NodeWork("a (1)", {"working": 2, "lost": 1}, Counts(whole=6, accepted=3, tokens=600), 3.0),
    NodeWork("b (2)", {"starting": 1}, Counts(), 0.0),
    NodeWork("c (3)", {"failed": 1}, Counts(whole=2, accepted=1, tokens=200), 2.0),
]


def test_machines_are_told_apart_where_there_are_several(tmp_path: Path):
    line, path = Line(), tmp_path / "metrics.jsonl"
    live = SamplingProgress(line, path, "t", Counts(), 10, finished=3)
    live.take(COUNTS, NODES)
    live.write()
    assert line.said.endswith("3 replicas on 2 machines, 2 lost")
    (written,) = map(json.loads, path.read_text().splitlines())
    assert (written["prompts"], written["prompts_asked"]) == (5, 10)
    assert written["nodes"][0] == {
        "node": "a (1)", "replicas": 2, "state": "working", "samples": 6, "accepted": 3, "tokens": 600,
        "tokens_per_second": 200.0,
    }  # fmt: skip
    assert [one["state"] for one in written["nodes"]] == ["working", "starting", "failed"]
    assert read_last_nodes(path) == written["nodes"]
    live.take(COUNTS, NODES[:1])
    live.write()
    assert read_last_nodes(path) == []
    assert "nodes" not in make_metrics_line(COUNTS, 4.0, 10, 4.0, nodes=NODES[:1])
