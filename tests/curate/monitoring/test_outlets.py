"""A command tells its numbers in a file or on a port while it runs, and at the end they are the run's own."""

import json
import socket
import threading
import time
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_plain_text

from curate.monitoring import outlets
from curate.monitoring.families import JUDGED_SAMPLES
from curate.monitoring.outlets import open_board
from curate.options import fill
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.generate import GenerateOptions, GenerateResult, generate_samples
from filters.errors import UserError

Numbers = dict[tuple[str, ...], float]
OPEN_METRICS = {"Accept": "application/openmetrics-text; version=1.0.0"}


def read_numbers(text: str) -> Numbers:
    found: Numbers = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        for one in family.samples:
            values = {key: one.labels[key] for key in one.labels if key not in ("name", "node")}
            found[one.name, *values.values()] = found.get((one.name, *values.values()), 0) + one.value
    return found


def fetch(port: int) -> Numbers:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=OPEN_METRICS)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        return read_numbers(answer.read().decode())


def find_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def generate(folder: Path, metrics: str, delay_s: float = 0.0) -> GenerateResult:
    prompts, script = folder / "prompts.jsonl", folder / "script.jsonl"
    rows = [{"id": str(n), "prompt": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(6)]
    prompts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    answers = [{"text": f"\\boxed{{{n}}}", "tokens": 7, "delay_s": delay_s} for n in range(4)]
    refused = {"prompt": "What is 5 + 1?", "responses": [{"refused": "no"}]}
    script.write_text(json.dumps({"prompt": "*", "responses": answers}) + "\n" + json.dumps(refused) + "\n")
    asked = {
        "run": folder / "run", "prompts": str(prompts), "samples": 4, "workers": 1, "metrics": metrics,
        "engine": {"kind": "scripted", "model": str(script), "concurrency": 2},
    }  # fmt: skip
    return generate_samples(fill(GenerateOptions, asked, "test"))


def require_equal(numbers: Numbers, result: GenerateResult) -> None:
    counts = result.counts
    assert counts is not None and counts.whole == 20 and counts.partial == {"failed": 4}
    assert numbers["r1curate_samples_total", "whole"] == counts.whole
    assert numbers["r1curate_samples_total", "failed"] == 4
    assert numbers["r1curate_tokens_total",] == counts.tokens == 140
    assert numbers["r1curate_accepted_total",] == counts.accepted
    assert numbers["r1curate_not_accepted_total", "different"] == counts.reasons["different"]
    assert counts.accepted + counts.reasons["different"] == 20
    assert numbers["r1curate_prompts",] == numbers["r1curate_prompts_finished",] == 6


def test_a_file_holds_the_totals_of_the_run(tmp_path: Path):
    file = tmp_path / "r1curate.prom"
    result = generate(tmp_path, str(file))
    text = file.read_text()
    numbers = read_numbers(text)
    require_equal(numbers, result)
    assert any(key[0] == "r1curate_build_info" and "generate" in key for key in numbers)
    # What node_exporter reads is the older text format, in which these lines mean the same.
    plain = {s.name: s.value for family in parse_plain_text(text) for s in family.samples}
    assert plain["r1curate_tokens_total"] == 140
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "prompts.jsonl", "r1curate.prom", "run", "script.jsonl",
    ]  # fmt: skip


def test_a_port_serves_the_numbers_while_a_command_runs_and_is_free_after_it(tmp_path: Path, monkeypatch):
    port, seen = find_port(), []
    made = threading.Event()
    closing = outlets._serve

    def serve(*given):
        close = closing(*given)

        def look_and_close():
            seen.append(fetch(port))
            close()

        return look_and_close

    monkeypatch.setattr(outlets, "_serve", serve)
    results = []

    def work():
        results.append(generate(tmp_path, f":{port}", delay_s=0.05))
        made.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not made.is_set() and not seen:
        try:
            assert ("r1curate_start_time_seconds",) in fetch(port)
        except OSError:
            time.sleep(0.01)
    thread.join()
    require_equal(seen[-1], results[0])
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
        again.listen()
    assert not [one for one in threading.enumerate() if one.name == "metrics"]


def test_checks_are_counted_by_what_they_judged(tmp_path: Path):
    generate(tmp_path, str(tmp_path / "a.prom"))
    options = {
        "source": str(tmp_path / "run"), "check": ["format", "language"], "workers": 1,
        "metrics": str(tmp_path / "b.prom"),
    }  # fmt: skip
    filter_samples(fill(FilterOptions, options, "test"))
    numbers = read_numbers((tmp_path / "b.prom").read_text())
    for check in ("format", "language"):
        assert numbers["r1curate_judged_samples_total", check] == 20
        assert numbers["r1curate_samples_to_judge", check] == 20


def test_a_busy_port_is_refused_before_anything_is_sampled(tmp_path: Path):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(UserError, match=r"nothing can be served there \(Address already in use\)"):
            generate(tmp_path, f"127.0.0.1:{busy.getsockname()[1]}")
    assert not (tmp_path / "run" / "samples").exists()


@pytest.mark.parametrize(
    "where", ["", "x", "metrics.txt", ":0", ":70000", ":x", "http://h:1", "nowhere/x.prom", "a b:80"]
)
def test_what_is_no_file_and_no_address_is_refused(where, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(UserError, match=r"--metrics .*(it is a file|cannot be written)"),
        open_board(where, "t"),
    ):
        pass
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_any_more_ends_no_work(tmp_path: Path, monkeypatch, caplog):
    monkeypatch.setattr(outlets, "EVERY_S", 0.01)
    folder = tmp_path / "gone"
    folder.mkdir()
    with open_board(str(folder / "x.prom"), "t") as board:
        (folder / "x.prom").unlink()
        while not (folder / "x.prom").exists():
            time.sleep(0.01)
        moved = folder.rename(tmp_path / "elsewhere")
        while not caplog.records:
            time.sleep(0.01)
        assert board is not None
        board.add(JUDGED_SAMPLES, 1, "t", "format", "here")
    assert "cannot be written any more" in caplog.text
    assert (moved / "x.prom").exists()


def test_nobody_asks_and_nothing_is_told():
    with open_board(None, "t") as board:
        assert board is None
