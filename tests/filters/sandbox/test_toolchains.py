"""Languages are named with the versions of their tools, where these are there and work."""

import platform
from pathlib import Path

import pytest

from filters.sandbox.toolchains import list_languages

PYTHON = {"python": f"Python {platform.python_version()}"}


def put_tool(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


def test_what_is_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list_languages() == PYTHON
    put_tool(tmp_path, "g++", "echo 'g++ (Debian 12.2.0) 12.2.0'; echo 'Copyright'")
    put_tool(tmp_path, "node", "echo v20.1.0")
    assert list_languages() == {**PYTHON, "cpp": "g++ (Debian 12.2.0) 12.2.0", "javascript": "node v20.1.0"}


@pytest.mark.parametrize("body", ["exit 1", "true", "printf '\\377\\n'"])
def test_what_does_not_work_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str):
    monkeypatch.setenv("PATH", str(tmp_path))
    put_tool(tmp_path, "node", body)
    assert list_languages() == PYTHON
