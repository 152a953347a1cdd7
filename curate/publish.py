"""`publish`: a set or a model of a run becomes a folder that the Hub takes as it is, with its card."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import Field, model_validator

from curate.cards import dataset_card, evaluations_of, model_card, set_files
from curate.console import emit, note
from curate.folder import Run, open_run, read_json, sync, write_json
from curate.options import StageOptions
from curate.reporting.facts import DataSet, model_name, read_sets
from curate.reporting.models import Model, read_models
from curate.reporting.rollouts import ROLLOUTS
from filters.vocabulary import UserError

ABOUT: Final = "r1curate.json"
"""Tells a folder that this command made, and may therefore replace, from others."""
OURS: Final = ("README.md", ABOUT, ROLLOUTS, ".*")
"""Files of a model folder that stay behind: those that this command writes itself, raw responses of a training, and what is hidden."""


class PublishOptions(StageOptions):
    """Make a Hub dataset or model folder."""

    run: Path
    """The run folder."""
    dataset: str | None = None
    """The set of the run to publish."""
    model: str | None = None
    """The model to publish, in place of a set."""
    out: Path | None = None
    """The folder to make; RUN/published/NAME unless given."""
    repo: str | None = Field(None, pattern=r"^[\w.-]+/[\w.-]+$")
    """The repository on the Hub, as owner/name."""
    push: bool = False
    """Upload the folder to --repo; needs a token (hf auth login, or HF_TOKEN)."""
    private: bool = True
    """Whether a repository that --push creates is private."""
    licence: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    """The Hub's word for the licence, e.g. apache-2.0 or other; mind the terms of the teacher and the prompts."""

    @model_validator(mode="after")
    def _one(self) -> PublishOptions:
        if (self.dataset is None) == (self.model is None):
            raise ValueError("name either a set or a model with --dataset NAME or --model NAME")
        if self.push and self.repo is None:
            raise ValueError("say where to push with --repo OWNER/NAME")
        return self


def publish(options: PublishOptions) -> None:
    """Make a folder that is a valid Hub dataset or model, with its card; with --push, upload it.

    Reads RUN/sets/NAME or RUN/models/NAME. Writes RUN/published/NAME.

    Example: r1curate publish --run runs/r1 --dataset sft --licence apache-2.0 --repo me/r1-sft --push
    """
    run = open_run(options.run)
    name = options.dataset or options.model or ""
    out = options.out or run.path / "published" / name
    _refuse_foreign(out, "set" if options.dataset else "model", name)
    aside = out.absolute().with_name(f".{out.name}.writing")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        (_write_set if options.dataset else _write_model)(run, name, options, aside)
        shutil.rmtree(out, ignore_errors=True)
        aside.rename(out)
        sync(out.absolute().parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    emit(f"published: {out}")
    _upload(options, out)


def _refuse_foreign(out: Path, kind: str, name: str) -> None:
    """A folder that this command did not make for the same thing is not replaced."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    about = read_json(out / ABOUT) if out.is_dir() else None
    same = about is not None and (about.get("kind"), about.get("name")) == (kind, name)
    if not same or (out / ".git").exists():
        raise UserError(f"'{out}' holds something else; name another folder with --out.")


def _write_set(run: Run, name: str, options: PublishOptions, folder: Path) -> None:
    made = _named(read_sets(run), name, "set", run)
    (folder / "data").mkdir(parents=True)
    for file in set_files(run, made):
        shutil.copyfile(file, folder / "data" / file.name)
    about = {"kind": "set", "name": name, "repo": options.repo, "licence": options.licence}
    _write_about(run, folder, {**about, **made.about})
    _write_card(folder, dataset_card(run, made, options.licence, options.repo))


def _write_model(run: Run, name: str, options: PublishOptions, folder: Path) -> None:
    model = _named(read_models(run), name, "model", run)
    results = evaluations_of(run, name)
    shutil.copytree(run.model(name), folder, ignore=shutil.ignore_patterns(*OURS))
    made = next((one for one in read_sets(run) if _trained_on(model, one)), None)
    about = {
        **model.about,
        "kind": "model",
        "training": model.kind,
        "name": name,
        "repo": options.repo,
        "licence": options.licence,
        "dataset": _published_set(run, made.name) if made else None,
        "evaluations": [dict(one.rest) for one in results],
        # A sentence may name the base model's folder.
        "troubles": [said.replace(model.base, model_name(model.base, run)) for said in model.troubles],
    }
    shown = _write_about(run, folder, about)
    _write_card(folder, model_card(run, model, made, results, shown))


def _trained_on(model: Model, made: DataSet) -> bool:
    """Whether the set is the one the model saw, and not one made anew under its name; a model trained on rewards saw none."""
    return made.name == model.set and made.rows == model.about["rows"] + model.about["left_out"]


def _published_set(run: Run, name: str) -> str | None:
    """The repository that the model's set was published to, as far as the run knows."""
    about = read_json(run.path / "published" / name / ABOUT)
    return about["repo"] if about and about.get("kind") == "set" else None


def _named(known: list[Any], name: str, kind: str, run: Run) -> Any:
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known) or "none"
    raise UserError(f"'{run.path}' has no {kind} '{name}'; there are: {names}.")


def _write_about(run: Run, folder: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """Write what made the folder, without this machine's paths, which tell strangers nothing."""
    shown: dict[str, Any] = _without_paths(about, run)
    write_json(folder / ABOUT, shown)
    return shown


def _without_paths(value: Any, run: Run) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_paths(inner, run) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_paths(inner, run) for inner in value]
    return model_name(value, run) if isinstance(value, str) and "/" in value else value


def _write_card(folder: Path, text: str) -> None:
    (folder / "README.md").write_text(text, encoding="utf-8")


def _upload(options: PublishOptions, folder: Path) -> None:
    kind = "dataset" if options.dataset else "model"
    if not options.push:
        repo = options.repo or f"OWNER/{folder.name}"
        private = " --private" if options.private else ""
        note(f"upload it with: hf upload {repo} {shlex.quote(str(folder))} . --repo-type {kind}{private}")
        return
    assert options.repo is not None
    emit(f"pushed: {_push(options.repo, kind, folder, options.private)}")


def _push(repo: str, kind: str, folder: Path, private: bool) -> str:
    """Create the repository where there is none, replace its files, and give its address."""
    from huggingface_hub import HfApi, get_token

    if get_token() is None:
        raise UserError("There is no Hub token: log in with `hf auth login` or set HF_TOKEN.")
    api = HfApi()
    stale = ["data/*"] if kind == "dataset" else ["*.safetensors", "*.safetensors.index.json"]
    _hub(repo, lambda: api.create_repo(repo, repo_type=kind, private=private, exist_ok=True))
    made = _hub(
        repo,
        lambda: api.upload_folder(
            repo_id=repo, folder_path=folder, repo_type=kind, delete_patterns=stale,
            commit_message=f"Publish {folder.name} with r1curate",
        ),
    )  # fmt: skip
    return str(made.commit_url)


def _hub(repo: str, call: Callable[[], Any]) -> Any:
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return call()
    except HfHubHTTPError as error:
        said = " ".join((error.server_message or str(error)).split())
        raise UserError(f"The Hub refused '{repo}': {said[:300]}") from None
    except HFValidationError as error:
        raise UserError(f"'{repo}' cannot be a repository: {error}") from None
    except (httpx.HTTPError, ConnectionError) as error:
        raise UserError(
            f"The Hub cannot be reached ({error}); the folder '{repo}' was made all the same."
        ) from None
