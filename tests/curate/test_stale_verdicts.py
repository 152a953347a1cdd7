"""A verdict belongs to the text beside it and to the check as it was last asked for, or it decides nothing."""

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.calibration.ask_cases import HOPELESS
from curate.checking.run_checks import run_checks
from curate.engines import scripted
from curate.engines.scripted import Response, ScriptedEngine
from curate.options import fill
from curate.readers.import_samples import import_rows, import_source
from curate.readers.read_samples import Traces
from curate.readers.row import Row
from curate.selection.mixing import make_set
from curate.selection.rules import Rules
from curate.selection.sources import Source
from curate.stages.generate import GenerateOptions, generate_samples
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.joined import join_samples
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_parts
from curate.store.verdicts import list_deciding_labels
from filters.engine import Request
from filters.errors import UserError, WorkUndone
from filters.spec import CheckSpec, make_spec

OWN = """
from filters import SampleCheck, Verdict

class Own(SampleCheck):
    def judge(self, sample):
        return Verdict({ok}, "said")
"""
TEXTS = ["\\boxed{4}", "\\boxed{5}", "\\boxed{4}, as said"]


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def import_texts(run: Run, texts: Sequence[str] = TEXTS, name: str = "t") -> None:
    rows = [{"prompt": "2+2?", "answer": "4", "response": text, "id": str(n)} for n, text in enumerate(texts)]
    import_rows(run, name, [Row(f"row {n}", row) for n, row in enumerate(rows)], (), True)


def mix(run: Run, source: str = "t", **options: Any) -> list[str]:
    made = make_set(run, "s", [Source(source=source, **options)], Rules(0), options)
    return sorted(pl.read_parquet(made.folder)["completion"].list.first().struct.field("content"))


def oks(run: Run, label: str) -> list[bool | None]:
    return join_samples(run, "t", [label], ())[f"{label}:ok"].to_list()


def generate(run: Path, folder: Path, text: str, **more: Any) -> None:
    script = write(folder / "script.jsonl", [{"prompt": "*", "responses": [{"text": text}]}])
    prompts = write(folder / "prompts.jsonl", [{"prompt": "2+2?", "answer": "4"}])
    values = {"run": run, "name": "t", "prompts": str(prompts), "samples": 1, "workers": 1, **more}
    generate_samples(
        fill(GenerateOptions, {**values, "engine": {"kind": "scripted", "model": str(script)}}, "g")
    )


def test_verdicts_on_another_text_under_the_same_id_are_made_again(tmp_path: Path):
    """Samples that are deleted and generated anew have their old ids and may have other texts: servers ignore seeds."""
    run = Run(tmp_path / "run")
    texts = iter(["It is \\boxed{4}.", "It is \\boxed{5}."])
    ids = []
    for text in texts:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(scripted, "digest_file", lambda path: "the same")
            patch.setattr("curate.engines.identity.digest_file", lambda path: "the same")
            generate(run.path, tmp_path, text, check=[])
            verify_samples(fill(VerifyOptions, {"source": str(run.path), "workers": 1}, "v"))
        (part,) = list_parts(run.samples("t"))
        ids += scan_parts(run.samples("t")).collect()["sample_id"].to_list()
        assert oks(run, "math_answer") == [text == "It is \\boxed{4}."]
        part.unlink()
    assert ids[0] == ids[1]


def test_a_text_changed_by_hand_is_not_taken_for_the_one_that_was_judged(tmp_path: Path):
    run = Run(tmp_path)
    import_texts(run)
    run_checks(run, "t", [make_spec("math_answer")], workers=1)
    (part,) = list_parts(run.samples("t"))
    rows = pl.read_parquet(part).with_columns(response=pl.lit("\\boxed{9}"))
    rows.write_parquet(part)
    run_checks(run, "t", [make_spec("math_answer"), make_spec("format")], workers=1)
    with pytest.raises(UserError, match="has a verdict on another text of sample row-0"):
        join_samples(run, "t", ["format"], ())


def test_a_check_of_ones_own_is_run_anew_when_its_code_changes(tmp_path: Path):
    """In processes of their own, as commands are: a module is imported once in each."""
    run, place = Run(tmp_path / "run"), tmp_path / "own.py"
    import_texts(run)
    digests = []
    for ok in (True, False):
        place.write_text(OWN.format(ok=ok), "utf-8")
        forget(place)
        spec = make_spec(f"{place}:Own")
        run_checks(run, "t", [spec], workers=1)
        digests.append(spec.build().digest)
        assert oks(run, "own") == [ok] * 3
    assert digests[0] != digests[1]
    place.write_text(OWN.format(ok=None), "utf-8")
    with pytest.raises(UserError, match=r"The check 'own' in '.*own\.py' has changed since it was run"):
        mix(run)


def forget(place: Path) -> None:
    """What a new process would not know."""
    import sys

    from filters.check import find_code
    from filters.check_files import name_module

    sys.modules.pop(name_module(place.resolve()), None)
    find_code.cache_clear()


def test_mix_is_decided_by_the_last_checks_of_each_command_and_names_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    run = Run(tmp_path / "run")
    import_texts(run)
    (run.samples("t") / "generation.json").write_text("{}")
    run_checks(run, "t", [make_spec("math_answer")], workers=1, command="generate")
    run_checks(run, "t", [make_spec("format"), make_spec("overlong")], workers=1, command="filter")
    assert list_deciding_labels(run, "t") == ["math_answer", "format", "overlong"]
    run_checks(run, "t", [make_spec("repetition")], workers=1, command="filter")
    assert list_deciding_labels(run, "t") == ["math_answer", "repetition"]
    with caplog.at_level("INFO"):
        assert mix(run) == [TEXTS[0], TEXTS[2]]
    assert "'t' is decided by: math_answer, repetition; left out: format, overlong." in caplog.messages


def test_verdicts_with_other_options_on_a_part_decide_nothing(tmp_path: Path):
    """As a `verify` leaves them that was killed between two parts."""
    run = Run(tmp_path / "run")
    import_texts(run)
    run_checks(run, "t", [make_spec("overlong:max_tokens=9")], workers=1)
    before = run.sidecar("t", "overlong", list_parts(run.samples("t"))[0]).read_bytes()
    run_checks(run, "t", [make_spec("overlong:max_tokens=10")], workers=1)
    run.sidecar("t", "overlong", list_parts(run.samples("t"))[0]).write_bytes(before)
    with pytest.raises(
        UserError, match="has verdicts of 'overlong' with other options on a part: run verify or"
    ):
        mix(run)


def test_samples_added_since_a_check_compared_them_are_told(tmp_path: Path):
    run = Run(tmp_path / "run")
    import_texts(run)
    run_checks(run, "t", [make_spec("agreement")], workers=1)
    import_texts(Run(tmp_path / "other"))
    (more,) = list_parts(Run(tmp_path / "other").samples("t"))
    rows = pl.read_parquet(more).with_columns(pl.col("sample_id") + "x")
    rows.write_parquet(run.samples("t") / "part-00001.parquet")
    run_checks(run, "t", [make_spec("format")], workers=1)
    with pytest.raises(UserError, match="Samples were added to 't' since 'agreement' compared"):
        mix(run, checks=("agreement",))


def test_rows_with_equal_prompt_and_answer_keep_their_own_columns(tmp_path: Path):
    run = Run(tmp_path / "run")
    rows = [
        {
            "prompt": "Say it.",
            "response": f"text {n}",
            "language": language,
            "domain": f"d{n}",
            "note": n,
            "id": f"r{n}",
        }
        for n, language in enumerate(["en", "de", "en"])
    ]
    write(tmp_path / "rows.jsonl", rows)
    import_source(run, "t", Traces(str(tmp_path / "rows.jsonl")))
    made = make_set(run, "s", [Source(source="t")], Rules(0), {})
    told = pl.read_parquet(made.folder).sort("domain").select("language", "domain").rows()
    assert told == [("en", "d0"), ("de", "d1"), ("en", "d2")]


def judge_spec(tmp_path: Path) -> CheckSpec:
    script = write(
        tmp_path / "judge.jsonl", [{"prompt": "*", "responses": [{"text": "Right.\nVERDICT: CORRECT"}]}]
    )
    return make_spec({"check": "judge", "options": {"engine": {"kind": "scripted", "model": str(script)}}})


def count_requests(monkeypatch: pytest.MonkeyPatch, answer: Any = None) -> list[Request]:
    asked: list[Request] = []
    complete = ScriptedEngine.complete

    async def counted(self: ScriptedEngine, request: Request) -> Any:
        asked.append(request)
        if answer is not None:
            answer(len(asked))
        return await complete(self, request)

    monkeypatch.setattr(ScriptedEngine, "complete", counted)
    return asked


@pytest.mark.usefixtures("trusted_judges")
def test_a_source_that_was_touched_or_grew_keeps_its_judges_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run, file = Run(tmp_path / "run"), tmp_path / "rows.jsonl"
    rows = [{"prompt": f"{n}+1?", "answer": str(n + 1), "response": f"\\boxed{{{n}}}"} for n in range(5)]
    write(file, rows)
    asked, spec = count_requests(monkeypatch), judge_spec(tmp_path)
    import_source(run, "t", Traces(str(file)))
    run_checks(run, "t", [spec], workers=1)
    assert len(asked) == 5
    os.utime(file, (time.time() + 9, time.time() + 9))
    import_source(run, "t", Traces(str(file)))
    run_checks(run, "t", [spec], workers=1)
    assert len(asked) == 5
    write(file, [{"prompt": "0+0?", "answer": "0", "response": "\\boxed{7}"}, *reversed(rows)])
    import_source(run, "t", Traces(str(file)))
    run_checks(run, "t", [spec], workers=1)
    assert len(asked) == 6
    assert oks(run, "judge") == [True] * 6


@pytest.mark.usefixtures("trusted_judges")
def test_what_a_judge_said_before_a_kill_is_not_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    run = Run(tmp_path / "run")
    rows = [{"prompt": f"{n}+1?", "answer": str(n + 1), "response": f"\\boxed{{{n}}}"} for n in range(200)]
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(rows)], ())

    def interrupt(number: int) -> None:
        if number == 200:
            raise KeyboardInterrupt

    spec = judge_spec(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        count_requests(patch, interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_checks(run, "t", [spec], workers=1)
    kept = run.answers("t", "judge").read_bytes().count(b"\n")
    assert kept > 50
    asked = count_requests(monkeypatch)
    run_checks(run, "t", [spec], workers=1)
    assert len(asked) == 200 - kept
    assert oks(run, "judge") == [True] * 200
    assert not (run.verdicts("t") / "judge" / "journal.jsonl").exists()


@pytest.mark.usefixtures("trusted_judges")
def test_a_judge_whose_engine_is_gone_ends_the_work_and_keeps_what_it_said(tmp_path: Path):
    run = Run(tmp_path / "run")
    rows = [{"prompt": f"{n}+1?", "answer": str(n + 1), "response": f"\\boxed{{{n}}}"} for n in range(200)]
    import_rows(run, "t", [Row(f"row {n}", row) for n, row in enumerate(rows)], ())
    asked = 0
    answer = scripted._Script.__call__

    def gone(self: Any, request: Request) -> Response:
        nonlocal asked
        asked += 1
        return answer(self, request) if asked <= 100 else Response(error="connection refused")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scripted._Script, "__call__", gone)
        with pytest.raises(
            WorkUndone, match=f"no answer from its engine {HOPELESS} times in a row.*connection refused"
        ):
            run_checks(run, "t", [judge_spec(tmp_path)], workers=1)
    assert (run.verdicts("t") / "judge" / "journal.jsonl").read_bytes().count(b"\n") == 100


def test_a_check_of_ones_own_whose_file_is_gone_is_told(tmp_path: Path):
    run, place = Run(tmp_path / "run"), tmp_path / "own.py"
    import_texts(run)
    place.write_text(OWN.format(ok=True), "utf-8")
    run_checks(run, "t", [make_spec(f"{place}:Own")], workers=1)
    place.unlink()
    with pytest.raises(UserError, match=r"The check 'own' in '.*own\.py' is gone: run verify or filter"):
        mix(run, checks=("own",))


@pytest.mark.parametrize("step", range(9))
@pytest.mark.parametrize("again", [False, True])
def test_an_import_that_is_cut_off_leaves_samples_with_their_record_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int, again: bool
):
    """Samples without the record of their import would count as generated."""
    run, source = Run(tmp_path / "run"), tmp_path / "rows.jsonl"
    if again:
        import_source(run, "t", Traces(str(write(source, [{"prompt": "1?", "response": "1"}]))))
    write(source, [{"prompt": "2?", "response": "2"}])
    done = []

    def stop_at(move: Any) -> Any:
        def stop(path: Path, target: Path) -> Path:
            if len(done) == step:
                raise KeyboardInterrupt
            done.append(target)
            return move(path, target)

        return stop

    with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
        patch.setattr(Path, "rename", stop_at(Path.rename))
        patch.setattr(Path, "replace", stop_at(Path.replace))
        import_source(run, "t", Traces(str(source)))
    assert run.import_info("t").exists() == bool(list_parts(run.samples("t")))
    import_source(run, "t", Traces(str(source)))
    assert scan_parts(run.samples("t")).collect()["response"].to_list() == ["2"]
