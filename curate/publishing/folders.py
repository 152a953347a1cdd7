"""A set or a model of a run as a folder that the Hub takes as it is, with its card."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

from curate.engines.identity import SETTINGS, WEIGHTS
from curate.publishing.cards import list_evaluations, render_dataset_card, render_model_card
from curate.publishing.outgoing_files import copy_model, copy_rows, make_scrubber, warn_secrets
from curate.reporting.models import Model, read_models
from curate.reporting.run_facts import DataSet, read_sets
from curate.scrubber import Scrubber
from curate.store.finished_sets import list_set_files
from curate.store.layout import MODEL_INFO, Run
from curate.store.whole_files import read_json, write_folder_aside, write_json
from curate.visible_text import escape_controls
from filters.errors import UserError

Kind = Literal["set", "model"]

PAPERS: Final = ("LICENSE*", "LICENCE*", "NOTICE*", "*config.json")
"""Files of a model folder that are copied beside the weights and what their loader reads."""


def publish_folder(run: Run, kind: Kind, name: str, out: Path, repo: str | None, licence: str) -> None:
    """Make, or remake, the folder `out` for a set or a model.

    Raises UserError where `out` holds something else, or the run has no such set or model.
    """
    _refuse_foreign(out, kind, name)
    with write_folder_aside(out) as aside:
        (_write_set if kind == "set" else _write_model)(run, name, repo, licence, aside)


def _refuse_foreign(out: Path, kind: Kind, name: str) -> None:
    """A folder that this command did not make for the same thing is not replaced."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    info = read_json(out / MODEL_INFO) if out.is_dir() else None
    same = info is not None and (info.get("kind"), info.get("name")) == (kind, name)
    if not same or (out / ".git").exists():
        raise UserError(f"'{out}' holds something else; name another folder with --out.")


def _write_set(run: Run, name: str, repo: str | None, licence: str, folder: Path) -> None:
    made = _find_named(read_sets(run), name, "set", run)
    files = list_set_files(run, name)
    (folder / "data").mkdir()
    for file in files:
        copy_rows(file, folder / "data" / file.name)
    warn_secrets(files)
    scrubber = make_scrubber(run)
    given = {"kind": "set", "name": name, "repo": repo, "licence": licence}
    write_json(folder / MODEL_INFO, {**given, **scrubber.scrub(made.about), **given})
    _write_card(folder, render_dataset_card(run, made, licence, repo), scrubber)


def _write_model(run: Run, name: str, repo: str | None, licence: str, folder: Path) -> None:
    model = _find_named(read_models(run), name, "model", run)
    results = list_evaluations(run, name)
    scrubber = make_scrubber(run)
    copy_model(run.model(name), folder, (*SETTINGS, *WEIGHTS, *PAPERS), scrubber)
    made = next((one for one in read_sets(run) if _trained_on(model, one)), None)
    about = {
        **scrubber.scrub({**model.about, "evaluations": [one.rest for one in results]}),
        "kind": "model",
        "training": model.kind,
        "name": name,
        "repo": repo,
        "licence": licence,
        "dataset": _published_set(run, made.name) if made else None,
    }
    write_json(folder / MODEL_INFO, about)
    _write_card(folder, render_model_card(run, model, made, results, about), scrubber)


def _trained_on(model: Model, made: DataSet) -> bool:
    """Whether the set is the one the model saw, and not one made anew under its name; a model trained on rewards saw none."""
    return made.name == model.set and made.rows == model.about["rows"] + model.about["left_out"]


def _published_set(run: Run, name: str) -> str | None:
    """The repository that the model's set was published to, as far as the run knows."""
    about = read_json(run.published_folder(name) / MODEL_INFO)
    return about["repo"] if about and about.get("kind") == "set" else None


def _find_named(known: list[Any], name: str, kind: str, run: Run) -> Any:
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known) or "none"
    raise UserError(f"'{run.path}' has no {kind} '{name}'; there are: {names}.")


def _write_card(folder: Path, text: str, scrubber: Scrubber) -> None:
    (folder / "README.md").write_text(escape_controls(scrubber.scrub_text(text)), encoding="utf-8")
