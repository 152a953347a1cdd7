"""A set or a model of a run as a folder that the Hub takes as it is, with its card."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from curate.engines.identity import SETTINGS, WEIGHTS
from curate.publishing.card_metadata import REJECTED_CONFIG
from curate.publishing.cards import list_evaluations, render_dataset_card, render_model_card
from curate.publishing.outgoing_files import copy_model, copy_rows, list_records, make_scrubber, warn_secrets
from curate.publishing.rejected_rows import write_rejected
from curate.publishing.set_sources import SetSource, find_named, read_loose_set, read_run_set
from curate.reporting.models import Model, read_models
from curate.scrubber import Scrubber
from curate.selection.licence_terms import find_contradiction
from curate.selection.licences import read_licences
from curate.selection.loose_sets import name_beside
from curate.store.finished_sets import compute_set_digest
from curate.store.layout import MODEL_INFO, Run
from curate.store.storage import STORAGE
from curate.store.whole_files import read_json, write_folder_aside, write_json
from curate.visible_text import escape_controls
from filters.digest import digest
from filters.errors import UserError

Kind = Literal["set", "model"]

PAPERS: Final = ("LICENSE*", "LICENCE*", "NOTICE*", "*config.json")
"""Files of a model folder that are copied beside the weights and what their loader reads."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How something is published: its repository on the Hub, if it is known, and its licence. rejected: with the rows that a set left out."""

    repo: str | None
    licence: str
    rejected: bool = False


def hold_folder(out: Path, run: Run | None) -> AbstractContextManager[None]:
    """Hold a folder while it is made and pushed, so that nobody makes it anew meanwhile. Raises UserError, naming the holder, where another process does.

    run: that it is made of; the lock lies there, or hidden beside the folder.
    """
    out = out.absolute()
    lock = run.lock("published", digest(str(out))) if run else out.with_name(f".{out.name}.lock")
    return STORAGE.lock(lock, f"the folder '{out}'")


def publish_set(source: SetSource, out: Path, terms: Terms) -> None:
    """Make, or remake, the folder `out` for a set.

    Raises UserError where `out` holds something else, or the set's rejected rows are asked for and not there.
    """
    if terms.rejected and source.run is None:
        raise UserError(
            f"--rejected: '{source.made.name}' was mixed from files, and only a run keeps the rows that were rejected; "
            f"why rows of files were left out stands in {source.made.name}.rejected.jsonl beside the set."
        )
    _refuse_foreign(out, "set", source.made.name)
    with write_folder_aside(out) as aside:
        _write_set(source, terms, aside)


def publish_model(run: Run, name: str, out: Path, terms: Terms) -> None:
    """Make, or remake, the folder `out` for a model. Raises UserError where `out` holds something else, or the run has no such model."""
    _refuse_foreign(out, "model", name)
    with write_folder_aside(out) as aside:
        _write_model(run, name, terms, aside)


def _refuse_foreign(out: Path, kind: Kind, name: str) -> None:
    """A folder that this command did not make for the same thing is not replaced."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    info = read_json(out / MODEL_INFO) if out.is_dir() else None
    same = info is not None and (info.get("kind"), info.get("name")) == (kind, name)
    if not same or (out / ".git").exists():
        raise UserError(f"'{out}' holds something else; name another folder with --out.")


def _write_set(source: SetSource, terms: Terms, folder: Path) -> None:
    _require_fitting_licence(source, terms.licence)
    scrubber = make_scrubber(source.records)
    (folder / "data").mkdir()
    for split, files in source.splits.items():
        for number, file in enumerate(files):
            copy_rows(file, folder / "data" / f"{split}-{number:05d}-of-{len(files):05d}.parquet")
    rejected = write_rejected(source, folder / REJECTED_CONFIG, scrubber) if terms.rejected else []
    warn_secrets([*source.files, *rejected])
    given = {"kind": "set", "name": source.made.name, "repo": terms.repo, "licence": terms.licence}
    write_json(folder / MODEL_INFO, {**given, **scrubber.scrub(source.made.about), **given})
    _write_card(folder, render_dataset_card(source, terms.licence, terms.repo, scrubber, rejected), scrubber)


def _require_fitting_licence(source: SetSource, declared: str) -> None:
    """Refuse to declare a licence that what is known of the rows' own speaks against."""
    licences = [one.licence for one in read_licences(source.made.about)]
    if (why := find_contradiction(declared, licences)) is not None:
        raise UserError(
            f"'{source.made.name}' cannot be published under {declared}: {why}. Name another --licence, or `other`."
        )


def _write_model(run: Run, name: str, terms: Terms, folder: Path) -> None:
    model = find_named(read_models(run), name, "model", run)
    results = list_evaluations(run, name)
    records = list_records(run)
    scrubber = make_scrubber(records)
    copy_model(run.model(name), folder, (*SETTINGS, *WEIGHTS, *PAPERS), scrubber)
    source = _find_set(run, model, records)
    about = {
        **scrubber.scrub({**model.about, "evaluations": [one.rest for one in results]}),
        "kind": "model",
        "training": model.kind,
        "name": name,
        "repo": terms.repo,
        "licence": terms.licence,
        **_find_published(source),
    }
    write_json(folder / MODEL_INFO, about)
    _write_card(folder, render_model_card(run, model, source, results, about, scrubber), scrubber)


def _find_set(run: Run, model: Model, records: list[Path]) -> SetSource | None:
    """The set that a model was trained on, by name or in a folder of its own: none where its files are others by now, and none of a model that saw none."""
    if model.set is None:
        return None
    if model.set in run.set_names():
        same = _is_unchanged(run.set(model.set), model)
        return read_run_set(run, model.set, records) if same else None
    folder = Path(model.set).absolute()
    described = folder.is_dir() and name_beside(folder)[0].is_file()
    return read_loose_set(folder) if described and _is_unchanged(folder, model) else None


def _is_unchanged(folder: Path, model: Model) -> bool:
    """Whether a set's files are those that the model saw: as many rows may be others."""
    return compute_set_digest(folder) == model.about.get("set_digest")


def note_push(folder: Path, repo: str, address: str) -> None:
    """Keep beside a published folder where it was pushed to, and as which commit: models trained on the set tell it."""
    _, marked, commit = address.rpartition("/commit/")
    if marked:
        write_json(_push_note(folder), {"repo": repo, "commit": commit, "digest": _read_digest(folder)})


def _push_note(folder: Path) -> Path:
    return folder.absolute().with_name(f"{folder.absolute().name}.pushed.json")


def _read_digest(folder: Path) -> str | None:
    found: str | None = (read_json(folder / MODEL_INFO) or {}).get("digest")
    return found


def _find_published(source: SetSource | None) -> dict[str, str | None]:
    """The repository that a model's set was published to, and its commit, as far as is known; none of another set of that name."""
    unknown: dict[str, str | None] = {"dataset": None, "dataset_revision": None}
    if source is None:
        return unknown
    folder = source.published_folder
    about = read_json(folder / MODEL_INFO) or {}
    if about.get("kind") != "set" or about.get("digest") != source.made.about.get("digest"):
        return unknown
    pushed = read_json(_push_note(folder)) or {}
    same = pushed.get("digest") == about.get("digest") and pushed.get("repo") == about["repo"]
    return {"dataset": about["repo"], "dataset_revision": pushed.get("commit") if same else None}


def _write_card(folder: Path, text: str, scrubber: Scrubber) -> None:
    (folder / "README.md").write_text(escape_controls(scrubber.scrub_text(text)), encoding="utf-8")
