"""The vLLM server that samples a policy: asked before the training whether it is the one that the training needs.

What a server does not say shows late or never: a limit of its own cuts responses off, probabilities before the
temperature bias the loss.
"""

from __future__ import annotations

import logging
import shlex
import time
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

import httpx

from filters.errors import UserError

logger = logging.getLogger(__name__)

PATIENCE_S: Final = 240.0
"""How long a training waits for a server that was started with it: a 32B model takes minutes to load."""
ANSWER_S: Final = 30.0
"""How long one question to a server that is up may take."""
COMMAND: Final = (
    'VLLM_SERVER_DEV_MODE=1 vllm serve {model} --weight-transfer-config \'{{"backend":"nccl"}}\' '
    "--logprobs-mode processed_logprobs --max-logprobs -1 --generation-config vllm"
)
"""How a server is started whose weights a training replaces."""


def tell_command(model: str) -> str:
    """The command that starts a server for this model, as a shell takes it."""
    return COMMAND.format(model=shlex.quote(model))


def require_ready(
    url: str, model: str, commit: str | None, longest: int, patience_s: float = PATIENCE_S
) -> None:
    """Raises UserError, with the command that helps, where the server cannot sample the policy.

    model: its folder or Hub id. commit: its Hub commit. longest: tokens of the longest possible prompt with its
    response. patience_s: how long to wait for a server that is not up yet.
    """
    url, restart = url.rstrip("/"), f"restart it: {tell_command(model)}"
    _wait_for(url, model, patience_s)
    info = _ask(url, restart)
    transfer, served = info.get("weight_transfer_config"), info["model_config"]
    if transfer is None or transfer.get("backend") != "nccl":
        raise UserError(f"The server at {url} cannot take weights over NCCL; {restart}.")
    if served.get("logprobs_mode") != "processed_logprobs":
        raise UserError(
            f"The server at {url} gives log probabilities from before temperature and top_p, which bias the loss; {restart}."
        )
    if served.get("override_generation_config") or served.get("generation_config") not in ("auto", "vllm"):
        raise UserError(f"The server at {url} samples with settings of its own; {restart}.")
    if not _is_same(served["model"], model, commit):
        raise UserError(f"The server at {url} serves '{served['model']}', not '{model}'; {restart}.")
    if served["max_model_len"] < longest:
        raise UserError(
            f"The server at {url} takes {served['max_model_len']:,} tokens a request, and the longest prompt with its response "
            f"may have {longest:,}; {restart} --max-model-len {longest}."
        )


def _wait_for(url: str, model: str, patience_s: float) -> None:
    """Return when the server says that it is up."""
    ends, told = time.monotonic() + patience_s, False
    while not _is_up(url):
        if time.monotonic() >= ends:
            raise UserError(f"No server answers at {url} (rollout.server); start it: {tell_command(model)}.")
        if not told:
            logger.warning(f"Waiting for the server at {url}, for {patience_s / 60:.0f} minutes at most.")
            told = True
        time.sleep(2)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=ANSWER_S).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _ask(url: str, restart: str) -> Mapping[str, Any]:
    """The server's configuration, which it shows in development mode alone."""
    try:
        answer = httpx.get(f"{url}/server_info", params={"config_format": "json"}, timeout=ANSWER_S)
        answer.raise_for_status()
        info: Mapping[str, Any] = answer.json()["vllm_config"]
        return info
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        raise UserError(
            f"The server at {url} does not show how it was started, so it is no vLLM server in development mode; {restart}."
        ) from None


def _is_same(served: str, model: str, commit: str | None) -> bool:
    """Whether two names may be one model's: another machine has it in another folder, or in its cache of the Hub."""
    return PurePath(served).name == PurePath(model).name or (commit is not None and commit in served)
