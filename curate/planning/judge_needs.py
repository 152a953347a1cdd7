"""What the judges of a stage will be asked, from a pilot: requests and tokens, which cost as much as any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from curate.planning.amounts import Amount, add_amounts, from_estimate, up_to
from curate.planning.pilot import Pilot
from curate.planning.sampling_needs import StageNeeds
from curate.planning.set_needs import Made
from curate.sampling.judge_cost import read_judge_pilots
from curate.store.parquet import refuse_damaged
from filters.check import EngineCheck
from filters.spec import CheckSpec

AMOUNTS: Final = {"requests": "requests", "read": "judge_read", "written": "judge_written"}
"""What is asked for in `JudgePilot`, by the names that amounts have."""


def estimate_judges(
    made: Mapping[str, Made], records: Mapping[str, Mapping[str, Any]], specs: Sequence[CheckSpec]
) -> StageNeeds:
    """What the checks among these that ask a model will be asked about these samples; where a pilot does not say, that is told.

    made: by the samples' name. records: of the checks that are asked for by then, by the same.
    """
    asking = [spec for spec in specs if isinstance(spec.build(), EngineCheck)]
    found: dict[str, list[Amount]] = {of: [] for of in AMOUNTS.values()}
    notes: list[str] = []
    for name, one in made.items():
        # Prompts of several stages with one name may be the same, of which a pilot of each says nothing.
        if asking and len(one.needs) == len(one.pilots) == 1:
            notes += _add_pilot(found, one.pilots[0], records[name]["checks"], specs)
        elif asking:
            for several in found.values():
                several.append(up_to(None))
    return StageNeeds({of: add_amounts(several) for of, several in found.items() if several}, tuple(notes))


def _add_pilot(
    found: dict[str, list[Amount]],
    pilot: Pilot,
    entries: Sequence[Mapping[str, Any]],
    specs: Sequence[CheckSpec],
) -> list[str]:
    """Add what each judge will be asked to what is found so far, and tell what is not known."""
    run, name = pilot.run, pilot.stage.name
    with refuse_damaged(f"the samples '{name}' in '{run.path}' or their verdicts"):
        judges = list(read_judge_pilots(run, name, specs, entries))
    for one in judges:
        _, asked = one.estimate(pilot.finished, pilot.matched.number, pilot.stage.most)
        for of, amount in AMOUNTS.items():
            found[amount].append(from_estimate(asked[of]) if of in asked else up_to(None))
    return [f"'{one.label}': {doubt}" for one in judges for doubt in one.doubts]
