"""What ten million chains of 5,000 tokens take, from measured rates: cores, hours, storage, and where the next limit lies.

    python -m tests.benchmarks.plan_table [--chains 10000000] [--tokens 5000] [--characters 20000] [--rows 800000]
        [--machines 64] [--gpus 8] [--cores 64] [--rates FILE] [--rate NAME=NUMBER]

Nothing is measured here: rates are those that the benchmarks printed on the machine that their README names, each with its
source, or those of a JSON file ({"filter": {"value": 41.3e6, "source": "…"}}), or of `--rate`. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from curate.planning.amounts import format_number

HOUR, GB = 3600.0, 1e9


@dataclass(frozen=True)
class Rate:
    """A number with its unit, and where it was measured."""

    value: float
    unit: str
    source: str


RATES: Mapping[str, Rate] = {
    "replica": Rate(10_000, "tokens/s of a replica on one GPU", "assumed: no GPU was at hand"),
    "generate": Rate(0.925, "of a bare engine's speed", "bench_overhead on a CPU, median of five pairs"),
    "sampler": Rate(187e-6, "s of a core a sample", "bench_scale, 1,000,000 prompts with short answers"),
    "leases": Rate(0.123 / 1000, "of one core a replica", "bench_leases, 1,000 replicas"),
    "verify": Rate(
        7_003,
        "answers/s of a core",
        "bench_shards, 1,000,000 chains of 2 kB on Ray, reading and writing included",
    ),
    "filter": Rate(
        2.04e9 / (2 * 41.7), "bytes/s of a core", "bench_filter_scale, 2 GB, eight checks, two cores"
    ),
    "mix_samples": Rate(22e-6, "s of one core a sample read", "bench_mix, 800,000 rows"),
    "mix": Rate(8e9 / 106, "bytes/s of one core", "bench_mix, 8 GB of rows of 20,000 characters"),
    "stored": Rate(1.0, "of the text's bytes in Parquet", "no compression: an upper bound"),
    "verdict": Rate(33, "bytes a sample and check", "the mini recipe's prompts: 3,102 samples, 8 checks"),
}
"""By name, as they stand in tests/benchmarks/README.md."""


@dataclass(frozen=True)
class Work:
    """What is to be done, and on what. characters: of a chain, a byte each. rows: of the set. checks: whose verdicts are stored."""

    chains: int = 10_000_000
    tokens: int = 5_000
    characters: int = 20_000
    rows: int = 800_000
    checks: int = 9
    machines: int = 64
    gpus: int = 8
    cores: int = 64

    @property
    def text(self) -> float:
        """Bytes of all chains."""
        return float(self.chains * self.characters)


@dataclass(frozen=True)
class Step:
    """A step of the work. hours: of GPUs or cores added up. wall: by the clock, on what there is. stored: bytes."""

    name: str
    hours: float
    of: str
    wall: float
    stored: float
    rates: tuple[str, ...]


def list_steps(work: Work, rates: Mapping[str, float]) -> list[Step]:
    """The steps in their order."""
    replicas, cores = work.machines * work.gpus, work.machines * work.cores
    sampling = work.chains * work.tokens / (rates["replica"] * rates["generate"]) / HOUR
    storing = work.chains * rates["sampler"] / HOUR
    verifying = work.chains / rates["verify"] / HOUR
    filtering = work.text / rates["filter"] / HOUR
    mixed = work.rows * work.characters
    mixing = (work.chains * rates["mix_samples"] + mixed / rates["mix"]) / HOUR
    kept, verdicts = work.text * rates["stored"], work.chains * rates["verdict"]
    return [
        Step("generate, on GPUs", sampling, "GPU", sampling / replicas, kept, ("replica", "generate")),
        Step("generate, beside the engines", storing, "core", storing / replicas, 0.0, ("sampler",)),
        Step("verify", verifying, "core", verifying / cores, verdicts, ("verify",)),
        Step("filter", filtering, "core", filtering / cores, (work.checks - 1) * verdicts, ("filter",)),
        Step("mix, on one machine", mixing, "core", mixing, mixed * rates["stored"], ("mix_samples", "mix")),
    ]


def find_limits(work: Work, rates: Mapping[str, float]) -> list[str]:
    """What does not grow with the machines, and from where on it is in the way."""
    steps, replicas = list_steps(work, rates), work.machines * work.gpus
    scaled = [step for step in steps if "on one machine" not in step.name]
    (alone,) = [step for step in steps if "on one machine" in step.name]
    sampling = steps[0]
    others = max(scaled[1:], key=lambda step: step.wall)
    written = (work.text + sampling.stored) / (sampling.wall * HOUR)
    return [
        f"By the clock after sampling: {others.name} with {format_number(others.wall)} h on all machines, mix with "
        f"{format_number(alone.wall)} h on one; mix is as long as sampling from "
        f"{format_number(sampling.hours / alone.wall)} GPUs on.",
        f"The book of leases is busy {rates['leases'] * replicas:.1%} with {replicas:,} replicas, and all of the time "
        f"with {1 / rates['leases']:,.0f}.",
        f"The run folder takes {format_number(written / 1e6)} MB/s while it is sampled (journal and parts), "
        f"{format_number(written / 1e6 / work.machines)} from each machine.",
    ]


def render(work: Work, rates: Mapping[str, Rate]) -> str:
    """The table, the limits and the rates, as Markdown."""
    values = {name: rate.value for name, rate in rates.items()}
    steps = list_steps(work, values)
    lines = [
        f"{work.chains:,} chains of {work.tokens:,} tokens ({format_number(work.text / GB)} GB) into {work.rows:,} rows, on "
        f"{work.machines:,} machines with {work.gpus} GPUs and {work.cores} cores each:",
        "",
        "| step | hours of GPUs or cores | hours by the clock | storage, GB |",
        "|---|---|---|---|",
        *(
            f"| {step.name} | {format_number(step.hours)} {step.of} | {format_number(step.wall)} | "
            f"{format_number(step.stored / GB)} |"
            for step in steps
        ),
        f"| all | | {format_number(sum(step.wall for step in steps) - steps[1].wall)} | "
        f"{format_number(sum(step.stored for step in steps) / GB)} |",
        "",
        *(f"- {limit}" for limit in find_limits(work, values)),
        "",
        "| rate | | from |",
        "|---|---|---|",
        *(f"| {name} | {rate.value:,.6g} {rate.unit} | {rate.source} |" for name, rate in rates.items()),
    ]
    return "\n".join(lines) + "\n"


def read_rates(file: Path | None, pairs: list[str]) -> dict[str, Rate]:
    """The rates, with those of a file and of NAME=NUMBER in their place. Raises ValueError of one that is not known."""
    found = dict(RATES)
    given = json.loads(file.read_text("utf-8")) if file is not None else {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        given[name] = {"value": float(value), "source": "--rate"}
    for name, one in given.items():
        if name not in found:
            raise ValueError(f"there is no rate '{name}'; there are: {', '.join(found)}")
        found[name] = Rate(float(one["value"]), found[name].unit, str(one["source"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual in vars(Work()).items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--rates", type=Path)
    parser.add_argument("--rate", action="append", default=[], metavar="NAME=NUMBER")
    asked = vars(parser.parse_args())
    rates = read_rates(asked.pop("rates"), asked.pop("rate"))
    sys.stdout.write(render(Work(**asked), rates))


if __name__ == "__main__":
    main()
