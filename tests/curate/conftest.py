"""A real S3-compatible server on this machine, for runs that lie on an object store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

BUCKET = "runs"


SERVE = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def object_server() -> Iterator[str]:
    """The address of the server; a process that is told of it by `AWS_ENDPOINT_URL` needs no more.

    It has a process of its own, which ends with this one: what it imports is not seen by vLLM.
    """
    pytest.importorskip("s3fs", reason="s3fs is not installed (pip install 'r1curate[s3]')")
    command, pipe = [sys.executable, "-c", SERVE], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout is not None and server.stdin is not None
        url = server.stdout.readline().strip()
        signed = "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request"
        httpx.put(f"{url}/{BUCKET}", headers={"authorization": signed}).raise_for_status()
        yield url
        server.stdin.close()


def describe_access(server: str) -> dict[str, str]:
    """The environment of a process that is to reach the server."""
    return {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


@pytest.fixture
def objects(object_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An address under which nothing lies. Copies of runs lie in a folder of the test."""
    for name, value in describe_access(object_server).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("R1CURATE_COPIES", str(tmp_path / "copies"))
    return f"s3://{BUCKET}/{uuid4().hex}"
