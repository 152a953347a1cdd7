"""What `mix` costs in time and memory, as sets grow, and beside `datasets` doing the same.

    python -m tests.benchmarks.bench_mix [parts] [memory] [datasets] [files] [--gigabytes 2 8] [--folder /tmp]
    python -m tests.benchmarks.bench_mix chains [--millions 1 10]

parts: 100,000 to 800,000 small rows, each of a prompt of its own, in parts of 2,000 rows: time must be linear in them.
memory: sets of 2 and 8 GB of rows of 20 kB: the peak must stay.
chains: so many millions of short samples, 12 a prompt, of which one is selected: what grows with what was sampled.
datasets: 100,000 judged reasoning rows, and 33,000 general ones in a Parquet file, into a set of 75:25 in random
order; then the same with `datasets`: load, filter on kept, drop duplicates, map to messages, shuffle, interleave,
write Parquet. Its verdicts stand beside its rows already, ours are joined.
files: a set mixed straight from two JSON Lines files, 100,000 rows of 4 kB that say whether they are kept and 33,000 of
1 kB; then the same with `datasets`.

Each measured step is a process of its own, Python's start and imports included: the processor time of it and its
children, which other work on the machine changes least; its peak of resident memory; and the wall time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
WORDS = [f"{a}{b}" for a in ("so", "then", "add", "take", "let", "thus", "prime", "sum") for b in range(500)]
CHECK = "answer"


class Cost(NamedTuple):
    """What a process took: seconds, seconds of processor time, MiB."""

    wall: float
    cpu: float
    peak: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="*", default=["parts", "memory", "datasets", "files"])
    parser.add_argument("--gigabytes", type=float, nargs="*", default=[2, 8])
    parser.add_argument("--millions", type=float, nargs="*", default=[1, 10])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench_mix-", dir=given.folder) as name:
        for what in given.what:
            folder = Path(name) / what
            folder.mkdir()
            kinds = {
                "parts": many_parts,
                "memory": long_rows,
                "chains": many_chains,
                "datasets": beside_datasets,
                "files": from_files,
            }
            kinds[what](folder, given)
            subprocess.run(["rm", "-r", str(folder)], check=True)


def many_parts(folder: Path, given: argparse.Namespace) -> None:
    for rows in (100_000, 200_000, 400_000, 800_000):
        run = folder / str(rows)
        measure("write_run", run, rows, 2_000, 200, 1)
        cost = measure("mix", run, "teacher:per_prompt=4")
        say(f"{rows:,} rows in {rows // 2_000} parts", cost, rows)


def many_chains(folder: Path, given: argparse.Namespace) -> None:
    for millions in given.millions:
        run, rows = folder / str(millions), int(millions * 1e6)
        measure("write_run", run, rows, 10_000, 200, 12)
        cost = measure("mix", run, "teacher:per_prompt=1")
        say(f"{rows:,} samples in {rows // 10_000} parts", cost, rows)
        subprocess.run(["rm", "-r", str(run)], check=True)


def long_rows(folder: Path, given: argparse.Namespace) -> None:
    peaks = []
    for gigabytes in given.gigabytes:
        run, rows = folder / str(gigabytes), int(gigabytes * 1e9 / 20_000)
        measure("write_run", run, rows, 3_200, 20_000, 8)
        cost = measure("mix", run, "teacher:per_prompt=8")
        peaks.append(cost.peak)
        say(f"{gigabytes:g} GB in {rows:,} rows", cost, rows)
        subprocess.run(["rm", "-r", str(run)], check=True)
    tell(f"peak, the last by the first: {peaks[-1] / peaks[0]:.2f}")


def beside_datasets(folder: Path, given: argparse.Namespace) -> None:
    for size in (1_000, 4_000):
        place = folder / str(size)
        measure("write_run", place / "run", 100_000, 10_000, size, 8)
        measure("write_files", place)
        ratios = []
        for turn in range(5):
            # Nothing of the turn before is found again.
            subprocess.run(["rm", "-rf", place / "run/sets", place / "run/samples/general"], check=True)
            sources = ("teacher:per_prompt=8", f"{place}/general.parquet:rows={{}}")
            ours = measure("mix_both", place / "run", *sources)
            theirs = measure("mix_with_datasets", place, place / f"cache-{turn}")
            ratios.append(ours.cpu / theirs.cpu)
            say(f"rows of {size:,} characters, mix", ours, 133_000)
            say(f"rows of {size:,} characters, datasets", theirs, 133_000)
        tell(f"processor time by that of datasets: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")


def from_files(folder: Path, given: argparse.Namespace) -> None:
    measure("write_lines", folder)
    ratios = []
    for _ in range(5):
        # Neither works in memory that the other's files fill.
        ours = measure("mix_lines", folder)
        shutil.rmtree(folder / "set")
        theirs = measure("mix_with_datasets", folder, folder / "cache", "jsonl")
        shutil.rmtree(folder / "cache")
        ratios.append(ours.cpu / theirs.cpu)
        say("files, mix", ours, 133_000)
        say("files, datasets", theirs, 133_000)
    tell(f"processor time by that of datasets: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")


def write_lines(path: str) -> None:
    """Two JSON Lines files: rows of 4 kB with a verdict, and general ones of 1 kB."""
    draw = random.Random(3)
    with (Path(path) / "judged.jsonl").open("w") as file:
        for number in range(100_000):
            row = {"sample_id": str(number), "prompt": f"Problem {number // 8}: {question(draw)}", "answer": str(number // 8),
                   "response": text(draw, 3_000), "tokens": 1_000, "kept": number % 20 > 0}  # fmt: skip
            file.write(json.dumps(row) + "\n")
    with (Path(path) / "general.jsonl").open("w") as file:
        for number in range(33_000):
            row = {"prompt": f"Tell me {number}: {question(draw)}", "response": text(draw, 650)}
            file.write(json.dumps(row) + "\n")


def mix_lines(path: str) -> None:
    """Make a set of the two, as `r1curate mix` does."""
    from curate.cli import app

    folder = Path(path)
    sys.argv = [
        "r1curate",
        "mix",
        f"{folder}/judged.jsonl:rows=93000",
        f"{folder}/general.jsonl:rows=31000",
        "--out",
        f"{folder}/set",
    ]
    app.main()


def measure(function: str, *arguments: object) -> Cost:
    """Call a function of this module in a process of its own."""
    code = f"import sys; from tests.benchmarks import bench_mix as b; b.{function}(*sys.argv[1:])"
    began = time.perf_counter()
    command = [sys.executable, "-c", code, *map(str, arguments)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, f"{function} failed"
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss >> 10)


def write_run(path: str, rows: str, part: str, size: str, siblings: str) -> None:
    """A run of so many samples, in parts of so many rows, judged by one check that accepts 19 of 20."""
    import polars as pl

    from curate.store.layout import Run
    from curate.store.parquet import write_table
    from curate.store.schema import PROMPTS, SAMPLES, VERDICTS
    from curate.store.whole_files import write_json

    run, draw = Run(Path(path)), random.Random(1)
    for number, (prompts, samples) in enumerate(texts(draw, int(rows), int(part), int(size), int(siblings))):
        name = f"part-{number:05}.parquet"
        asked = pl.DataFrame(prompts, orient="row", infer_schema_length=None)
        write_table(run.prompts("teacher") / name, fit(asked, PROMPTS))
        made = pl.DataFrame(samples, orient="row", infer_schema_length=None)
        write_table(run.samples("teacher") / name, fit(made, SAMPLES))
        judged = made.select(
            "sample_id", (pl.col("prompt_tokens") % 20 > 0).alias("ok"), pl.lit("").alias("reason"),
            pl.lit(None).alias("score"), pl.lit(None).alias("span_start"), pl.lit(None).alias("span_end"), "content",
        )  # fmt: skip
        about = {"check": CHECK, "label": CHECK, "digest": "", "version": 1, "options": {}}
        write_json(run.checks("teacher"), [{**about, "role": "verifier"}])
        table = judged.to_arrow().cast(VERDICTS)
        write_table(run.sidecar("teacher", CHECK, Path(name)), table, about)


def fit(rows: Any, schema: Any) -> Any:
    """Rows as a table of this schema, with nulls in the columns that they lack."""
    import polars as pl

    lacking = [pl.lit(None).alias(name) for name in schema.names if name not in rows.columns]
    return rows.with_columns(lacking).select(schema.names).to_arrow().cast(schema)


def texts(draw: random.Random, rows: int, part: int, size: int, siblings: int) -> Iterator[tuple[Any, Any]]:
    """The prompts and the samples of each part; one response in a hundred says what its sibling says."""
    from filters.digest import digest
    from filters.types import digest_text

    for start in range(0, rows, part):
        prompts, samples = [], []
        for number in range(start, min(start + part, rows)):
            problem, index = divmod(number, siblings)
            key = digest("prompt", problem)
            if index == 0 or number == start:
                asked = [{"role": "user", "content": f"Problem {problem}: " + text(draw, 150)}]
                prompts.append({"prompt_id": key, "source_id": str(problem), "messages": asked,
                                "answer": str(problem), "domain": "math", "language": "en", "extra": None, "variant": ""})  # fmt: skip
            response = text(draw, size)
            if number % 100 == 1 and samples:
                response = samples[-1]["response"]
            samples.append({"sample_id": digest("sample", number), "prompt_id": key, "index": index,
                            "response": response, "status": "whole", "finish": "stop", "prompt_tokens": number,
                            "tokens": size // 4, "seed": number, "error": None,
                            "variant": "", "content": digest_text(response)})  # fmt: skip
        yield prompts, samples


def text(draw: random.Random, size: int) -> str:
    words: list[str] = []
    for _ in range(-(-size // 1_000)):
        words += draw.choices(WORDS, k=max(1, min(size, 1_000) // 6))
    return f"<think>\n{' '.join(words)}\n</think>\nThe answer is {draw.randint(0, 999)}."


def question(draw: random.Random) -> str:
    return " ".join(draw.choices(WORDS, k=25)) + "?"


def write_files(path: str) -> None:
    """What `datasets` reads: the judged rows with `kept`, and the general ones, which `mix` reads too."""
    import polars as pl

    from curate.store.joined import join_samples, verdict_column
    from curate.store.layout import Run
    from curate.store.parquet import scan_parts

    folder, draw = Path(path), random.Random(2)
    run = Run(folder / "run")
    samples = join_samples(run, "teacher", [CHECK], ("prompt_id", "response", "tokens"))
    prompts = scan_parts(run.prompts("teacher")).unique("prompt_id").collect()
    rows = samples.join(prompts, on="prompt_id", how="left")
    asked = pl.col("messages").list.first().struct.field("content").alias("prompt")
    rows.select(
        "sample_id", asked, "answer", "response", "tokens", pl.col(verdict_column(CHECK)).alias("kept")
    ).write_parquet(folder / "judged.parquet", row_group_size=10_000)
    size = samples["response"].str.len_chars().median()
    general = {
        "prompt": [f"Tell me {n}: " + text(draw, 150) for n in range(33_000)],
        "response": [text(draw, int(str(size or 0).split(".")[0])) for _ in range(33_000)],
    }
    pl.DataFrame(general).write_parquet(folder / "general.parquet", row_group_size=10_000)


def mix(path: str, *sources: str) -> None:
    """Make a set, as `r1curate mix` does."""
    from curate.cli import app

    checked = [f"{source},checks={CHECK}" if source.startswith("teacher:") else source for source in sources]
    flags = (flag for source in checked for flag in ("--source", source))
    sys.argv = ["r1curate", "mix", "--run", path, *flags]
    app.main()


def mix_both(path: str, teacher: str, general: str) -> None:
    """One general row for three accepted ones of the teacher."""
    mix(path, f"{teacher},rows=93000", general.format(31_000))


def mix_with_datasets(path: str, cache: str, kind: str = "parquet") -> None:
    """The same set with `datasets`, on one core as it does by default."""
    import datasets

    datasets.disable_progress_bars()
    folder = Path(path)

    def load(name: str) -> Any:
        reader = "json" if kind == "jsonl" else kind
        return datasets.load_dataset(reader, data_files=str(folder / name), split="train", cache_dir=cache)

    def distinct(rows: Any) -> Any:
        seen: set[tuple[str, str]] = set()

        def is_new(prompts: list[str], responses: list[str]) -> list[bool]:
            found = []
            for key in zip(prompts, responses, strict=True):
                found.append(key not in seen)
                seen.add(key)
            return found

        return rows.filter(is_new, input_columns=["prompt", "response"], batched=True)

    def messages(row: Any) -> Any:
        return {
            "prompt": [{"role": "user", "content": row["prompt"]}],
            "completion": [{"role": "assistant", "content": row["response"]}],
        }

    judged = load(f"judged.{kind}").filter(lambda kept: kept, input_columns=["kept"])
    columns = ["sample_id", "answer", "tokens", "kept", "response"]
    reasoning = distinct(judged).map(messages, remove_columns=columns).shuffle(seed=0)
    general = distinct(load(f"general.{kind}")).map(messages, remove_columns=["response"]).shuffle(seed=0)
    both = datasets.interleave_datasets([reasoning, general], probabilities=[0.75, 0.25], seed=0)
    both.to_parquet(folder / "set.parquet")
    assert len(both) > 100_000


def say(what: str, cost: Cost, rows: int) -> None:
    tell(
        f"{what}: {cost.cpu:.1f} s of processor time ({1e6 * cost.cpu / rows:.0f} us a row), "
        f"{cost.wall:.1f} s, peak {cost.peak:,} MiB"
    )


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
