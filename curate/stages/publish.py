"""`publish`: a set or a model of a run becomes a folder that the Hub takes as it is, with its card."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, model_validator

from curate.options import StageOptions
from curate.publishing.folders import Terms, hold_folder, note_push, publish_model, publish_set
from curate.publishing.hub import Destination, HubKind, push_folder, upload_command
from curate.publishing.outgoing_files import list_records
from curate.publishing.set_sources import read_loose_set, read_run_set
from curate.stage_results import StageResult
from curate.store.layout import open_run

logger = logging.getLogger(__name__)


class PublishOptions(StageOptions):
    """Make a Hub dataset or model folder."""

    arguments = ("folder",)

    folder: Path | None = None
    """The folder of a set that `mix FILES --out FOLDER` made, in place of a run."""
    run: Path | None = None
    """The run folder."""
    dataset: str | None = None
    """The set of the run to publish."""
    model: str | None = None
    """The model of the run to publish, instead of a set."""
    out: Path | None = None
    """The folder to make. Default: RUN/published/NAME; without a run, FOLDER.published."""
    rejected: bool = False
    """Publish also the rows that a check rejected or could not decide, with its reasons, as the configuration `rejected`."""
    repo: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$")
    """The repository on the Hub, as owner/name."""
    push: bool = False
    """Upload the folder to --repo; needs a token (hf auth login, or HF_TOKEN)."""
    private: bool = True
    """Whether the repository that --push creates, or finds, is private; a public one is refused without --no-private."""
    revision: str | None = Field(default=None, pattern=r"^\w[\w./-]*$")
    """The branch that --push commits to, made where there is none. Default: the repository's own."""
    pull_request: bool = False
    """Open a pull request instead of committing."""
    licence: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    """License identifier of the Hub, e.g. apache-2.0 or other; mind the terms of the teacher and the prompts."""

    @model_validator(mode="after")
    def _one(self) -> PublishOptions:
        if (self.folder is None) == (self.run is None):
            raise ValueError("give either --run RUN, or the FOLDER of a set that was mixed from files alone")
        if self.run is not None and (self.dataset is None) == (self.model is None):
            raise ValueError("name either a set or a model with --dataset NAME or --model NAME")
        if self.run is None and (self.dataset or self.model):
            raise ValueError(
                "--dataset and --model name something in a run: give --run RUN, or leave them out"
            )
        if self.model is not None and self.rejected:
            raise ValueError("--rejected publishes rows of a set; a model has none")
        if self.push and self.repo is None:
            raise ValueError("name the repository with --repo OWNER/NAME")
        if (self.revision or self.pull_request) and not self.push:
            raise ValueError("--revision and --pull-request say where --push goes: give --push")
        if self.revision and self.pull_request:
            raise ValueError("a pull request is opened for the default branch: leave out --revision")
        return self


@dataclass(frozen=True, slots=True)
class PublishResult(StageResult):
    """A folder that is ready for the Hub, and the address of its commit there where it was pushed."""

    folder: Path
    url: str | None

    def render(self) -> Iterator[str]:
        """Where it is."""
        yield f"published: {self.folder}"
        if self.url is not None:
            yield f"pushed: {self.url}"


def publish_folders(options: PublishOptions) -> PublishResult:
    """Make a folder that is a valid Hub dataset or model, with its card; with --push, upload it.

    Reads RUN/sets/NAME or RUN/models/NAME, or the folder of a set that was mixed from files. Writes RUN/published/NAME,
    or FOLDER.published.

    Example: r1curate publish --run runs/r1 --dataset sft --licence apache-2.0 --repo me/r1-sft --push

    Example: r1curate publish set --licence other
    """
    out, make = _prepare(options)
    with hold_folder(out, open_run(options.run) if options.run else None):
        make()
        if options.push:
            return PublishResult(out, _push(options, out))
    logger.info(f"upload it with: {upload_command(out, _find_kind(options), options.repo, options.private)}")
    return PublishResult(out, None)


def _prepare(options: PublishOptions) -> tuple[Path, Callable[[], None]]:
    """The folder to make, and what makes it."""
    terms = Terms(options.repo, options.licence, options.rejected)
    if options.folder is not None:
        loose = read_loose_set(options.folder)
        out = options.out or loose.published_folder
        return out, lambda: publish_set(loose, out, terms)
    assert options.run is not None, "one of the two is given"
    run, name = open_run(options.run), options.dataset or options.model or ""
    out = options.out or run.published_folder(name)
    if options.model:
        return out, lambda: publish_model(run, name, out, terms)
    return out, lambda: publish_set(read_run_set(run, name, list_records(run)), out, terms)


def _find_kind(options: PublishOptions) -> HubKind:
    return "model" if options.model else "dataset"


def _push(options: PublishOptions, out: Path) -> str:
    assert options.repo is not None
    kind = _find_kind(options)
    place = Destination(options.repo, kind, options.private, options.revision or "", options.pull_request)
    address = push_folder(out, place)
    note_push(out, options.repo, address)
    return address
