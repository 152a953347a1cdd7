"""A recipe checked against itself: whether each stage names what an earlier one makes, or what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from curate.readers.datasets_hub import HUB_SET
from curate.readers.formats.kinds import PACKINGS, SUFFIXES
from curate.store.layout import EVALUATION, Run
from filters.chosen_names import suggest_name

PLACE: Final = ("/", "://")
"""In a text, what makes it a place or a name on the Hub, and no name in a run."""


class Names:
    """What a run holds and the stages so far make: samples, sets, models and evaluations by name."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.known: dict[str, list[str]] = {
            "samples": run.sample_names(),
            "set": run.set_names(),
            "model": run.model_names(),
            "evaluation": run.evaluation_names(),
        }

    def add(self, kind: str, options: Any) -> None:
        """What a stage makes."""
        made = {
            "generate": "samples",
            "mix": "set",
            "distill": "model",
            "grpo": "model",
            "evaluate": "evaluation",
        }
        if kind in made:
            self.known[made[kind]].append(options.name)
        if kind == "evaluate":
            self.known["samples"].append(f"{EVALUATION}{options.name}")

    def miss(self, what: str, name: str) -> str | None:
        """A sentence where no stage before makes something, and the run has none."""
        if name in self.known[what]:
            return None
        known = self.known[what]
        told = f"; {suggest_name(name, known)}" if known else "."
        lacks, them = ("are no samples", "them") if what == "samples" else (f"is no {what}", "it")
        return f"there {lacks} '{name}': no stage before makes {them}, and '{self.run.path}' has none{told}"


def list_name_faults(stages: Sequence[tuple[str, Any]], run: Run) -> Iterator[tuple[int, str]]:
    """What stages name and nothing makes: the stage's number, and a sentence. stages: kinds with their options, in order."""
    names = Names(run)
    for number, (kind, options) in enumerate(stages, 1):
        look = LOOKS.get(kind)
        if look is not None:
            yield from ((number, fault) for fault in look(options, names) if fault is not None)
        names.add(kind, options)


def list_missing_files(stages: Sequence[tuple[str, Any]]) -> Iterator[tuple[int, str]]:
    """Files that stages read and that are not here: as numbers and sentences. They may be elsewhere, or come later."""
    for number, (_, options) in enumerate(stages, 1):
        given = [getattr(options, "prompts", None), *(one.source for one in getattr(options, "sources", ()))]
        given += [*getattr(options, "against", ()), *getattr(options, "trained_on", ())]
        yield from (
            (number, f"there is no file '{one}' here yet")
            for one in given
            if isinstance(one, str)
            and one.endswith((*SUFFIXES, *PACKINGS))
            and "://" not in one
            and not Path(one).exists()
        )


def _look_at_checks(options: Any, names: Names) -> Iterator[str | None]:
    if Path(options.source) != names.run.path:
        return
    if options.name is not None:
        yield names.miss("samples", options.name)
    elif not names.known["samples"]:
        yield f"no stage before samples anything, and '{names.run.path}' has no samples."


def _look_at_mix(options: Any, names: Names) -> Iterator[str | None]:
    for source in options.sources:
        one = source.source
        if not (_is_place(one) or one.endswith((*SUFFIXES, *PACKINGS))):
            yield names.miss("samples", one)


def _look_at_distill(options: Any, names: Names) -> Iterator[str | None]:
    if not (_is_place(options.dataset) or options.dataset.endswith((*SUFFIXES, *PACKINGS))):
        yield names.miss("set", options.dataset)


def _look_at_grpo(options: Any, names: Names) -> Iterator[str | None]:
    if options.rates is not None:
        yield names.miss("samples", options.rates)


def _look_at_sampled(options: Any, names: Names) -> Iterator[str | None]:
    before = getattr(options, "before", None)
    if before is not None:
        yield names.miss("evaluation", before)
    folder = Path(options.engine.model) if options.engine.model else None
    if folder is not None and folder.parent == names.run.path / "models" and not folder.is_dir():
        yield names.miss("model", folder.name)


def _look_at_publish(options: Any, names: Names) -> Iterator[str | None]:
    what, name = ("set", options.dataset) if options.dataset is not None else ("model", options.model)
    yield names.miss(what, name)


LOOKS: Final[dict[str, Callable[[Any, Names], Iterator[str | None]]]] = {
    "generate": _look_at_sampled,
    "evaluate": _look_at_sampled,
    "verify": _look_at_checks,
    "filter": _look_at_checks,
    "mix": _look_at_mix,
    "distill": _look_at_distill,
    "grpo": _look_at_grpo,
    "publish": _look_at_publish,
}
"""By the kind of a stage, what it names of others."""


def _is_place(name: str) -> bool:
    return any(mark in name for mark in PLACE) or Path(name).exists() or HUB_SET.fullmatch(name) is not None
