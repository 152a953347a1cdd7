"""Requests to a service that runs programs: tried again where that may help, bounded in time and in size, and refused in words."""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from filters.errors import UserError
from filters.sandbox.sandbox import SandboxLostError

KEY: Final = "R1CURATE_SANDBOX_API_KEY"
"""The environment variable with the service's key, if it wants one: it stands in no option, and so in no file of ours."""
TRIES: Final = 4
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 10.0
_ANSWERED: Final = re.compile(r"\s+")


class RefusedError(SandboxLostError):
    """The service does not take a request, however often it is made."""


class LongAnswerError(Exception):
    """The service's answer is longer than any that could be right."""


class ServiceClient:
    """Speaks JSON to one service. Raises UserError where its address cannot be one, or where its key cannot be sent."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = read_endpoint(endpoint)
        self._key = os.environ.get(KEY, "").strip()
        if not (self._key.isascii() and self._key.isprintable()):
            raise UserError(f"The key in {KEY} has characters that no request can carry.")
        headers = {"Accept-Encoding": "identity", "Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {self._key}"} if self._key else {}
        self._client = httpx.Client(headers=headers)

    def ask(self, path: str, body: Mapping[str, Any] | None, seconds: float, most: int) -> Any:
        """What the service answers, as JSON; body: what is posted, if anything is. seconds: for all tries together.

        Raises SandboxLostError, of which RefusedError is where no further try would help, and LongAnswerError.
        """
        until, wait, failure = time.monotonic() + seconds, 0.0, "no answer"
        for number in range(TRIES):
            if number:
                pause = max(wait, FIRST_PAUSE_S * 2 ** (number - 1) * random.uniform(0.75, 1.25))  # noqa: S311  no secret
                if time.monotonic() + pause > until:
                    break
                time.sleep(pause)
            try:
                status, said, wait = self._ask_once(path, body, until, most)
            except httpx.TransportError as error:
                failure, wait = f"{type(error).__name__} {error}", 0.0
                continue
            if status == 200:
                return self._read(said)
            failure = f"it answered {status} {_cut(said)}"
            if status != 429 and status < 500:
                raise RefusedError(self._say(failure))
        raise SandboxLostError(self._say(failure))

    def close(self) -> None:
        """Close its connections."""
        self._client.close()

    def _ask_once(
        self, path: str, body: Mapping[str, Any] | None, until: float, most: int
    ) -> tuple[int, bytes, float]:
        """An answer's status, its body, and how long the service asks to be left alone."""
        content = None if body is None else json.dumps(body).encode()
        wait = max(until - time.monotonic(), 0.1)
        with self._client.stream("GET" if body is None else "POST", self.endpoint + path, content=content, timeout=wait) as answer:  # fmt: skip
            said = bytearray()
            for piece in answer.iter_raw():
                said += piece
                if len(said) > most:
                    raise LongAnswerError
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("its answer did not end")
            asked = answer.headers.get("retry-after", "")
            pause = min(float(asked), LONGEST_PAUSE_S) if asked.isascii() and asked.isdigit() else 0.0
            return answer.status_code, bytes(said), pause

    def _read(self, said: bytes) -> Any:
        try:
            return json.loads(said)
        except (ValueError, RecursionError):
            raise SandboxLostError(self._say(f"it answered with no JSON: {_cut(said)}")) from None

    def _say(self, failure: str) -> str:
        said = f"{self.endpoint}: {failure}"
        return (said.replace(self._key, "…") if self._key else said)[:300]


def read_endpoint(said: str) -> str:
    """A service's address, without a slash at its end. Raises UserError."""
    try:
        parts = urlsplit(said.strip())
        wrong = parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment
        named = parts.username or parts.password
    except ValueError:
        wrong, named = True, None
    if wrong:
        raise UserError(f"endpoint='{said}' is no address of a service; write it as http://localhost:8080.")
    if named:
        raise UserError(
            f"Leave the password out of endpoint=, which files will name, and put the key into {KEY}."
        )
    return said.strip().rstrip("/")


def _cut(said: bytes) -> str:
    return _ANSWERED.sub(" ", said[:600].decode("utf-8", "replace")).strip()[:160]
