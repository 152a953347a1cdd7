"""What a stage that samples will come to: from its pilot, else what its options bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from curate.general.chain_table import tell_chains
from curate.planning.amounts import Amount, add_amounts, exactly, format_number, from_estimate, up_to
from curate.planning.cluster import Cluster
from curate.planning.pilot import Pilot, SampledStage
from curate.sampling.cost_estimate import estimate_total
from filters.errors import UserError

LEASES_BUSY: Final = 0.123 / 1000
"""The share of the time that the book of leases is busy with one replica: `python -m tests.benchmarks.bench_leases`."""
TOLD_FROM: Final = 0.01
"""The share from which that is told."""


@dataclass(frozen=True, slots=True)
class StageNeeds:
    """Amounts of one stage by what they are of, what is to be known of them, and why the stage would be refused."""

    amounts: Mapping[str, Amount]
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def estimate_sampling(stage: SampledStage, pilot: Pilot, cluster: Cluster | None) -> StageNeeds:
    """What a stage will come to at what its pilot came to."""
    total = {of: _estimate(pilot, of) for of in ("samples", "tokens", "accepted")}
    if stage.rule.accept is None:  # then their number is no question of chance
        total["samples"] = exactly(pilot.matched.number * stage.rule.samples)
    if pilot.unjudged:
        total["accepted"] = up_to(total["accepted"].high)
    if pilot.uncounted:
        total["tokens"] = up_to(total["tokens"].high)
    parts, plain = (_scale(pilot, size, total) for size in (pilot.parts, pilot.plain))
    verdicts = total["samples"].times(pilot.verdicts / pilot.samples)
    stored = add_amounts([parts, verdicts, exactly(pilot.prompts + pilot.ends)])
    amounts = {
        "prompts": exactly(pilot.matched.number),
        **total,
        "stored": stored,
        # A sample travels twice: as a line of the journal, and in a part.
        "written": add_amounts([stored, plain]),
        "read": exactly(pilot.prompts),
    }
    replicas = _count_replicas(stage, cluster)
    notes = [*_list_doubts(pilot), *_tell_choice(stage), *_note_options(stage, cluster)]
    if pilot.uncounted:
        longest = stage.options.sampling.max_tokens
        notes.append(
            f"nobody counted the tokens of {pilot.uncounted:,} of the pilot's {pilot.samples:,} samples: each is taken for "
            f"max_tokens={longest:,}, as a budget does, so that there is a bound alone, and no hours and days"
        )
    elif pilot.speed is None:
        notes.append(
            "the pilot's metrics do not say how fast one replica is: sample a few prompts more for hours and days"
        )
    elif replicas:
        amounts |= _estimate_time(stage, total["tokens"], pilot.speed, replicas, cluster)
        notes += _note_rates(stage, pilot.speed, replicas, cluster, amounts)
    return StageNeeds(amounts, tuple(notes), _list_faults(stage, replicas, cluster))


def bound_sampling(stage: SampledStage, cluster: Cluster | None) -> StageNeeds:
    """What a stage can come to at most, by its options and the number of its prompts, as far as they are here."""
    prompts, note, fault = _count_prompts(stage)
    samples = prompts.times(stage.most)
    if stage.rule.accept is not None:
        samples = up_to(samples.high)
    high = samples.high
    amounts = {
        "prompts": prompts,
        "samples": samples,
        "tokens": up_to(None if high is None else high * stage.options.sampling.max_tokens),
        "accepted": up_to(high),
    }
    replicas = _count_replicas(stage, cluster)
    told = () if note or fault else _tell_choice(stage)
    notes = (*((note,) if note else ()), *told, *_note_options(stage, cluster))
    faults = (*((fault,) if fault else ()), *_list_faults(stage, replicas, cluster))
    return StageNeeds(amounts, notes, faults)


def _count_prompts(stage: SampledStage) -> tuple[Amount, str | None, str | None]:
    """The number of a stage's distinct prompts, or a bound of it; why it is no more; and why the stage would be refused.

    Read where they lie here: a data set of the Hub is not fetched for a bound.
    """
    options = stage.options
    if not Path(options.prompts).exists():
        note = f"'{options.prompts}' is not on this machine: its prompts are not counted"
        return up_to(options.limit), note, None
    try:
        number = len({prompt.id for prompt in options.read_prompts()})
    except UserError as error:
        return up_to(options.limit), None, str(error)
    return exactly(number), None, None if number else f"'{options.prompts}' holds no prompts to sample from."


def _estimate(pilot: Pilot, of: Literal["samples", "tokens", "accepted"]) -> Amount:
    stage = pilot.stage
    longest = stage.options.sampling.max_tokens
    most = stage.most * (longest if of == "tokens" else 1)
    return from_estimate(estimate_total([one[of] for one in pilot.spent], pilot.matched.number, most))


def _scale(pilot: Pilot, size: int, total: Mapping[str, Amount]) -> Amount:
    """Bytes that grow with the tokens; with the samples where nobody counted tokens of some."""
    return (
        total["tokens"].times(size / pilot.tokens)
        if pilot.tokens and not pilot.uncounted
        else total["samples"].times(size / pilot.samples)
    )


def _count_replicas(stage: SampledStage, cluster: Cluster | None) -> int:
    engine = stage.options.engine
    return engine.replicas if cluster is None else cluster.count_replicas(engine, stage.options.on)


def _estimate_time(
    stage: SampledStage, tokens: Amount, speed: float, replicas: int, cluster: Cluster | None
) -> dict[str, Amount]:
    """Seconds of the stage, and of GPUs: linear in replicas. GPUs are told of a cluster that has some."""
    engine, alone = stage.options.engine, tokens.times(1 / speed)
    found = {"seconds": alone.times(1 / replicas)}
    if engine.kind == "vllm" and cluster is not None and cluster.gpus:
        found["gpu_seconds"] = alone.times(engine.tensor_parallel)
    return found


def _note_rates(
    stage: SampledStage, speed: float, replicas: int, cluster: Cluster | None, amounts: Mapping[str, Amount]
) -> list[str]:
    """Speeds: of a replica, into the run folder, and of the one actor through which all replicas go."""
    planned = "1 is" if replicas == 1 else f"{replicas:,} are"
    found = [f"one replica of the pilot makes {speed:,.0f} tokens/s, and {planned} planned for"]
    written, seconds = amounts["written"].value, amounts["seconds"].value
    if written and seconds:
        machines = 1 if cluster is None or stage.options.on == "local" else min(cluster.machines, replicas)
        rate = written / seconds / 1e6
        found.append(
            f"the run folder takes {format_number(rate)} MB/s, {format_number(rate / machines)} from each machine"
        )
    if stage.options.on != "local" and LEASES_BUSY * replicas >= TOLD_FROM:
        found.append(f"the book of leases is busy about {LEASES_BUSY * replicas:.0%} of the time")
    return found


def _list_faults(stage: SampledStage, replicas: int, cluster: Cluster | None) -> tuple[str, ...]:
    if replicas or cluster is None:
        return ()
    return (
        f"one replica takes {stage.options.engine.tensor_parallel} GPUs of one machine, and each has {cluster.gpus}; "
        "lower engine.tensor_parallel, or plan for larger machines (--cluster).",
    )


def _list_doubts(pilot: Pilot) -> list[str]:
    """Why the interval may not hold."""
    found, stage = [], pilot.stage
    if not pilot.matched.fair:
        found.append(
            "the pilot's prompts are no random choice (generate --plan N makes one): the intervals may not hold"
        )
    if pilot.unjudged:
        found.append(
            f"the pilot was not judged by {', '.join(pilot.unjudged)} as the recipe has it: fewer will be accepted"
        )
    left_out = len(pilot.matched.found) - len(pilot.finished)
    if left_out:
        found.append(f"{left_out:,} prompts of the pilot are unfinished and left out")
    model = stage.options.engine.model
    if pilot.model != model:
        found.append(
            f"the pilot's model is '{pilot.model}', the recipe's '{model}': the numbers are the pilot's"
        )
    return found


def _tell_choice(stage: SampledStage) -> list[str]:
    """Of general prompts: which are asked, how many of these for a chain, and what judges the answers."""
    choose = getattr(stage.options, "choose", None)
    choice = None if choose is None else choose(strict=False)
    if choice is None:
        return []
    judged = f"the answers are judged by {', '.join(spec.label for spec in stage.checks)}"
    return [*choice.tell(), tell_chains(choice.count_chains()), judged]


def _note_options(stage: SampledStage, cluster: Cluster | None) -> list[str]:
    """What the options keep the stage from: all prompts in one call, and all machines."""
    options, found = stage.options, []
    pilot, budget = (getattr(options, name, None) for name in ("plan", "budget"))
    if pilot is not None and pilot.prompts is not None:
        found.append(f"plan.prompts={pilot.prompts} samples these alone; what is told is of all prompts")
    if budget is not None and budget != type(budget)():
        found.append("its budget may end it before")
    if (
        options.on == "local"
        and options.engine.kind == "vllm"
        and cluster is not None
        and cluster.machines > 1
    ):
        found.append(f"it runs on one of the {cluster.machines:,} machines: give it on: ray for all")
    return found
