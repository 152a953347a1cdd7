"""Any text anywhere: what a file, a model, a server or a check may say is stored, shown and published."""

import json
import re
import tempfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.cli import app as cli
from curate.engines.scripted import ScriptedEngine
from curate.options import fill
from curate.reporting.explanation import find_samples, trace_table
from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.generate import GenerateOptions, generate_samples
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.publish import PublishOptions, publish_folders
from curate.stages.report import ReportOptions, write_report
from curate.store.journal import SampleWriter
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import read_part_info, scan_parts, write_part, write_table
from curate.store.prompts_by_id import read_prompts
from curate.store.schema import PROMPTS, SAMPLES, VERDICTS, prompt_table, sample_row
from curate.store.verdicts import describe_check
from curate.store.whole_files import read_json, write_json
from filters.digest import digest
from filters.engine import EngineError
from filters.spec import make_spec
from filters.types import Prompt, Sample, Verdict, make_storable
from tests.shown import shown

WORST = (
    "\ud800\x00\x1b[2J\u202e[/bold]|`\n```\n<script>![x](http://evil.example/x)</script>&{{ 7*7 }}\r\udfff"
)
TEXT = st.text(st.characters(), max_size=30)
"""All characters, lone surrogates among them."""
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@settings(deadline=None, max_examples=10)
@example(WORST)
@given(TEXT)
def test_json_gives_back_what_it_was_given(text: str):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "x.json")
        write_json(file, {text: [text]})
        assert read_json(file) == {text: [text]}
        table = Path(folder, "x.parquet")
        write_part(table, [], SAMPLES, {text: text})
        assert read_part_info(table) == {text: text}


@settings(deadline=None, max_examples=10)
@example(WORST)
@given(TEXT)
def test_a_prompts_every_field_is_read_back_as_utf8_can_hold_it(text: str):
    prompt = Prompt.make(
        [{"role": text, "content": text}],
        text,
        source_id=text,
        domain=text,
        language=text,
        extra={text: text},
    )
    assert prompt.id == digest(prompt.messages, text), "identity is of the text as it was given"
    with tempfile.TemporaryDirectory() as folder:
        write_table(Path(folder, "part-00000.parquet"), prompt_table([prompt]))
        (found,) = read_prompts(Path(folder))
    kept = make_storable(text)
    assert (found.id, found.answer, found.source_id, found.domain) == (prompt.id, kept, kept, kept)
    assert found.messages == ({"role": kept, "content": kept},) and found.language == kept
    assert found.extra == {text: text}, "JSON can name what a table cannot hold"


@settings(deadline=None, max_examples=10)
@example(WORST)
@given(TEXT)
def test_every_column_of_text_takes_any(text: str):
    for schema in (PROMPTS, SAMPLES, VERDICTS):
        texts = [field.name for field in schema if field.type in (pa.string(), pa.large_string())]
        with tempfile.TemporaryDirectory() as folder:
            write_part(Path(folder, "part-00000.parquet"), [dict.fromkeys(texts, text)], schema)
            found = scan_parts(Path(folder)).collect().row(0, named=True)
        assert texts and {found[name] for name in texts} == {make_storable(text)}


def test_text_that_utf8_can_hold_is_never_changed():
    for text in ("", "aü\x00\ufffd\U0001f600\ufeff", "\u202e"):
        assert make_storable(text) == text
    assert make_storable("\ud83d\ude00 \ud83d x \ude00") == "\U0001f600 \ufffd x \ufffd", (
        "halves that meet are one"
    )


def run_of(folder: str, text: str) -> Run:
    run = Run(Path(folder) / "run")
    prompts = [
        Prompt.make(text + end, text, source_id=text + end, domain=text, language=text) for end in "ab"
    ]
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(prompts))
    with SampleWriter(run, "t", [make_spec("format")]) as writer:
        for number, prompt in enumerate(prompts):
            said = f"<think>{text}</think>{text}"
            verdict = Verdict(number == 0, f"no_think: {text}", 0.5, (0, len(said)))
            writer.add(Sample(digest(prompt.id), prompt, said, 0, 3), {"format": verdict})
        lost = Sample(digest("lost"), prompts[0], text, 1, None, "error")
        writer.add(lost, {}, "failed", error=text)
    write_json(run.generation("t"), {"model": text, "identity": text, "note": {text: text}})
    about = {**describe_check(make_spec("format")), "role": "readability"}
    checks = [{**about, "check": text, "options": {text: text}}]
    write_json(run.checks("t"), checks)
    return run


@settings(deadline=None, max_examples=2)
@example(WORST)
@given(TEXT)
def test_a_run_with_any_text_is_shown_mixed_reported_and_published(text: str):
    with tempfile.TemporaryDirectory() as folder:
        run = run_of(folder, text)
        (lost,) = pl.read_parquet(list_parts(run.samples("t"), PARTIAL)).iter_rows(named=True)
        assert lost["error"] == make_storable(text)
        found = explain_sample(ExplainOptions(run=run.path, id=make_storable(text + "a")))
        said = shown(found)
        if len(text.strip()) > 3:
            assert len(list(find_samples(run, text + "a"))) == 2, "asked for as it was given, too"
        mixed = mix_samples(fill(MixOptions, {"run": run.path, "source": ["t:checks=format"]}, "mix"))
        said += shown(mixed) + shown(write_report(ReportOptions(run=run.path)))
        made = publish_folders(PublishOptions(run=run.path, dataset="sft", licence="other")).folder
        pages = [file.read_text("utf-8") for file in (run.report, made / "README.md")]
    assert mixed.rows == 1
    for page in (said, *pages):
        assert not STEERING.search(page.replace("\r\n", ""))
    assert "<script>!" not in pages[0] and "onerror" not in pages[0]


def test_a_card_has_no_line_that_data_began(tmp_path: Path):
    run = run_of(str(tmp_path), WORST)
    mix_samples(fill(MixOptions, {"run": run.path, "source": ["t:checks=format"]}, "mix"))
    card = publish_folders(PublishOptions(run=run.path, dataset="sft", licence="other")).folder / "README.md"
    text = card.read_text("utf-8")
    outside = re.sub(r"`[^`\n]+`", "", text.replace("```", ""))
    assert "7*7" in text and not re.search(r"7\*7|<script|!\[|\{\{", outside)


def test_an_engines_error_of_any_text_is_one_failed_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async def fail(self: object, request: object) -> None:
        raise EngineError(WORST)

    (tmp_path / "prompts.jsonl").write_text(
        json.dumps({"prompt": WORST, "answer": WORST, "id": WORST}) + "\n"
    )
    (tmp_path / "script.jsonl").write_text('{"prompt": "*", "responses": [{"text": "<think>x</think>4"}]}\n')
    options = GenerateOptions(
        run=tmp_path / "run", prompts=str(tmp_path / "prompts.jsonl"), samples=2, check=["format"], workers=1,
        engine={"kind": "scripted", "model": str(tmp_path / "script.jsonl")},
    )  # fmt: skip
    with monkeypatch.context() as patch:
        patch.setattr(ScriptedEngine, "complete", fail)
        generate_samples(options)
    generate_samples(options)
    run = Run(tmp_path / "run")
    parts = [scan_parts(run.samples("teacher"), kind).collect() for kind in ("part", PARTIAL)]
    assert [part.height for part in parts] == [2, 2]
    assert parts[1]["error"].to_list() == [make_storable(WORST)] * 2


def test_an_id_of_any_text_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    run = run_of(str(tmp_path), WORST)
    for key in ("\ud800", "[/bold]", "\x1b]0;x\x07", "(", "*"):
        monkeypatch.setattr("sys.argv", ["r1curate", "explain", key, "--run", str(run.path)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        assert stop.value.code == 2
        assert not STEERING.search(capsys.readouterr().err)


def test_a_row_that_traces_a_sample_needs_no_styles(tmp_path: Path):
    run = run_of(str(tmp_path), WORST)
    name, row = next(find_samples(run, digest("lost")[:12]))
    row["sample_id"] = "[/x]\x1b"
    assert trace_table(run, name, row).title == "sample [/x]\x1b"


def test_sample_rows_hold_the_text_that_will_be_read():
    prompt = Prompt.make("x")
    assert sample_row(Sample("a", prompt, "\ud800"))["response"] == "\ufffd"
