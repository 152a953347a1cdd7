"""The commands as a user gives them, on the scripted engine: one run from prompts to a set and its traces."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from curate.store.layout import Run
from curate.store.parquet import read_part_info, scan_parts

PROBLEMS = [
    {"id": f"p{n}", "prompt": f"What is {n} + {n}?", "answer": 2 * n, "domain": "math"} for n in range(1, 7)
]


def chain(n: int, result: int) -> str:
    return f"<think>\nI add {n} and {n}. That makes {result}.\n</think>\nThe answer is \\boxed{{{result}}}."


def script(folder: Path) -> Path:
    """Right answers mostly; one wrong, one code-laden, one in two languages, one without an answer."""
    path = folder / "script.jsonl"
    with path.open("w") as file:
        for problem in PROBLEMS:
            n = problem["answer"] // 2
            texts = [
                chain(n, 2 * n),
                chain(n, 2 * n + 1),
                chain(n, 2 * n).replace("<think>\n", f"<think>\n```python\nprint({n} + {n})\n```\n"),
                chain(n, 2 * n).replace("That makes", "所以我们把这两个数加起来得到"),
                "<think>\nI do not know.",
            ]
            line = {"prompt": problem["prompt"], "responses": [{"text": text} for text in texts]}
            file.write(json.dumps(line) + "\n")
    return path


def r1curate(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "curate.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that was generated, verified while sampling, filtered and mixed by the command line."""
    folder = tmp_path_factory.mktemp("commands")
    problems = folder / "problems.jsonl"
    problems.write_text("".join(json.dumps(row) + "\n" for row in PROBLEMS))
    general = folder / "general.jsonl"
    general.write_text(json.dumps({"prompt": "Hello", "response": "Hello! How can I help?"}) + "\n")
    path = folder / "run"
    engine = ("--engine", "scripted", "--model", script(folder))
    for command in (
        ("generate", "--run", path, "--prompts", problems, "--samples", 8, *engine),
        ("filter", path),
        ("mix", "--run", path, "--source", "teacher:per_prompt=2", "--source", general),
    ):
        done = r1curate(*command)
        assert done.returncode == 0, done.stderr
    return Run(path)


def test_generate_verifies_while_sampling(run: Run):
    joined = (
        scan_parts(run.samples("teacher"))
        .collect()
        .hstack(scan_parts(run.verdicts("teacher") / "math_answer").select("ok", "reason").collect())
    )
    assert joined.height == 48
    for row in joined.to_dicts():
        right = row["response"].endswith("}.") and "I do not know" not in row["response"]
        wrong_sum = any(
            f"boxed{{{problem['answer'] + 1}}}" in row["response"] and problem["answer"]
            for problem in PROBLEMS
        )
        if not right:
            assert row["ok"] is False
        elif not wrong_sum:
            assert row["ok"] is True, row


def test_generate_leaves_a_metrics_file(run: Run):
    *_, last = (run.samples("teacher") / "metrics.jsonl").read_text().splitlines()
    metrics = json.loads(last)
    assert (metrics["samples"], metrics["prompts"]) == (48, len(PROBLEMS))
    assert metrics["reasons"]["different"] + metrics["accepted"] <= 48
    assert metrics["tokens_per_second"] > 0


def test_each_prompts_pass_rate_stands_beside_the_samples(run: Run):
    rates = pl.read_parquet(run.pass_rates("teacher"))
    assert rates.height == len(PROBLEMS)
    assert set(rates["samples"]) == {8}
    assert not any(rates["enough"])
    assert rates["pass_rate"].to_list() == (rates["accepted"] / (8 - rates["undecided"])).to_list()


def test_the_set_holds_only_clean_chains(run: Run):
    rows = pl.read_parquet(run.set("sft") / "*.parquet")
    texts = [row["content"] for row in rows["completion"].list.first()]
    assert "Hello! How can I help?" in texts
    assert len(texts) > 3
    assert not [text for text in texts if "```" in text or "所以" in text or "do not know" in text]
    funnel = json.loads((run.path / "sets/sft.json").read_text())["funnels"][0]
    assert funnel["sampled"] == 48
    assert funnel["rejected"]["math_answer"] > 0
    assert funnel["rejected"]["language"] > 0
    assert funnel["rejected"]["code_blocks"] > 0


def test_explain_traces_a_row_to_its_verdicts(run: Run):
    key = pl.read_parquet(run.set("sft") / "*.parquet").filter(pl.col("source") == "teacher")["id"][0]
    shown = r1curate("explain", key, "--run", run.path)
    assert shown.returncode == 0, shown.stderr
    for word in ("teacher, index", "math_answer", "language", "sft: selected"):
        assert word in shown.stdout
    missing = r1curate("explain", "zzz", "--run", run.path)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)


def test_a_changed_option_makes_one_sidecar_anew(run: Run):
    def states() -> dict[str, tuple[int, str]]:
        files = sorted((run.verdicts("teacher")).glob("*/part-*.parquet"))
        return {file.parent.name: (file.stat().st_mtime_ns, read_part_info(file)["digest"]) for file in files}

    before = states()
    assert r1curate("filter", run.path, "--name", "teacher").returncode == 0
    assert states() == before
    done = r1curate("filter", run.path, "--name", "teacher", "--check", "overlong:max_tokens=7")
    assert done.returncode == 0, done.stderr
    after = states()
    assert {name for name in before if before[name] != after[name]} == {"overlong"}


def test_another_model_is_refused_with_what_changed(run: Run, tmp_path: Path):
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"prompt": "*", "responses": [{"text": "x"}]}) + "\n")
    problems = run.path.parent / "problems.jsonl"
    command = ("generate", "--run", run.path, "--prompts", problems, "--engine", "scripted", "--model", other)
    refused = r1curate(*command, "--temperature", "0.5")
    assert refused.returncode == 2
    assert "temperature 1.0 -> 0.5" in refused.stderr
    assert "--name" in refused.stderr


def test_verify_writes_every_row_back_in_order(tmp_path: Path):
    source, out = tmp_path / "answers.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"answer": "4", "response": chain(2, 4), "note": {"kept": [1, None]}},
        {"answer": "4", "response": chain(2, 5)},
        {"answer": "4", "response": "no idea\u0000\ud800"},
        {"answer": "", "response": chain(2, 4)},
        {"answer": None, "response": None},
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = r1curate("verify", source, "--check", "math_answer", "--out", out)
    assert done.returncode == 0, done.stderr
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [{k: v for k, v in row.items() if k not in ("verdicts", "kept")} for row in written] == rows
    assert [row["verdicts"]["math_answer"]["ok"] for row in written] == [True, False, None, None, None]
    assert [row["kept"] for row in written] == [True, False, False, False, False]
    assert set(written[0]["verdicts"]["math_answer"]) == {"ok", "score", "reason"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["answers.jsonl", "out.jsonl"]


def test_a_bare_filter_leaves_adopted_files_alone(run: Run):
    assert r1curate("filter", run.path).returncode == 0
    assert not (run.verdicts("general") / "format").exists()
    mixed = r1curate(
        "mix", "--run", run.path, "--source", run.path.parent / "general.jsonl", "--name", "again"
    )
    assert mixed.returncode == 0, mixed.stderr
    assert pl.read_parquet(run.set("again") / "*.parquet").height == 1


def test_an_interrupted_run_is_not_taken_for_whole(tmp_path: Path):
    run = Run(tmp_path)
    run.samples("t").mkdir(parents=True)
    (run.samples("t") / "journal.jsonl").write_text("torn")
    refused = r1curate("filter", tmp_path)
    assert refused.returncode == 2
    assert "Sampling of 't' was interrupted; run generate again" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("filter", "nowhere"), "There is no run folder or file 'nowhere'"),
        (("filter", "{folder}"), "is not a run folder: it holds no samples"),
        (("report", "{folder}"), "is not a run folder"),
        (("explain", "", "--run", "{folder}"), "option 'id'"),
        (("verify", "{folder}/a.jsonl", "--out", "{folder}/a.jsonl"), "is the input itself"),
        (
            ("verify", "{folder}/a.jsonl", "--check", "{folder}/bad.py:X", "--out", "b.jsonl"),
            "bad.py, line 1",
        ),
    ],
)
def test_careless_commands_get_one_sentence(tmp_path: Path, command: tuple[str, ...], message: str):
    (tmp_path / "a.jsonl").write_text('{"answer": "1", "response": "1"}\n')
    (tmp_path / "bad.py").write_text("def (\n")
    refused = r1curate(*(part.replace("{folder}", str(tmp_path)) for part in command))
    assert refused.returncode == 2
    assert message in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_check_of_ones_own_is_named_after_its_class(tmp_path: Path):
    (tmp_path / "mine.py").write_text(
        "from filters.check import SampleCheck\nfrom filters.types import Verdict\n\n"
        "class NoDigits(SampleCheck):\n    def judge(self, sample):\n"
        "        return Verdict(not any(map(str.isdigit, sample.response)), 'digits')\n"
    )
    (tmp_path / "a.jsonl").write_text(
        '{"answer": "1", "response": "1"}\n{"answer": "1", "response": "one"}\n'
    )
    check, out = f"{tmp_path}/mine.py:NoDigits", tmp_path / "out.jsonl"
    assert r1curate("verify", tmp_path / "a.jsonl", "--check", check, "--out", out).returncode == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["verdicts"]["no_digits"]["ok"] for row in rows] == [False, True]
