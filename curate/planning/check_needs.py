"""What judging samples will come to: time by the pilot's own stage, and the samples that it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from curate.planning.amounts import add_amounts, up_to
from curate.planning.cluster import Cluster
from curate.planning.sampling_needs import StageNeeds
from curate.planning.set_needs import Made
from curate.store.whole_files import read_json

LONG_S: Final = 60.0
"""Seconds that a pilot's stage must take at least for its time to be an estimate: its start takes some of them."""


def estimate_checks(title: str, judged: Sequence[Made], on: str, cluster: Cluster | None) -> StageNeeds:
    """What a stage of `verify` or `filter` will come to, from the time that it took of the pilot's samples.

    title: as the pilot's timings name it. Its start counts as if it were work: where it took no longer than some starts, that
    bounds the time and is no estimate.
    """
    if not judged or not all(one.is_piloted for one in judged):
        return StageNeeds({})
    pilots = [one.pilots[0] for one in judged]
    samples = add_amounts(needs.amounts["samples"] for one in judged for needs in one.needs)
    stored = add_amounts(needs.amounts["stored"] for one in judged for needs in one.needs)
    amounts = {"samples": samples, "read": stored}
    timings = read_json(pilots[0].run.timings)
    taken = timings.get(title) if isinstance(timings, dict) else None
    if not isinstance(taken, int | float):
        told = f"'{pilots[0].run.timings}' does not say how long it took: only stages of `r1curate run` are timed"
        return StageNeeds(amounts, (told,))
    machines = 1 if cluster is None or on == "local" else cluster.machines
    each = taken / sum(pilot.samples for pilot in pilots)
    seconds = samples.times(each / machines)
    amounts["seconds"] = seconds if taken >= LONG_S else up_to(seconds.high)
    rate = f"the pilot's machine judged {1 / each:,.0f} samples/s in {taken:,.0f} s, its start of some seconds included"
    return StageNeeds(amounts, (f"{rate}; it is planned for {machines:,} of them",))
