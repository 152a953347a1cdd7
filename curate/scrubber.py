"""What leaves the machine says nothing of it: no keys, no folders, no servers.

Everything that is published passes one `Scrubber`, whoever wrote it: records of the run, options of checks, error
messages that quote an address, the card. Rows to train on are data and stay as they are; `publish` names those that
look as if they held a key. A report, which is made to be looked at here, passes `hide_secrets` alone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from filters.key_shapes import KEY_SHAPES

SECRET: Final = "(secret)"  # noqa: S105  what stands there instead
"""What stands in the place of a key; a card's YAML reads it as a word."""
SERVER: Final = "a server"
"""What stands in the place of an address."""
LEAST_SECRET: Final = 8
"""Characters of a value that is taken for a secret wherever it stands: a shorter one is also a word."""
_TOKEN: Final = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(KEY_SHAPES)})")
_VARIABLE: Final = re.compile(
    r"(.*_)?(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)", re.IGNORECASE
)
"""Environment variables that hold keys."""
_FIELD: Final = re.compile(
    r"(.*_)?((api|access|secret|private|auth)_?key|(api|access|auth|hub|hf)_?token|secret|password|passwd|credentials?)",
    re.IGNORECASE,
)
"""Fields of a record that hold keys; `eos_token` and `content_key` are none."""
_ASSIGNED: Final = re.compile(
    r"(?i)\b((?:[a-z]+[_-])?(?:api_?key|secret|password|passwd|access_token)\s*=\s*)(?!\(secret\))[^\s&;,'\"`)]+"
)
_URL: Final = r"[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>`|\\]+"
_PARTS: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<user>[^/?#]*)@)?(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?"
)
"""An address's parts; `urlsplit` refuses some texts that only look like one."""
_PORT: Final = re.compile(r":\d*$")
_STOP: Final = r"\s/\\'\"`<>|,;:()\[\]{}*"
"""What ends a name in a path that stands in a text."""
_PLACE: Final = re.compile(
    rf"(?P<url>{_URL})"
    r"|(?<=['\"`])(?P<quoted>(?:~[\w.-]*)?/[^'\"`\n]*|[A-Za-z]:[\\/][^'\"`\n]*|\\\\[^'\"`\n]*)(?=['\"`])"
    rf"|(?<![\w/.:\\<~-])(?P<posix>~[\w.-]*(?:/[^{_STOP}]+)+/?|(?:/[^{_STOP}]+){{2,}}/?)"
    rf"|(?<![\w])(?P<windows>[A-Za-z]:[\\/]+(?:[^\n\\:'\"`<>|]+\\(?!\\))*[^{_STOP}]+(?:[\\/]+[^{_STOP}]+)*|\\\\[\w.-]+(?:\\+[^{_STOP}]+)+)"
)
_STRING: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"|(?m:[:-] +["\']?(\S.*?)["\']?$)')
"""A string in JSON, and a value in YAML."""
_WHOLE: Final = re.compile(r"~[\w.-]*/|\.{1,2}/|/[^/]*/|[A-Za-z]:[\\/]|\\\\[\w.-]+\\")
"""How a value begins that is a path as a whole, also with spaces in it."""
_LONGEST_PATH: Final = 400
_PUBLIC: Final = ("huggingface.co", "hf.co")
"""Hosts that an address may name; an `hf://` address has no host."""
_HERE: Final = ("localhost", "127.0.0.1", "0.0.0.0", "::1")  # noqa: S104  names that say nothing, nothing is bound


def display_url(url: str) -> str:
    """An address as a message may show it: without user, password and query."""
    parts = _PARTS.match(url)
    return f"{parts['scheme']}://{parts['host']}{parts['path']}" if parts else url


def hide_secrets(text: str, more: Iterable[str] = ()) -> str:
    """A text without addresses' credentials, the values of this environment's keys, `more` secrets, and what looks like a key."""
    text = re.sub(_URL, lambda found: display_url(found[0]), text) if "://" in text else text
    for secret in sorted({*_environment_secrets(), *more}, key=len, reverse=True):
        text = text.replace(secret, SECRET)
    return _ASSIGNED.sub(rf"\1{SECRET}", _TOKEN.sub(SECRET, text))


def holds_token(text: str) -> bool:
    """Whether something in a text looks like a key, or is one of this environment."""
    return _TOKEN.search(text) is not None or any(secret in text for secret in _environment_secrets())


def list_token_patterns() -> list[str]:
    """Patterns for a first look with polars' engine at many texts: they match whatever `holds_token` does, and more."""
    return [*KEY_SHAPES, *map(re.escape, _environment_secrets())]


def _environment_secrets() -> Iterator[str]:
    for name, value in os.environ.items():
        if _VARIABLE.fullmatch(name) and len(value) >= LEAST_SECRET:
            yield value


class Scrubber:
    """Takes out of texts what only this machine should know.

    known: the run's own records, JSON or YAML. What they name once, as a server's host, a password or a folder, is
    taken out everywhere.
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        known = list(known)
        places = {place for text in known for place in _list_places(text)}
        self._places = [
            re.compile(re.escape(place) + rf"(?:[\\/][^{_STOP}]+)*")
            for place in sorted(places, key=len, reverse=True)
        ]
        found = (_PARTS.match(_trim(url)) for text in known for url in re.findall(_URL, text))
        addresses = [parts for parts in found if parts]
        named = {_PORT.sub("", parts["host"].lower()) for parts in addresses if parts["scheme"] != "hf"}
        hosts = sorted(named - {*_PUBLIC, *_HERE, ""}, key=len, reverse=True)
        self._hosts = re.compile("|".join(map(_host_pattern, hosts))) if hosts else None
        told = (
            part for parts in addresses for part in _credentials(parts["user"] or "", parts["query"] or "")
        )
        self.secrets = frozenset(part for part in told if len(part) >= LEAST_SECRET)

    def scrub(self, value: Any, key: str = "") -> Any:
        """The value of a record, with all inside it: a path as its last name, secrets and servers by a word."""
        if isinstance(value, Mapping):
            return {self.scrub_text(str(name)): self.scrub(inner, str(name)) for name, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.scrub(inner, key) for inner in value]
        if not isinstance(value, str):
            return value
        if _FIELD.fullmatch(key):
            return SECRET
        return _last_name(value) if _is_local(value) else self.scrub_text(value)

    def scrub_text(self, text: str) -> str:
        """A text for people, such as a card or a sentence."""
        text = hide_secrets(text, self.secrets)
        for place in self._places:
            text = place.sub(lambda found: _last_name(found[0]), text)
        text = _PLACE.sub(_replace_place, text)
        return self._hosts.sub(SERVER, text) if self._hosts else text


def _list_places(record: str) -> Iterator[str]:
    """The paths with spaces that are values in a record: in a sentence nobody could tell where they end."""
    for found in _STRING.finditer(record):
        value = json.loads(found[0]) if found[1] is not None else found[2]
        if " " in value and _is_local(value):
            yield value


def _host_pattern(host: str) -> str:
    """A host by itself or with a port; one that is a mere word only with a port: `judge` also stands for the check."""
    port = r"(?::\d+)" + ("" if host.isalpha() else "?")
    return rf"(?i:(?<![\w.-]){re.escape(host)}{port}(?![\w-]))"


def _credentials(user: str, query: str) -> Iterator[str]:
    yield from user.split(":")
    yield from (part.partition("=")[2] for part in query.split("&"))


def _trim(url: str) -> str:
    """An address without the punctuation of the sentence around it."""
    return url.rstrip(".,;:!?)]}")


def _replace_place(found: re.Match[str]) -> str:
    if found["quoted"] is not None:
        return _last_name(found[0]) if _is_local(found[0]) else found[0]
    if found["url"] is None:
        return _last_name(found[0])
    url = _trim(found[0])
    return _replace_url(url) + found[0][len(url) :]


def _replace_url(url: str) -> str:
    parts = _PARTS.match(url)
    assert parts is not None, "what the pattern of addresses matched has their parts"
    if parts["scheme"] == "hf" or parts["host"] in _PUBLIC:
        return display_url(url)
    name = PurePosixPath(parts["path"]).name
    return name if "." in name or parts["scheme"] == "file" else SERVER


def _is_local(text: str) -> bool:
    """Whether a value as a whole is a path of this machine."""
    if len(text) > _LONGEST_PATH or "\n" in text or "://" in text:
        return False
    return _WHOLE.match(text) is not None or ("/" in text and _exists(text))


def _exists(text: str) -> bool:
    try:
        return Path(text).exists() or Path(text.partition(":")[0]).is_file()
    except (OSError, ValueError):  # not a name that a path can have
        return False


def _last_name(path: str) -> str:
    windows = "\\" in path or path[1:2] == ":"
    return (PureWindowsPath(path) if windows else PurePosixPath(path)).name or path
