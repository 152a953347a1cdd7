"""What must hold of a run after any step, told from its files and from what the scripted model answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from curate.audit.run_examination import examine_run
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.selection.funnel import count_fates, decide_fates
from curate.store.finished_sets import list_set_files
from curate.store.joined import EITHER, join_part, verdict_column
from curate.store.journal_lines import read_journal
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import PromptIndex, read_batches
from curate.store.verdict_index import index_verdicts
from curate.store.verdicts import list_deciding_labels, read_checks, require_current
from curate.store.whole_files import read_json
from filters.check import Check, EngineCheck
from filters.errors import UserError
from filters.registry import make_check
from filters.types import Sample
from tests.curate.interleavings.world import PROMPTS, expect_response

BY_ID = {prompt.id: prompt for prompt in PROMPTS}


def observe(folder: Path, step: dict[str, Any], code: int | None) -> dict[str, Any]:
    """Assert what holds after a step that ended with this code (None: killed), and tell which samples are there."""
    run = Run(folder / "run")
    told: dict[str, Any] = {}
    for name in run.sample_names():
        told[name] = sorted(_assert_samples(run, name))
        _assert_verdicts(run, name)
        _assert_funnel(run, name)
    if code in (0, 1) and step["do"] == "generate":
        _assert_generated(run, step, code)
    if code == 0 and step["do"] == "mix":
        _assert_set(run, step["name"])
    if code in (0, 1) and step["do"] == "evaluate":
        _assert_evaluation(run, step["samples"])
    if code == 0 and step["do"] in ("verify", "filter"):
        told["faults"] = [finding.what for finding in examine_run(run) if finding.fault]
    return told


def _assert_samples(run: Run, name: str) -> Iterator[str]:
    """Each is there once, and is the text that its seed is answered; yields the ids of all that were acknowledged."""
    if run.import_info(name).exists():
        return
    if not run.generation(name).exists():  # killed before it began to sample
        assert list_parts(run.samples(name)) == list(read_journal(run.journal(name))) == []
        return
    command = "evaluate" if name.startswith("eval-") else "generate"
    model = _read_model(run, name)
    parts = list_parts(run.samples(name))
    rows = scan_files(parts).collect().to_dicts() if parts else []
    assert len({row["sample_id"] for row in rows}) == len(rows), "a sample stands twice"
    assert len({(row["prompt_id"], row["index"]) for row in rows}) == len(rows), "an index stands twice"
    for row in rows:
        answer = expect_response(model, BY_ID[row["prompt_id"]], row["index"], command)
        assert (row["response"], row["finish"]) == (answer["text"], answer.get("finish", "stop")), row
        yield row["sample_id"]
    yield from (row["sample_id"] for row in read_journal(run.journal(name)) if row.get("status") == "whole")


def _read_model(run: Run, name: str) -> str:
    return Path(read_json(run.generation(name))["model"]).stem


def _assert_verdicts(run: Run, name: str) -> None:
    """Whatever can be read as a verdict on a sample is what its check says of that sample's text."""
    for entry in read_checks(run, name):
        label = entry["label"]
        for part in list_parts(run.samples(name)):
            try:
                require_current(run, name, [label])
                found = join_part(run, name, part, [label], ())
            except UserError:
                continue
            check = make_check(entry["check"], entry["options"])
            if isinstance(check, EngineCheck) or check.digest != entry["digest"]:
                continue
            samples = [s for batch in read_batches(part, PromptIndex(run.prompts(name)), 99) for s in batch]
            said = [verdict.ok for verdict in _judge(check, samples)]
            assert found[verdict_column(label)].to_list() == said, (name, label)


def _judge(check: Check, samples: list[Sample]) -> list[Any]:
    return check.check(samples)


def _assert_funnel(run: Run, name: str) -> None:
    labels = list_deciding_labels(run, name)
    try:
        fates = decide_fates(run, name, labels)
    except UserError:
        return
    unselected = fates.with_columns(pl.col("fate").replace("accepted", "unselected"))
    count_fates(name, unselected, labels)  # asserts that it adds up
    parts = list_parts(run.samples(name))
    whole = set(scan_files(parts).select("sample_id").collect()["sample_id"]) if parts else set()
    partial = list_parts(run.samples(name), PARTIAL)
    others = set(scan_files(partial).select("sample_id").collect()["sample_id"]) if partial else set()
    assert set(fates["sample_id"]) == whole | others, "a sample has no fate"
    assert fates.height == len(whole | others), "a sample has two fates"


def _assert_generated(run: Run, step: dict[str, Any], code: int) -> None:
    """Exit 0 means that all that was asked is there, or was refused for good."""
    rule = StoppingRule(
        **{key: value for key, value in step["options"].items() if key in ("samples", "accept")}
    )
    deciding = [label for either in list_deciding_labels(run, "teacher") for label in either.split(EITHER)]
    labels = [label for label in deciding if label in ("math_answer", "format")]
    asked = read_json(run.checks("teacher"))["asked"]["generate"]
    known = index_verdicts(run, "teacher", [label for label in asked if label in labels])
    finished = [PromptProgress(rule, known.get(prompt.id, {})).is_finished for prompt in PROMPTS]
    assert (code == 0) == all(finished), (code, finished)
    if rule.accept is None:
        for prompt in PROMPTS:
            answers = [expect_response(_read_model(run, "teacher"), prompt, i) for i in range(rule.samples)]
            expected = {index for index, answer in enumerate(answers) if "error" not in answer}
            assert expected <= set(known.get(prompt.id, {})), "what was asked for is not there"


def _assert_set(run: Run, name: str) -> None:
    """Every row is a sample of the run, with its very text, that the checks which decided accept."""
    info = read_json(run.set_info(name))
    rows = scan_files(list_set_files(run, name)).collect().to_dicts()
    assert len({row["id"] for row in rows}) == len(rows) == info["rows"]
    for funnel in info["funnels"]:
        source, labels = funnel["source"], info["checks"][funnel["source"]]
        mine = {row["id"]: row for row in rows if row["source"] == source}
        assert len(mine) == funnel["selected"]
        parts = list_parts(run.samples(source))
        texts = scan_files(parts).select("sample_id", "response").collect().iter_rows() if parts else ()
        there = dict(texts)
        assert all(there[key] == row["completion"][0]["content"] for key, row in mine.items())
        fates = decide_fates(run, source, labels)
        accepted = set(fates.filter(pl.col("fate") == "accepted")["sample_id"])
        assert mine.keys() <= accepted
        assert fates.height == funnel["sampled"]


def _assert_evaluation(run: Run, samples: int) -> None:
    """pass@1 is that of the answers, failures left out and counted."""
    metrics = read_json(run.evaluation_metrics("e"))
    grades: list[list[bool | None]] = []
    for prompt in PROMPTS:
        answers = [expect_response("a", prompt, index, "evaluate") for index in range(samples)]
        grades.append([_grade(prompt.id, json.dumps(answer)) for answer in answers])
    shares = [[ok for ok in row if ok is not None] for row in grades]
    means = [sum(row) / len(row) for row in shares if row]
    value = metrics["pass@1"]["value"]
    assert value is None if not means else abs(value - sum(means) / len(means)) < 1e-9, (value, grades)


@lru_cache
def _grade(prompt_id: str, answer: str) -> bool | None:
    said = json.loads(answer)
    if "error" in said:
        return None
    if "refused" in said:
        return False
    sample = Sample("", BY_ID[prompt_id], said["text"], finish=said.get("finish", "stop"))
    return make_check("math_answer").check([sample])[0].ok
