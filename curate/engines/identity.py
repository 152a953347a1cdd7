"""What makes two engines the same model, told without loading one.

A sample's identity contains its engine's. It must follow from bytes (a Hub commit, or a digest of the
folder) and cost seconds at most, since every rerun asks for it, also one that finds nothing to do.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from filters.digest import digest, digest_file
from filters.engine import EngineOptions
from filters.errors import UserError

HUB_TIMEOUT_S = 20.0
HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")
# Read by the loader beside the weights, so part of what the model says.
SETTINGS = (
    "config.json",
    "generation_config.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
    "chat_template*",
    "*.model",
    "*.index.json",
)
TEXT_OPTIONS = ("dtype", "max_model_len")
"""The engine's options that change a model's text; the others change its speed."""
WEIGHTS = ("*.safetensors", "pytorch_model*.bin", "*.gguf")


class HubUnreachableError(UserError):
    """A model may be on the Hub, which cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a model is loaded from: a folder, or a Hub id at a commit."""

    model: str
    commit: str | None

    @property
    def key(self) -> str:
        """The content key of the model's bytes; for a folder, all of them are read."""
        return self.commit or digest_folder(Path(self.model))


def identify_engine(options: EngineOptions) -> str:
    """The content key of the weights and the template; see `filters.engine.Engine`.

    Raises UserError where there is no such model, script or template.
    """
    require_engine(options)
    if options.kind == "scripted":
        return digest("scripted", digest_file(find_script(options)))
    if options.kind == "server":
        return digest("server", options.model, options.revision)
    return identify_model(options, find_model(options))


def require_engine(options: EngineOptions) -> None:
    """Raise UserError where the options name no model that could be; its weights are not looked at."""
    if options.kind == "scripted":
        find_script(options)
    elif options.kind == "server":
        if options.template is not None:
            raise UserError(
                "A template has no effect with the server engine; configure it on the server itself."
            )
        _require_model_name(options, "the model's name on the server")
        if not options.endpoints:
            raise UserError("The server engine needs engine.endpoints, e.g. http://127.0.0.1:8000/v1.")
    else:
        _require_model_name(options, "a Hub id or a folder")


def identify_model(options: EngineOptions, source: Source) -> str:
    """The identity of a model that this process loads, found already.

    The context's length and the weights' type change what it says; at their defaults they leave no trace, so that
    samples made before they counted keep their identity.
    """
    template = None if options.template is None else digest_file(find_template(options.template))
    settings = options.model_dump(include=set(TEXT_OPTIONS), exclude_defaults=True)
    return digest("model", source.key, template, *([settings] if settings else []))


def find_model(options: EngineOptions) -> Source:
    """Find the folder or the Hub commit that `options.model` means, without reading the weights."""
    name = _require_model_name(options, "a Hub id or a folder")
    folder = Path(name).expanduser()
    if folder.is_dir():
        _assert_model(folder)
        return Source(str(folder), None)
    if folder.exists():
        raise UserError(f"'{name}' is a file; a model is named by its folder or a Hub id.")
    if not HUB_ID.fullmatch(name) or name.startswith("."):
        raise UserError(f"There is no folder '{name}'; name a model by its folder or a Hub id.")
    return Source(name, _hub_commit(name, options.revision))


TEMPLATES = Path(__file__).parent / "templates"
"""Bundled chat templates: r1-zero is DeepSeek-R1-Zero's (arXiv 2501.12948, table 1), for base models."""


def find_template(name: str) -> Path:
    """The chat template's file, given by path or by the name of one that comes along; UserError where there is none."""
    path = Path(name).expanduser()
    if path.is_file():
        return path
    known = {file.stem: file for file in TEMPLATES.glob("*.jinja")}
    if name not in known:
        raise UserError(
            f"There is no chat template file '{name}'; by name there are: {', '.join(sorted(known))}."
        )
    return known[name]


def find_script(options: EngineOptions) -> Path:
    """The scripted engine's file; UserError where there is none."""
    path = Path(_require_model_name(options, "a JSON Lines file of answers")).expanduser()
    if not path.is_file():
        raise UserError(f"There is no script file '{options.model}' for the scripted engine.")
    return path


def digest_folder(folder: Path) -> str:
    """The content key of a model folder: settings, tokenizer, template and weights, by name and bytes."""
    settings = {path for pattern in SETTINGS for path in folder.glob(pattern) if path.is_file()}
    files = sorted(settings.union(list_weight_files(folder)))
    # Hashing lets go of the interpreter's lock: shards are read side by side.
    with ThreadPoolExecutor(8) as pool:
        digests = pool.map(digest_file, files)
        return digest([(path.name, key) for path, key in zip(files, digests, strict=True)])


def list_weight_files(folder: Path) -> list[Path]:
    """The files with a model folder's weights, of the first kind that it holds."""
    return next((found for pattern in WEIGHTS if (found := sorted(folder.glob(pattern)))), [])


def _require_model_name(options: EngineOptions, what: str) -> str:
    if not options.model:
        raise UserError(f"No model is named; the {options.kind} engine takes {what}.")
    return options.model


def _assert_model(folder: Path) -> None:
    config = folder / "config.json"
    if not config.is_file():
        adapter = (folder / "adapter_config.json").is_file()
        hint = (
            "it is a LoRA adapter: merge it into its base model first" if adapter else "it has no config.json"
        )
        raise UserError(f"The folder '{folder}' is not a model; {hint}.")
    try:
        valid = isinstance(json.loads(config.read_bytes()), dict)
    except ValueError:
        valid = False
    if not valid:
        raise UserError(f"The folder '{folder}' is not a model; its config.json is not a JSON object.")
    if not list_weight_files(folder):
        raise UserError(f"The folder '{folder}' has a config.json but no weights (*.safetensors).")


def _hub_commit(name: str, revision: str | None) -> str:
    from httpx import HTTPError
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        commit = HfApi().model_info(name, revision=revision, timeout=HUB_TIMEOUT_S).sha
        assert commit
    except GatedRepoError:
        raise UserError(f"'{name}' is gated: accept its terms on the Hub, then `hf auth login`.") from None
    except RevisionNotFoundError:
        raise UserError(f"'{name}' has no revision '{revision}' on the Hub (engine.revision).") from None
    except RepositoryNotFoundError:
        raise UserError(
            f"There is no folder '{name}', and no such model on the Hub that you may read."
        ) from None
    except (OfflineModeIsEnabled, HfHubHTTPError, HTTPError, OSError) as error:
        return _cached_commit(name, revision, error)
    return str(commit)


def _cached_commit(name: str, revision: str | None, cause: Exception) -> str:
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, "config.json", revision=revision)
    if not isinstance(config, str):
        raise HubUnreachableError(
            f"There is no folder '{name}', the Hub cannot be reached ({type(cause).__name__}), "
            "and its cache here does not hold that model; download it first, or give a folder."
        )
    # The cache keeps a revision's files under snapshots/COMMIT.
    return Path(config).parent.name
