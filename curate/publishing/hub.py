"""Uploads to the Hub, and what it says when it refuses."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import httpx

from filters.errors import UserError

HubKind = Literal["dataset", "model"]


def upload_command(folder: Path, kind: HubKind, repo: str | None, private: bool) -> str:
    """The command line that uploads a folder."""
    flag = " --private" if private else ""
    place = repo or f"OWNER/{folder.name}"
    return f"hf upload {place} {shlex.quote(str(folder))} . --repo-type {kind}{flag}"


def push_folder(repo: str, kind: HubKind, folder: Path, private: bool) -> str:
    """Create the repository where there is none, replace its files, and give the commit's address.

    Raises UserError where there is no token, or the Hub refuses or cannot be reached.
    """
    from huggingface_hub import HfApi, get_token

    if get_token() is None:
        raise UserError("There is no Hub token: log in with `hf auth login` or set HF_TOKEN.")
    api = HfApi()
    stale = ["data/*"] if kind == "dataset" else ["*.safetensors", "*.safetensors.index.json"]
    _call_hub(repo, lambda: api.create_repo(repo, repo_type=kind, private=private, exist_ok=True))
    made = _call_hub(
        repo,
        lambda: api.upload_folder(
            repo_id=repo, folder_path=folder, repo_type=kind, delete_patterns=stale,
            commit_message=f"Publish {folder.name} with r1curate",
        ),
    )  # fmt: skip
    return str(made.commit_url)


def _call_hub(repo: str, call: Callable[[], Any]) -> Any:
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        return call()
    except HfHubHTTPError as error:
        said = " ".join((error.server_message or str(error)).split())
        raise UserError(f"The Hub refused '{repo}': {said[:300]}") from None
    except HFValidationError as error:
        raise UserError(f"'{repo}' cannot be a repository: {error}") from None
    except (httpx.HTTPError, ConnectionError) as error:
        raise UserError(f"The Hub cannot be reached ({error}); the folder for '{repo}' was made.") from None
