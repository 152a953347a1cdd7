"""The gate before a judge: it is calibrated before it is asked, and what it said is withheld while it may not decide."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from curate.calibration.calibrate import (
    calibrate_on_run,
    calibrate_resident_on_run,
    find_calibration,
    needs_calibration,
)
from curate.calibration.calibration import Calibration
from curate.calibration.gate import explain_closed, withhold_verdict
from curate.engines.factory import open_engine
from curate.engines.restarting import RestartingEngine
from curate.event_loop import run_async
from curate.store.layout import Run
from curate.store.parquet import count_rows, scan_files, write_part
from curate.store.schema import VERDICTS, verdict_row
from curate.store.stale_verdicts import read_decided, read_skipped
from curate.store.storage import STORAGE
from curate.store.verdict_journal import VerdictJournal
from curate.store.verdicts import describe_sidecar
from filters.check import EngineCheck
from filters.spec import CheckSpec

logger = logging.getLogger(__name__)


def asks_any(run: Run, name: str, spec: CheckSpec, parts: Sequence[Path]) -> bool:
    """Whether the rule before a judge leaves it any sample of these parts."""
    return any(len(read_skipped(run, name, spec, part)) < count_rows(part) for part in parts)


def withhold_verdicts(
    run: Run,
    name: str,
    spec: CheckSpec,
    parts: Sequence[Path],
    found: Calibration,
    advance: Callable[[int], None],
) -> None:
    """Write of each sample that the check may not decide; what it has decided earlier goes to its journal, for when it may."""
    journal = VerdictJournal(run, name, spec.label, spec.build().digest)
    instead = withhold_verdict(found)
    try:
        for part in parts:
            # On the disk before anything takes the place of the sidecar that holds it.
            journal.keep(read_decided(run, name, part, spec))
            skipped = read_skipped(run, name, spec, part)
            rows = [
                verdict_row(key, content, skipped.get(key, instead)) for key, content in _list_samples(part)
            ]
            info = describe_sidecar(run, name, spec, part)
            write_part(run.sidecar(name, spec.label, part), rows, VERDICTS, info)
            advance(len(rows))
    finally:
        journal.close(done=False)


def _list_samples(part: Path) -> Iterator[tuple[str, str | None]]:
    rows = scan_files([part], ("content",)).select("sample_id", "content").collect()
    yield from rows.iter_rows()


def warn_closed(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Say of each check that may not decide that it decided nothing, and why."""
    for spec in specs:
        found = find_calibration(run, name, spec) if spec.build().calibrated else None
        if found is not None and not found.reliable:
            logger.warning(explain_closed(spec.label, found))


def recalibrate(run: Run, name: str, specs: Sequence[CheckSpec]) -> dict[str, Calibration]:
    """Calibrate the checks among these that need it on what `samples(name)` are now; the outcomes by label.

    What was answered before is not asked again. Raises UserError where another process writes these verdicts.
    """
    wanted = [spec for spec in specs if needs_calibration(spec.build())]
    if not wanted:
        return {}
    with STORAGE.lock(run.lock("verdicts", name), f"the verdicts on '{name}' in '{run.path}'"):
        return {spec.label: calibrate_check(run, name, spec) for spec in wanted}


def calibrate_check(run: Run, name: str, spec: CheckSpec) -> Calibration:
    """Calibrate one check on what `samples(name)` are now. Its caller holds the verdicts' lock. Raises WorkUndone where its engine fails."""
    if isinstance(spec.build(), EngineCheck):
        return run_async(_open_and_calibrate(run, name, spec))
    return calibrate_resident_on_run(run, name, spec)


async def _open_and_calibrate(run: Run, name: str, spec: CheckSpec) -> Calibration:
    check = spec.build()
    assert isinstance(check, EngineCheck)
    engine = await RestartingEngine.open(lambda: open_engine(check.engine))
    try:
        return await calibrate_on_run(run, name, spec, engine)
    finally:
        await engine.close()
