"""`mix`: the one place where samples are selected; the reasoning and the general sets become one to train on.

Order and random choice come from the samples' own keys, which are uniformly random digests: the same run
and seed give the same set on every machine, and nothing but keys is sorted in memory.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from curate.adopt import adopt_source
from curate.console import emit, note
from curate.folder import Run, checked_name, open_run, parts, read_json, sync, write_json, writing_aside
from curate.funnel import EITHER, Funnel, count, fates, funnel_table
from curate.inputs import ColumnMap
from curate.judging import labels as known_labels
from curate.options import StageOptions
from curate.tables import MESSAGES, scan
from filters.registry import parse_options, split_pairs
from filters.vocabulary import UserError, digest

ROWS_A_FILE = 50_000
"""Rows of one file of a set: they are held in memory while it is written."""

SET = pa.schema(
    [
        ("prompt", MESSAGES),
        ("completion", MESSAGES),
        ("id", pa.string()),
        ("prompt_id", pa.string()),
        ("source", pa.string()),
        ("domain", pa.string()),
        ("language", pa.string()),
        ("answer", pa.large_string()),
        ("tokens", pa.int32()),
    ]
)
"""The columns of a set: TRL's conversational prompt and completion, and where each row came from."""


class Source(BaseModel):
    """One ingredient of a set."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    source: str
    """Samples of the run by name, or a file, folder or Hub set with the columns prompt and response."""
    name: str = ""
    """What the source is called in the run; its own name unless given."""
    checks: tuple[str, ...] | None = None
    """Labels of checks that must all be true, in the order that names the first that failed; `a|b` takes b where a could not decide. None means all that were run; an empty list, none."""
    per_prompt: int | None = Field(None, gt=0)
    """Most samples of one prompt; none means all that are good."""
    choose: Literal["random", "shortest", "first"] = "random"
    """Which of a prompt's good samples are taken first; first is by index, which no early stop of sampling has bent."""
    rows: int | None = Field(None, gt=0)
    """Most samples of this source."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of a plain file, as ours: theirs."""
    split: str = "train"
    """The split of a data set."""

    def named_in(self, run: Run) -> Source:
        """The same source under the name that its samples have, or will have, in the run."""
        known = run.path / "samples" / self.source
        name = self.source if known.is_dir() else self.name or Path(self.source).name.split(".")[0]
        return self.model_copy(update={"name": checked_name(name)})


def _read_source(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    source, *pairs = re.split(r":(?=[\w.]+=)", value, maxsplit=1)
    rest = "".join(pairs)
    options = parse_options(split_pairs(rest), f"--source {value}")
    if isinstance(options.get("checks"), str):
        options["checks"] = options["checks"].split("+")
    return {"source": source, **options}


class MixOptions(StageOptions):
    """Select good samples and merge sets into one to train on."""

    run: Path
    """The run folder."""
    source: tuple[Annotated[Source, BeforeValidator(_read_source)], ...] = Field(min_length=1)
    """Samples of the run or a file with prompt and response, as NAME:option=value,… (options: checks=a+b, per_prompt, choose, rows, name). Repeatable."""
    name: str = "sft"
    """What the set is called."""
    seed: int = 0
    """Another seed takes other samples where there are more than needed."""


def mix(options: MixOptions) -> None:
    """Select the samples whose verdicts are all true and merge sources into one set to train on.

    Reads RUN/samples and RUN/verdicts, or files with the columns prompt and response.
    Writes RUN/sets/NAME (Parquet that `datasets.load_dataset` opens and TRL trains on) and RUN/sets/NAME.json.

    Example: r1curate mix --run runs/r1 --source teacher:per_prompt=4 --source general.jsonl:rows=200000
    """
    run = open_run(options.run)
    named = [source.named_in(run) for source in options.source]
    sources = [(source, _labels(run, source)) for source in named]
    key = digest(
        options.model_dump(mode="json", exclude={"run"}), [_state(run, s, names) for s, names in sources]
    )
    about = read_json(_about(run, options.name))
    if about is None or about["digest"] != key:
        about = _make(run, options, sources, key)
    funnels = [Funnel(**funnel) for funnel in about["funnels"]]
    emit(funnel_table(f"set {options.name}: {about['rows']:,} rows", funnels))


def _make(
    run: Run, options: MixOptions, sources: Sequence[tuple[Source, list[str]]], key: str
) -> dict[str, Any]:
    chosen = [_choose(run, source, names, options.seed) for source, names in sources]
    named = zip(sources, chosen, strict=True)
    funnels = [count(source.name, frame, names) for (source, names), frame in named]
    picked = pl.concat(
        frame.filter(pl.col("fate") == "selected").select(
            "sample_id", pl.lit(source.name).alias("source"), _order(options.seed)
        )
        for (source, _), frame in zip(sources, chosen, strict=True)
    ).sort("order")
    if picked.is_empty():
        raise UserError(
            f"No sample of {', '.join(s.name for s, _ in sources)} was good: the set would be empty."
        )
    aside = run.set(f"{options.name}.writing")
    shutil.rmtree(aside, ignore_errors=True)
    _write_files(run, picked, aside)
    _about(run, options.name).unlink(missing_ok=True)
    shutil.rmtree(run.set(options.name), ignore_errors=True)
    aside.rename(run.set(options.name))
    sync(aside.parent)
    about = {
        "name": options.name,
        "digest": key,
        "rows": picked.height,
        "options": options.model_dump(mode="json", exclude={"run"}),
        "checks": {source.name: names for source, names in sources},
        "funnels": [funnel.model_dump() for funnel in funnels],
    }
    write_json(_about(run, options.name), about)  # the set counts as made once this stands
    note(f"wrote {run.set(options.name)}")
    return about


def _labels(run: Run, source: Source) -> list[str]:
    """The labels that decide; a plain file is adopted first, and is taken as it is unless checks are named."""
    there = (run.path / "samples" / source.source).is_dir()
    if not there:
        adopt_source(run, source.name, source.source, source.split, source.map)
    if run.is_unfinished(source.name):
        note(f"Sampling of '{source.name}' was interrupted: give generate again to have the rest in the set.")
    found = known_labels(run, source.name) if there else []
    labels = found if source.checks is None else list(source.checks)
    if there and not labels:
        note(f"No check decides about '{source.name}': all its whole samples count as good.")
    return labels


def _about(run: Run, name: str) -> Path:
    return run.set(name).with_name(f"{name}.json")


def _state(run: Run, source: Source, names: Sequence[str]) -> list[Any]:
    """What the set depends on: when any of these files changes, it is made anew."""
    singles = [single for label in names for single in label.split(EITHER)]
    folders = [run.samples(source.name), *(run.verdicts(source.name) / single for single in singles)]
    files = [file for folder in folders for file in sorted(folder.glob("*.parquet"))]
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]


def _order(seed: int) -> pl.Expr:
    """A sample's place in a random order: its key, read from another digit for another seed."""
    return (pl.col("sample_id") + pl.col("sample_id")).str.slice(seed % 32, 32).alias("order")


def _choose(run: Run, source: Source, labels: Sequence[str], seed: int) -> pl.DataFrame:
    """Every sample's fate, `accepted` resolved into selected and unselected."""
    frame = fates(run, source.name, labels).with_columns(_order(seed))
    good = frame.filter(pl.col("fate") == "accepted")
    first = {"random": ["order"], "shortest": ["length", "order"], "first": ["index"]}[source.choose]
    # The same words twice teach nothing new: one of a prompt's equal responses is enough.
    good = good.sort(first).unique(["prompt_id", "key"], keep="first", maintain_order=True)
    if source.per_prompt is not None:
        good = good.filter(pl.int_range(pl.len()).over("prompt_id") < source.per_prompt)
    if source.rows is not None:
        good = good.sort("order").head(source.rows)
    selected = pl.col("sample_id").is_in(good["sample_id"].implode())
    accepted = pl.col("fate") == "accepted"
    resolved = pl.when(accepted & selected).then(pl.lit("selected"))
    return frame.with_columns(
        resolved.when(accepted).then(pl.lit("unselected")).otherwise("fate").alias("fate")
    )


def _write_files(run: Run, picked: pl.DataFrame, folder: Path) -> None:
    """Write the set's files, in the order of `picked`, in two passes that hold a part or a file in memory.

    The first reads every part once and scatters its rows to the files they belong to; the second sorts each.
    """
    placed = picked.with_row_index("row").with_columns((pl.col("row") // ROWS_A_FILE).alias("file"))
    number = -(-picked.height // ROWS_A_FILE)
    folder.mkdir(parents=True)
    scattered = [folder / f".{index}.scattered" for index in range(number)]
    schema = SET.append(pa.field("row", pa.uint32()))
    with ExitStack() as stack:
        writers = [
            stack.enter_context(pq.ParquetWriter(path, schema, compression="zstd")) for path in scattered
        ]
        for (name,), group in placed.group_by("source", maintain_order=True):
            for part in parts(run.samples(str(name))):
                for (file,), rows in _texts(run, str(name), part, group).group_by("file"):
                    table = rows.select(schema.names).to_arrow().cast(schema)
                    writers[int(str(file))].write_table(table)
    for index, path in enumerate(scattered):
        table = pl.read_parquet(path).sort("row").select(SET.names).to_arrow().cast(SET)
        with writing_aside(folder / f"train-{index:05d}-of-{number:05d}.parquet") as aside:
            pq.write_table(table, aside, compression="zstd")
        path.unlink()


def _texts(run: Run, name: str, part: Path, placed: pl.DataFrame) -> pl.DataFrame:
    """The set's columns of the chosen samples of one part, with their row and file."""
    samples = pl.scan_parquet(part).join(placed.lazy(), on="sample_id").collect(engine="streaming")
    asked = samples.lazy().select(pl.col("prompt_id").unique())
    prompts = scan(run.prompts(name)).join(asked, on="prompt_id", how="semi").unique("prompt_id")
    turn = pl.struct(pl.lit("assistant").alias("role"), pl.col("response").alias("content"))
    return (
        samples.lazy()
        .join(prompts, on="prompt_id", how="left")
        .select(
            pl.col("messages").alias("prompt"),
            pl.concat_list(turn).alias("completion"),
            pl.col("sample_id").alias("id"),
            *("prompt_id", "source", "domain", "language", "answer", "tokens", "row", "file"),
        )
        .collect(engine="streaming")
    )
