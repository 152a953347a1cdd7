"""Uploads to the Hub: first the contents of files, which nobody sees, then one commit that makes them the repository's.

A reader of the repository so has the old files or the new ones, whatever happens to a push, and a push that is made
again sends what is not there yet.
"""

from __future__ import annotations

import json
import logging
import re
import shlex
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from curate.publishing.hub_calls import HubCalls, LookAgainError, talk_to_hub
from curate.publishing.remote_files import HUB_FILES, Differences, OutgoingFolder, split_batches
from curate.scrubber import holds_token
from curate.store.layout import MODEL_INFO
from curate.store.whole_files import read_json
from filters.errors import UserError, WorkUndone

logger = logging.getLogger(__name__)

HubKind = Literal["dataset", "model"]

CONFLICT_WAITS: Final = (1, 2, 4, 8, 16)
"""Seconds before a push looks at the repository again, because another commit came before its own, or the answer was lost."""
BATCH_BYTES: Final = 256 << 20
"""Content that is uploaded before the next line about it."""
BINARY: Final = (".parquet", ".safetensors", ".bin", ".gguf", ".model")
"""Files that are no text; what rows and weights hold was looked at when the folder was made."""
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_.]+|[.]{2,}")
"""What a repository's name is parted at: the Hub knows no others, and no hyphens or points in a row."""
MOST_NAMED: Final = 5
"""Removed files that are named."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a folder goes. revision: a branch, the default one where empty; pull_request: opened for the default branch."""

    repo: str
    kind: HubKind
    private: bool = True
    revision: str = ""
    pull_request: bool = False


def upload_command(folder: Path, kind: HubKind, repo: str | None, private: bool) -> str:
    """The command line that uploads a folder."""
    flag = " --private" if private else ""
    name = _NO_NAME.sub("-", folder.name.removesuffix(".published")).strip("-.") or "NAME"
    place = repo or f"OWNER/{name}"
    return f"hf upload {place} {shlex.quote(str(folder))} . --repo-type {kind}{flag}"


def push_folder(folder: Path, place: Destination) -> str:
    """Make the repository's files those of the folder, creating it where there is none; gives the commit's address, or the pull request's.

    Raises UserError where there is no token, the repository holds something else, or the Hub refuses; WorkUndone where
    it cannot be reached or others commit all the time.
    """
    from huggingface_hub import HfApi, get_token

    token = get_token()
    if token is None:
        raise UserError("There is no Hub token: log in with `hf auth login` or set HF_TOKEN.")
    _require_no_key(folder, token)
    calls = HubCalls(place.repo, token)
    with talk_to_hub(calls):
        push = _Push(HfApi(), calls, OutgoingFolder(folder), place)
        push.prepare()
        for wait in (*CONFLICT_WAITS, None):
            try:
                return push.attempt()
            except LookAgainError as error:
                if wait is None:
                    raise calls.leave_undone(f"Of several tries none was committed: {error}") from None
                logger.warning(f"{error}; looking at '{place.repo}' again in {wait} s")
                time.sleep(wait)
    raise AssertionError("the last try returns or raises")


def _require_no_key(folder: Path, token: str) -> None:
    for name in OutgoingFolder(folder).list_files():
        file = folder / name
        if file.suffix in BINARY:
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if token in text or (name in ("README.md", MODEL_INFO) and holds_token(text)):
            raise UserError(f"'{file}' holds a key; take it out before you publish it.")


@dataclass(frozen=True)
class _Push:
    """One push of a folder: each attempt looks at the repository anew."""

    api: Any
    calls: HubCalls
    folder: OutgoingFolder
    place: Destination

    @property
    def _named(self) -> dict[str, Any]:
        return {"repo_id": self.place.repo, "repo_type": self.place.kind}

    @property
    def _target(self) -> dict[str, Any]:
        return {"revision": self.place.revision or None, "create_pr": self.place.pull_request}

    @property
    def _message(self) -> str:
        return f"Publish {self.place.repo.partition('/')[2]} with r1curate"

    def prepare(self) -> None:
        """See to it that there is the repository, and the branch, as private as was asked for."""
        api, place, call = self.api, self.place, self.calls.call
        call(lambda: api.create_repo(place.repo, repo_type=place.kind, private=place.private, exist_ok=True))
        found = call(lambda: api.repo_info(**self._named))
        if place.private and found.private is False:
            raise UserError(
                f"'{place.repo}' is public, and --push uploads to a private repository unless told otherwise: give "
                "--no-private, or make the repository private."
            )
        if not place.private and found.private:
            logger.warning(f"'{place.repo}' is private, and stays so: only its owner can make it public")
        if place.revision:
            call(lambda: api.create_branch(**self._named, branch=place.revision, exist_ok=True))

    def attempt(self) -> str:
        """Upload what the repository lacks, commit, and look whether its files are the folder's."""
        branch = self.place.revision or None
        head = self.calls.call(lambda: self.api.repo_info(**self._named, revision=branch)).sha
        there = self._list_files(head)
        todo = self.folder.compare(there)
        self._require_own(there, head, todo)
        if not todo:
            logger.info(f"'{self.place.repo}' holds exactly these files already")
            return self._address(head)
        if self.place.pull_request and (known := self._find_request()):
            return known
        made = self._commit(todo, self._upload(todo.written), head)
        if self.folder.compare(self._list_files(made.oid)):
            raise WorkUndone(
                f"'{self.place.repo}' has at {made.oid[:12]} other files than '{self.folder.path}', which was changed while it was pushed: "
                "run the same command again."
            )
        return str(made.pr_url or made.commit_url)

    def _list_files(self, revision: str) -> dict[str, Any]:
        listed = self.calls.call(
            lambda: list(self.api.list_repo_tree(**self._named, revision=revision, recursive=True))
        )
        return {one.path: one for one in listed if hasattr(one, "blob_id")}

    def _require_own(self, there: Mapping[str, Any], head: str, todo: Differences) -> None:
        """Refuse a repository whose files nobody could have meant to be replaced: those of something else, whoever made it."""
        if set(there) <= {*HUB_FILES, "README.md"} or (
            MODEL_INFO in there and MODEL_INFO not in todo.written
        ):
            return
        ours = (read_json(self.folder.path / MODEL_INFO) or {}).get("name")
        theirs = self._read_name(head) if MODEL_INFO in there else None
        if theirs is not None and theirs == ours:
            return
        what = (
            f"'{self.calls.say(theirs)}'" if theirs is not None else "something that r1curate did not publish"
        )
        raise UserError(
            f"'{self.place.repo}' holds {what}, not '{ours}' ({len(there)} files at {head[:12]}); name another repository, or delete its "
            "files there."
        )

    def _read_name(self, head: str) -> str | None:
        """What the repository's own record calls what it holds; None where nothing can be read from it."""
        with TemporaryDirectory() as place:
            got = self.calls.call(
                lambda: self.api.hf_hub_download(
                    **self._named, filename=MODEL_INFO, revision=head, local_dir=place
                )
            )
            try:
                found = json.loads(Path(got).read_bytes())
            except ValueError:
                return None
        name = found.get("name") if isinstance(found, dict) else None
        return name if isinstance(name, str) else None

    def _find_request(self) -> str | None:
        """The address of an open pull request of ours that has these very files: its answer was lost."""
        requests = self.calls.call(
            lambda: list(self.api.get_repo_discussions(**self._named, discussion_type="pull_request"))
        )
        for one in requests:
            ours = one.title == self._message and one.status in ("open", "draft")
            if ours and not self.folder.compare(self._list_files(one.git_reference)):
                return str(one.url)
        return None

    def _upload(self, names: Sequence[str]) -> list[Any]:
        """Upload the contents of files, to where they are found by their digest; what is there already is not sent."""
        from huggingface_hub import CommitOperationAdd

        operations: list[Any] = []
        for batch in split_batches(self.folder.path, names, BATCH_BYTES):
            some = [CommitOperationAdd(name, self.folder.path / name) for name in batch]
            self.calls.call(partial(self._send, some))
            operations += some
            logger.info(f"uploaded {len(operations):,} of {len(names):,} files")
        return operations

    def _send(self, additions: list[Any]) -> None:
        # Without a .gitignore: one in the repository would silently keep files away.
        self.api.preupload_lfs_files(
            self.place.repo,
            additions,
            **self._target,
            repo_type=self.place.kind,
            free_memory=False,
            gitignore_content="",
        )

    def _commit(self, todo: Differences, written: list[Any], head: str) -> Any:
        from huggingface_hub import CommitOperationDelete

        if todo.removed:
            rest = ", …" if len(todo.removed) > MOST_NAMED else ""
            logger.info(
                f"removed, since they are not in the folder: {', '.join(todo.removed[:MOST_NAMED])}{rest} ({len(todo.removed):,}); the "
                "repository's history keeps them"
            )
        operations = [*written, *(CommitOperationDelete(name, is_folder=False) for name in todo.removed)]
        about = {"commit_message": self._message, "parent_commit": head}
        return self.calls.call(
            lambda: self.api.create_commit(operations=operations, **about, **self._named, **self._target),
            commits=True,
        )

    def _address(self, commit: str) -> str:
        kinds = "datasets/" if self.place.kind == "dataset" else ""
        return f"{self.api.endpoint}/{kinds}{self.place.repo}/commit/{commit}"
