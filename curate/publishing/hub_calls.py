"""Calls to the Hub: what is waited for and for how long, what its refusals come to, and what no message repeats."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn, TypeVar

import httpx

from curate.scrubber import hide_secrets
from filters.errors import UserError, WorkUndone

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

CONFLICT: Final = 412
"""What the Hub answers where another commit came before ours."""
TRANSIENT: Final = (408, 429, 500, 502, 503, 504)
"""Answers that may be others a little later."""
UNKNOWN: Final = (None, 408, 500, 502, 503, 504)
"""What is heard of a call that may have been done all the same: nothing, or that somebody on the way heard nothing."""
WAITS: Final = (1, 4, 15)
"""Seconds before a call is made again that failed for the moment; most calls are repeated by huggingface_hub besides."""
LONGEST_WAIT: Final = 300
"""Seconds that are waited where the Hub asks for it."""

FAILURES: Final = (httpx.HTTPError, RuntimeError, ValueError, OSError)
"""What a call may raise where the Hub, the way to it, or what is sent is at fault; hf_xet and the uploads of LFS raise the plain ones."""


class LookAgainError(Exception):
    """What becomes of a commit has to be seen in the repository: another came before it, or its answer was lost. Says why."""


class HubCalls:
    """The calls of one push. token: what no message may hold."""

    def __init__(self, repo: str, token: str) -> None:
        self.repo, self._token = repo, token

    def say(self, text: object, longest: int = 300) -> str:
        """What somebody else says, in one line without addresses' credentials and keys."""
        return hide_secrets(" ".join(str(text).split()), [self._token])[:longest]

    def call(self, function: Callable[[], Found], commits: bool = False) -> Found:
        """The outcome of a call, made again where it failed for the moment. commits: it must not be done twice.

        Raises UserError where the Hub refuses, WorkUndone where it cannot be reached, and LookAgainError.
        """
        for wait in (*WAITS, None):
            try:
                return function()
            except FAILURES as error:
                self._raise_own(error)
                status, cause = _find_cause(error)
                if status == CONFLICT:
                    raise LookAgainError("another commit came before ours") from None
                if commits and cause is not None and status in UNKNOWN:
                    raise LookAgainError(f"the commit got no clear answer ({self._quote(cause)})") from None
                if cause is None or (wait is None and status in (None, *TRANSIENT)):
                    self._give_up(error, cause)
                if status is not None and status not in TRANSIENT:
                    raise UserError(f"The Hub refused '{self.repo}': {self._quote(cause)}") from None
                assert wait is not None, "the last failure gives up"
                self._wait(wait, cause)
        raise AssertionError("the last call returns or raises")

    def _raise_own(self, error: BaseException) -> None:
        """Raise what is not the Hub's: our own refusal to wait, or a file of ours, also where an upload's thread wrapped it."""
        for one in _list_causes(error):
            if isinstance(one, WorkUndone):
                raise one from None
            if isinstance(one, OSError) and one.filename is not None:
                raise UserError(
                    f"'{one.filename}' cannot be used ({one.strerror}): see to it, and run the same command again; what is uploaded "
                    "already is not sent again."
                ) from None

    def _give_up(self, error: Exception, cause: Exception | None) -> NoReturn:
        from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

        if isinstance(error, HFValidationError):
            raise UserError(f"'{self.repo}' cannot be a repository: {self.say(error)}") from None
        if isinstance(error, OfflineModeIsEnabled):
            raise UserError(
                f"The Hub cannot be reached ({self.say(error)}); the folder for '{self.repo}' was made."
            ) from None
        if cause is not None or isinstance(error, (RuntimeError, OSError)):
            raise self.leave_undone(f"The Hub cannot be reached ({self._quote(cause or error)})") from None
        # The card's metadata, or what the storage says of a file or of the token.
        raise UserError(f"The Hub refused '{self.repo}': {self.say(error)}") from None

    def leave_undone(self, why: str) -> WorkUndone:
        """The end of a push that others, or the network, kept from its commit."""
        return WorkUndone(
            f"{why}; '{self.repo}' is not known to hold the new files, and holds no part of them. Run the same command "
            "again to go on: what is uploaded already is not sent again."
        )

    def _quote(self, cause: Exception) -> str:
        return self.say(getattr(cause, "server_message", None) or cause)

    def _wait(self, wait: float, cause: Exception) -> None:
        response = getattr(cause, "response", None)
        asked = read_retry_after(response) if response is not None else None
        seconds = max(wait, asked or 0)
        logger.warning(f"the Hub: {self._quote(cause)}; trying again in {seconds:g} s")
        time.sleep(seconds)


def read_retry_after(response: httpx.Response) -> int | None:
    """The seconds that an answer asks to wait for; None where it says none."""
    from huggingface_hub.utils import parse_ratelimit_headers

    known = parse_ratelimit_headers(response.headers)
    if known is not None and known.remaining == 0:
        return int(known.reset_in_seconds)
    said = response.headers.get("retry-after", "").strip()
    return int(said) if said.isascii() and said.isdigit() else None


def _find_cause(error: BaseException) -> tuple[int | None, Exception | None]:
    """The status and the exception of the answer, or of the lost connection, that an exception comes from; None where there is none."""
    from huggingface_hub.errors import HfHubHTTPError

    for here in _list_causes(error):
        if isinstance(here, HfHubHTTPError):
            return here.response.status_code, here
        if isinstance(here, httpx.TransportError):
            return None, here
    return None, None


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it comes from."""
    here: BaseException | None = error
    while here is not None:
        yield here
        here = here.__cause__


@contextmanager
def talk_to_hub(calls: HubCalls) -> Iterator[None]:
    """Within it huggingface_hub waits no longer than `LONGEST_WAIT` at a time, and its messages are ours: without keys and signed addresses."""
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from huggingface_hub.utils._http import default_client_factory

    def make_client() -> httpx.Client:
        client: httpx.Client = default_client_factory()
        client.event_hooks = {
            **client.event_hooks,
            "response": [lambda answer: _refuse_long_wait(calls, answer)],
        }
        return client

    theirs, bars = logging.getLogger("huggingface_hub"), not are_progress_bars_disabled()
    kept, passed = theirs.handlers[:], theirs.propagate
    theirs.handlers, theirs.propagate = [_Repeater(calls)], False
    disable_progress_bars()
    set_client_factory(make_client)
    try:
        yield
    finally:
        set_client_factory(default_client_factory)
        theirs.handlers, theirs.propagate = kept, passed
        if bars:
            enable_progress_bars()


def _refuse_long_wait(calls: HubCalls, answer: httpx.Response) -> None:
    asked = read_retry_after(answer) if answer.status_code in TRANSIENT else None
    if asked is not None and asked > LONGEST_WAIT:
        raise calls.leave_undone(f"The Hub asks to wait {asked:,} s ({answer.status_code})")


class _Repeater(logging.Handler):
    """Says what huggingface_hub says, as one line that holds no key."""

    def __init__(self, calls: HubCalls) -> None:
        super().__init__()
        self._calls = calls

    def emit(self, record: logging.LogRecord) -> None:
        """Say it at its own level."""
        logger.log(record.levelno, f"the Hub: {self._calls.say(record.getMessage(), 2_000)}")
