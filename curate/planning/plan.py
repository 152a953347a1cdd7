"""The plan of a recipe: what each stage will come to on a cluster, from a pilot of it, and why it would be refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from curate.planning.amounts import TOTALS, Amount, add_amounts, up_to
from curate.planning.calibration_needs import tell_calibrations
from curate.planning.check_needs import estimate_checks
from curate.planning.cluster import Cluster
from curate.planning.judge_needs import estimate_judges
from curate.planning.pilot import Pilot, SampledStage, describe_sampled, find_refusal, read_pilot
from curate.planning.pilot_verdicts import NO_RECORD
from curate.planning.recipe_faults import list_missing_files, list_name_faults
from curate.planning.sampling_needs import StageNeeds, bound_sampling, estimate_sampling
from curate.planning.set_needs import Made, estimate_set, list_overruled, list_unknown_checks
from curate.planning.stage_faults import find_conflict, list_stage_faults
from curate.repairs.judge_anew import describe_anew
from curate.repairs.repair import require_repairable
from curate.selection.sources import Source
from curate.store.layout import EVALUATION, Run
from curate.store.verdicts import Command, add_request, add_unasked, read_record
from filters.check import EngineCheck
from filters.errors import UserError
from filters.spec import CheckSpec


class PlannedStage(NamedTuple):
    """A stage of a recipe: what it is called, which command it is of, and its options."""

    title: str
    kind: str
    options: Any


@dataclass(frozen=True, slots=True)
class RecipeNeeds:
    """What the stages come to, those of which something is known. refusals: why stages would be refused.

    pilots: of those that sample. missing: how many `generate` stages have none.
    """

    stages: Sequence[tuple[str, StageNeeds]]
    refusals: Sequence[str]
    pilots: Sequence[Pilot]
    missing: int

    def sum_up(self) -> dict[str, Amount]:
        """What adds up, over the stages of which it is told."""
        told = [needs.amounts for _, needs in self.stages]
        added = {of: [amounts[of] for amounts in told if of in amounts] for of in TOTALS}
        return {of: add_amounts(several) for of, several in added.items() if several}


def estimate_recipe(
    stages: Sequence[PlannedStage], run: Run, pilot: Run, cluster: Cluster | None
) -> RecipeNeeds:
    """What a recipe will come to. run: where it is to run. pilot: the run whose samples tell what a sample costs, often the same."""
    return _Planning(run, pilot, cluster).look_at(stages)


class _Planning:
    """Goes through the stages in order, and keeps what they make."""

    def __init__(self, run: Run, pilot: Run, cluster: Cluster | None) -> None:
        self._run, self._pilot, self._cluster = run, pilot, cluster
        self._made: dict[str, Made] = {}
        self._stages: dict[str, SampledStage] = {}
        self._records: dict[str, Mapping[str, Any]] = {}
        self._pilots: list[Pilot] = []
        self._missing = 0
        self._asked: set[tuple[str, str, str]] = set()

    def look_at(self, stages: Sequence[PlannedStage]) -> RecipeNeeds:
        pairs = [(stage.kind, stage.options) for stage in stages]
        said = [(number, True, fault) for number, fault in list_name_faults(pairs, self._run)]
        said += [(number, False, note) for number, note in list_missing_files(pairs)]
        told, refusals = [], []
        for number, stage in enumerate(stages, 1):
            found = self._estimate(stage)
            faults = [*(fault for at, is_fault, fault in said if at == number and is_fault), *found.faults]
            faults = [*list_stage_faults(stage.kind, stage.options, self._run, self._made), *faults]
            refusals += [f"stage {number} {stage.title}: {fault}" for fault in dict.fromkeys(faults)]
            notes = (*found.notes, *(note for at, is_fault, note in said if at == number and not is_fault))
            if found.amounts or notes:
                told.append((f"{number} {stage.title}", StageNeeds(found.amounts, notes)))
        return RecipeNeeds(told, refusals, self._pilots, self._missing)

    def _estimate(self, stage: PlannedStage) -> StageNeeds:
        try:
            if stage.kind in ("generate", "evaluate"):
                return self._estimate_sampled(stage)
            if stage.kind in ("verify", "filter"):
                return self._estimate_checks(stage)
            if stage.kind == "mix":
                return self._estimate_mix(stage.options)
        except UserError as error:
            return StageNeeds({}, (f"it cannot be estimated: {error}",))
        return StageNeeds({})

    def _estimate_sampled(self, planned: PlannedStage) -> StageNeeds:
        stage = describe_sampled(planned.kind, planned.options)
        pilot, why = self._find_pilot(stage)
        if pilot is not None:
            needs = estimate_sampling(stage, pilot, self._cluster)
            self._pilots.append(pilot)
        else:
            needs = bound_sampling(stage, self._cluster)
            self._missing += planned.kind == "generate"
        before = self._stages.setdefault(stage.name, stage)
        refusal = find_refusal(self._run, stage) or find_conflict(before, stage)
        self._keep(stage, needs, pilot)
        self._record(stage.name, stage.checks, "generate")
        notes = (f"no pilot: {why}",) if why else ()
        faults = (*needs.faults, *([refusal] if refusal else []))
        told = StageNeeds(needs.amounts, (*notes, *needs.notes), faults)
        alone = {stage.name: Made(None, stage.most, [needs], [] if pilot is None else [pilot])}
        return self._add_judges(told, [stage.name], alone, stage.checks)

    def _estimate_checks(self, planned: PlannedStage) -> StageNeeds:
        options = planned.options
        if Path(options.source) != self._run.path:
            return StageNeeds({})
        generated = (one for one in self._run.sample_names() if not self._run.import_info(one).exists())
        there = dict.fromkeys((*self._made, *generated))
        names = [name for name in there if options.name in (None, name)]
        command: Command = "verify" if planned.kind == "verify" else "filter"
        for name in names:
            self._record(name, options.check, command)
            if command == "verify" and options.repair and not name.startswith(EVALUATION):
                rules = require_repairable(name, options.check)[1]
                self._records[name] = add_unasked(self._records[name], describe_anew(rules))
        judged = {name: self._made[name] for name in names if name in self._made}
        needs = estimate_checks(planned.title, list(judged.values()), options.on, self._cluster)
        return self._add_judges(needs, names, judged, options.specs)

    def _add_judges(
        self, needs: StageNeeds, names: Sequence[str], judged: Mapping[str, Made], specs: Sequence[CheckSpec]
    ) -> StageNeeds:
        """With what the judges among a stage's checks are asked, and their calibrations before."""
        try:
            asked = estimate_judges(judged, self._records, self._leave_out_asked(judged, specs))
            notes = (*needs.notes, *asked.notes, *tell_calibrations(self._run, names, specs))
        except UserError as error:
            return StageNeeds(needs.amounts, needs.notes, (*needs.faults, str(error)))
        return StageNeeds({**needs.amounts, **asked.amounts}, notes, needs.faults)

    def _leave_out_asked(self, judged: Mapping[str, Made], specs: Sequence[CheckSpec]) -> list[CheckSpec]:
        """Without the judges that an earlier stage asks about just these samples: nothing is asked twice."""
        kept = []
        for spec in specs:
            keys = {(name, spec.label, spec.build().digest) for name in judged}
            if not isinstance(spec.build(), EngineCheck) or not keys <= self._asked:
                kept.append(spec)
            self._asked |= keys
        return kept

    def _estimate_mix(self, options: Any) -> StageNeeds:
        faults = []
        sources: Sequence[Source] = options.sources
        for source in sources:
            name = source.source
            if name in self._made or self._run.has_samples(name):
                self._begin_record(name)
                known = [entry["label"] for entry in self._records[name]["checks"]]
                faults += list_unknown_checks(source, known)
                faults += list_overruled(source, self._records[name])
        needs = estimate_set(sources, self._made, self._records, self._run)
        amounts, notes = needs.amounts, needs.notes
        if options.against or options.distinct or options.holdout or options.is_bounded:
            # No pilot says how many: they are counted over all that a set is made of.
            amounts = {of: one if of == "read" else up_to(one.high) for of, one in amounts.items()}
            notes = (
                *notes,
                "its rows are a bound alone: what benchmarks hold, what is told twice, is held out, or is more than shares, tokens and a "
                "total let, is left out of them",
            )
        return StageNeeds(amounts, notes, (*faults, *needs.faults))

    def _record(self, name: str, specs: Sequence[CheckSpec], command: Command) -> None:
        """Note which checks a stage asks for, beside those that the run has a record of."""
        self._begin_record(name)
        self._records[name] = add_request(self._records[name], specs, command)

    def _begin_record(self, name: str) -> None:
        if name not in self._records:
            there = self._run.has_samples(name)
            self._records[name] = read_record(self._run, name) if there else NO_RECORD

    def _find_pilot(self, stage: SampledStage) -> tuple[Pilot | None, str]:
        try:
            return read_pilot(self._pilot, stage), ""
        except UserError as error:
            return None, str(error).rstrip(".")

    def _keep(self, stage: SampledStage, needs: StageNeeds, pilot: Pilot | None) -> None:
        """Note what is made under a name; prompts of several stages with one name add up."""
        before = self._made.get(stage.name)
        prompts, most = self._bound_prompts(stage, needs, pilot), stage.most
        several, pilots = [needs], [] if pilot is None else [pilot]
        if before is not None:
            prompts = None if prompts is None or before.prompts is None else prompts + before.prompts
            most, several = max(most, before.most), [*before.needs, needs]
            pilots = [*before.pilots, *pilots]
        self._made[stage.name] = Made(prompts, most, several, pilots)

    def _bound_prompts(self, stage: SampledStage, needs: StageNeeds, pilot: Pilot | None) -> int | None:
        """How many prompts there will be samples of, at most; None where the run may hold some of others."""
        if self._run.has_samples(stage.name):
            same = pilot is not None and pilot.run.path == self._run.path
            if pilot is None or not same or pilot.matched.strange or pilot.has_more:
                return None
        most = needs.amounts["prompts"].high
        return None if most is None else int(most)
