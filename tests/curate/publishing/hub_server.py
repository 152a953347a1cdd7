"""A small server that speaks the Hub's protocol as huggingface_hub 1.x uses it without Xet, with faults on request.

Repositories, branches, pull requests, commits (ndjson, with parentCommit), LFS uploads in one piece and in parts to
signed addresses, listings in pages, downloads with ranges, and the validation of cards. `fault` decides for each
request what goes wrong with it; `seen` remembers all of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

TOKEN = "hf_TestTokenOfNobodyAtAllXyZ0123456"
SIGNATURE = "X-Amz-Signature=0123456789abcdefsignature"
PART_BYTES = 40_000
"""Files above it are uploaded in parts of it."""
PAGE = 3
"""Entries of one page of a listing."""
LARGE = (".parquet", ".safetensors", ".bin")


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a request: an answer of `status` instead of the work; the connection closed after `after` bytes
    of the body; or, with `lost`, the work done and its answer never sent, or `status` in its place. `then` is called before anything."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    after: int | None = None
    lost: bool = False
    then: Callable[[], None] | None = None


@dataclass(frozen=True)
class Request:
    number: int
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Repo:
    private: bool
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, dict[str, tuple[str, bytes]]] = field(default_factory=dict)
    """By commit the files: `git` with their content, or `lfs` with their SHA-256."""
    requests: list[dict[str, Any]] = field(default_factory=list)

    def resolve(self, revision: str) -> str:
        return revision if revision in self.commits else self.branches[revision]

    def commit(self, branch: str, files: dict[str, tuple[str, bytes]], parent: str | None) -> str:
        told = repr((sorted(files.items()), parent, len(self.commits)))
        oid = hashlib.sha1(told.encode()).hexdigest()
        self.commits[oid], self.branches[branch] = files, oid
        return oid


class Hub:
    """The server's state, and what tests ask of it."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.stored: dict[str, bytes] = {}
        self.parts: dict[tuple[str, int], bytes] = {}
        self.seen: list[Request] = []
        self.sent: list[tuple[str, int]] = []
        """Contents that were stored, with their bytes."""
        self.cards: list[str] = []
        self.fault: Callable[[Request], Fault | None] = lambda request: None
        self.lock = threading.Lock()
        self.url = ""

    def make(self, repo: str, private: bool = True) -> Repo:
        made = self.repos[repo] = Repo(private)
        made.commit("main", {".gitattributes": ("git", b"*.parquet filter=lfs\n")}, None)
        return made

    def read(self, repo: str, revision: str = "main") -> dict[str, bytes]:
        """The files of a repository but .gitattributes."""
        known = self.repos[repo]
        files = known.commits[known.resolve(revision)]
        found = {path: self._content(kept) for path, kept in files.items()}
        found.pop(".gitattributes", None)
        return found

    def _content(self, kept: tuple[str, bytes]) -> bytes:
        kind, value = kept
        return self.stored[value.decode()] if kind == "lfs" else value

    def describe(self, path: str, kept: tuple[str, bytes]) -> dict[str, Any]:
        content = self._content(kept)
        if kept[0] == "lfs":
            pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{kept[1].decode()}\nsize {len(content)}\n"
            lfs = {"oid": kept[1].decode(), "size": len(content), "pointerSize": len(pointer)}
            return {
                "type": "file",
                "path": path,
                "size": len(content),
                "oid": git_digest(pointer.encode()),
                "lfs": lfs,
            }
        return {"type": "file", "path": path, "size": len(content), "oid": git_digest(content)}


def git_digest(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class DroppedError(Exception):
    """The connection is closed without an answer."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    hub: Hub

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self._answer()

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815

    def _answer(self) -> None:
        with self.hub.lock:
            request = Request(len(self.hub.seen), self.command, self.path, dict(self.headers))
            self.hub.seen.append(request)
            fault = self.hub.fault(request)
        try:
            if fault and fault.then:
                fault.then()
            body = self._read(fault.after if fault else None)
            if fault and fault.status and not fault.lost:
                return self._send(fault.status, {"error": "a fault"}, fault.headers)
            with self.hub.lock:
                status, value, headers = self._route(body)
            if fault and fault.lost and fault.status:
                return self._send(fault.status, {"error": "a fault"}, fault.headers)
            if fault and fault.lost:
                raise DroppedError
            self._send(status, value, headers)
        except (DroppedError, ConnectionError):
            self.close_connection = True

    def _read(self, after: int | None) -> bytes:
        size = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding") == "chunked":
            found = b""
            while n := int(self.rfile.readline().strip(), 16):
                found += self.rfile.read(n)
                self.rfile.readline()
                if after is not None and len(found) > after:
                    raise DroppedError
            self.rfile.readline()
            return found
        if after is not None:
            self.rfile.read(min(after, size))
            raise DroppedError
        return self.rfile.read(size)

    def _send(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, said in (headers or {}).items():
            self.send_header(name, said)
        if "Content-Length" not in (headers or {}):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _route(self, body: bytes) -> tuple[int, Any, dict[str, str]]:
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), {k: v[0] for k, v in parse_qs(parts.query).items()}
        if path.startswith("/store/"):
            return self._store(path, query, body)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return (
                401,
                {"error": "Invalid username or password."},
                {"X-Error-Message": "Invalid username or password."},
            )
        for pattern, name in ROUTES:
            if found := pattern.fullmatch(path):
                given = found.groupdict()
                repo = self.hub.repos.get(given.pop("repo", ""))
                if repo is None and name not in OWN:
                    return 404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"}
                try:
                    return getattr(self, name)(repo, query, body, **given)
                except KeyError:
                    return 404, {"error": "not found"}, {"X-Error-Code": "RevisionNotFound"}
        return 404, {"error": f"no route for {path}"}, {}

    def _store(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any, dict[str, str]]:
        """The storage behind signed addresses: no token may ever get there, except to the Hub's own `complete`."""
        _, _, oid, *number = path.split("/")
        if number == ["complete"]:
            listed = json.loads(body)["parts"]
            whole = b"".join(self.hub.parts.pop((oid, one["partNumber"])) for one in listed)
            assert hashlib.sha256(whole).hexdigest() == oid
            self.hub.stored[oid] = whole
            self.hub.sent.append((oid, len(whole)))
            return 200, {}, {}
        assert "Authorization" not in self.headers, "a token was sent to the storage"
        assert query["X-Amz-Signature"] in SIGNATURE
        if number:
            self.hub.parts[oid, int(number[0])] = body
            return 200, {}, {"ETag": hashlib.md5(body).hexdigest()}
        if hashlib.sha256(body).hexdigest() != oid:
            return 400, {"error": "other content"}, {}
        self.hub.stored[oid] = body
        self.hub.sent.append((oid, len(body)))
        return 200, {}, {}

    def create(self, repo: None, query: dict[str, str], body: bytes) -> tuple[int, Any, dict[str, str]]:
        said = json.loads(body)
        name = f"{said.get('organization') or 'shop'}/{said['name']}"
        url = f"{self.hub.url}/{'datasets/' if said['type'] == 'dataset' else ''}{name}"
        if name in self.hub.repos:
            return 409, {"error": "You already created this repo", "url": url}, {}
        self.hub.make(name, said.get("visibility") != "public")
        return 200, {"url": url, "name": name}, {}

    def whoami(self, repo: None, query: dict[str, str], body: bytes) -> tuple[int, Any, dict[str, str]]:
        return 200, {"type": "user", "name": "shop", "orgs": []}, {}

    def validate(self, repo: None, query: dict[str, str], body: bytes) -> tuple[int, Any, dict[str, str]]:
        content = json.loads(body)["content"]
        self.hub.cards.append(content)
        found = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
        try:
            faults = find_card_faults(yaml.safe_load(found[1])) if found else ["no metadata"]
        except yaml.YAMLError as error:
            faults = [str(error)]
        told = [{"message": fault} for fault in faults]
        return (400 if told else 200), {"errors": told, "warnings": []}, {}

    def info(self, repo: Repo, query: dict[str, str], body: bytes, name: str, revision: str = "main") -> Any:
        oid = repo.resolve(revision or "main")
        siblings = [{"rfilename": path} for path in repo.commits[oid]]
        return 200, {"_id": "1", "id": name, "sha": oid, "private": repo.private, "siblings": siblings, "tags": [],
                     "downloads": 0, "likes": 0, "disabled": False, "gated": False}, {}  # fmt: skip

    def tree(
        self, repo: Repo, query: dict[str, str], body: bytes, name: str, revision: str, inside: str | None
    ) -> Any:
        files = repo.commits[repo.resolve(revision)]
        start = f"{inside}/" if inside else ""
        below = {path: kept for path, kept in sorted(files.items()) if path.startswith(start)}
        if start and not below:
            return 404, {"error": "not there"}, {"X-Error-Code": "EntryNotFound"}
        found = {path: self.hub.describe(path, kept) for path, kept in below.items()}
        for path in below:
            for at, letter in enumerate(path):
                if letter == "/" and at >= len(start):
                    found[path[:at]] = {"type": "directory", "path": path[:at], "size": 0, "oid": "0" * 40}
        listed = list(found.values())
        if query.get("recursive", "").lower() != "true":
            listed = [one for one in listed if "/" not in one["path"][len(start) :]]
        first = int(query.get("cursor", 0))
        headers = {}
        if first + PAGE < len(listed):
            where = f"{self.hub.url}{self.path.partition('?')[0]}?recursive={query.get('recursive', 'False')}&cursor={first + PAGE}"
            headers["Link"] = f'<{where}>; rel="next"'
        return 200, listed[first : first + PAGE], headers

    def paths_info(self, repo: Repo, query: dict[str, str], body: bytes, name: str, revision: str) -> Any:
        files = repo.commits[repo.resolve(revision)]
        text = body.decode()
        paths = json.loads(text)["paths"] if text.startswith("{") else parse_qs(text).get("paths", [])
        found: list[dict[str, Any]] = [
            self.hub.describe(path, files[path]) for path in paths if path in files
        ]
        folders = [p for p in paths if any(path.startswith(f"{p}/") for path in files)]
        return (
            200,
            found + [{"type": "directory", "path": p, "size": 0, "oid": "0" * 40} for p in folders],
            {},
        )

    def refs(self, repo: Repo, query: dict[str, str], body: bytes, name: str) -> Any:
        found = [
            {"name": b, "ref": f"refs/heads/{b}", "targetCommit": c}
            for b, c in repo.branches.items()
            if "/pr/" not in b
        ]
        return 200, {"branches": found, "tags": [], "converts": []}, {}

    def preupload(self, repo: Repo, query: dict[str, str], body: bytes, name: str, revision: str) -> Any:
        files = repo.commits[repo.resolve(revision)]
        listed = [
            {"path": one["path"], "uploadMode": "lfs" if one["path"].endswith(LARGE) else "regular", "shouldIgnore": False,
             "oid": self.hub.describe(one["path"], files[one["path"]])["oid"] if one["path"] in files else None}
            for one in json.loads(body)["files"]
        ]  # fmt: skip
        return 200, {"files": listed}, {}

    def batch(self, repo: Repo, query: dict[str, str], body: bytes) -> Any:
        said = []
        for one in json.loads(body)["objects"]:
            oid, size = one["oid"], one["size"]
            place = f"{self.hub.url}/store/{oid}"
            if oid in self.hub.stored:
                said.append({"oid": oid, "size": size})
            elif size <= PART_BYTES:
                said.append(
                    {"oid": oid, "size": size, "actions": {"upload": {"href": f"{place}?{SIGNATURE}"}}}
                )
            else:
                parts = {str(n): f"{place}/{n}?{SIGNATURE}" for n in range(1, -(-size // PART_BYTES) + 1)}
                header = {"chunk_size": str(PART_BYTES), **parts}
                said.append(
                    {
                        "oid": oid,
                        "size": size,
                        "actions": {"upload": {"href": f"{place}/complete", "header": header}},
                    }
                )
        return 200, {"transfer": "basic", "objects": said}, {}

    def commit(self, repo: Repo, query: dict[str, str], body: bytes, name: str, revision: str) -> Any:
        lines = [json.loads(line) for line in body.splitlines()]
        head = lines[0]["value"]
        now = repo.branches[revision]
        if not query.get("create_pr") and head.get("parentCommit", now) != now:
            return 412, {"error": "A commit has happened since. Please refresh and try again."}, {}
        files = dict(repo.commits[head.get("parentCommit", now)])
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = ("git", base64.b64decode(value["content"]))
            elif line["key"] == "lfsFile":
                if value["oid"] not in self.hub.stored:
                    return 400, {"error": f"LFS object {value['oid']} is missing"}, {}
                files[value["path"]] = ("lfs", value["oid"].encode())
            else:
                del files[value["path"]]
        url = f"{self.hub.url}/datasets/{name}"
        if not query.get("create_pr"):
            oid = repo.commit(revision, files, now)
            return 200, {"success": True, "commitOid": oid, "commitUrl": f"{url}/commit/{oid}"}, {}
        number = len(repo.requests) + 1
        oid = repo.commit(f"refs/pr/{number}", files, now)
        repo.requests.append(
            {"title": head["summary"], "num": number, "status": "open", "isPullRequest": True, "author": {"name": "shop"},
             "createdAt": "2026-01-01T00:00:00.000Z", "repo": {"name": name, "type": "dataset"}}
        )  # fmt: skip
        there = f"{url}/discussions/{number}"
        return (
            200,
            {"success": True, "commitOid": oid, "commitUrl": f"{url}/commit/{oid}", "pullRequestUrl": there},
            {},
        )

    def branch(self, repo: Repo, query: dict[str, str], body: bytes, name: str, revision: str) -> Any:
        if revision in repo.branches:
            return 409, {"error": "the branch exists"}, {}
        repo.branches[revision] = repo.branches["main"]
        return 200, {}, {}

    def discussions(self, repo: Repo, query: dict[str, str], body: bytes, name: str) -> Any:
        return 200, {"discussions": repo.requests, "count": len(repo.requests), "start": 0}, {}

    def download(self, repo: Repo, query: dict[str, str], body: bytes, revision: str, file: str) -> Any:
        oid = repo.resolve(revision)
        if file not in repo.commits[oid]:
            return 404, b"", {"X-Error-Code": "EntryNotFound"}
        kept = repo.commits[oid][file]
        content, told = self.hub._content(kept), self.hub.describe(file, kept)
        headers = {
            "X-Repo-Commit": oid,
            "ETag": f'"{told.get("lfs", told)["oid"]}"',
            "Accept-Ranges": "bytes",
        }
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted:
            first, last = int(wanted[1]), min(int(wanted[2] or len(content)), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            return 206, content[first : last + 1], headers
        return 200, content, headers | {"Content-Length": str(len(content))}


_NAME = r"(?P<repo>[\w.-]+/[\w.-]+)"
OWN = ("create", "whoami", "validate")
_API = r"/api/(?:datasets|models)/(?P<repo>(?P<name>[\w.-]+/[\w.-]+))"
ROUTES = [
    (re.compile(pattern), name)
    for pattern, name in (
        (r"/api/repos/create", "create"),
        (r"/api/whoami-v2", "whoami"),
        (r"/api/validate-yaml", "validate"),
        (rf"{_API}/tree/(?P<revision>refs/pr/\d+|[^/]+)(?:/(?P<inside>.+))?", "tree"),
        (rf"{_API}/paths-info/(?P<revision>.+)", "paths_info"),
        (rf"{_API}/preupload/(?P<revision>.+)", "preupload"),
        (rf"{_API}/commit/(?P<revision>.+)", "commit"),
        (rf"{_API}/branch/(?P<revision>.+)", "branch"),
        (rf"{_API}/discussions", "discussions"),
        (rf"{_API}/refs", "refs"),
        (rf"{_API}(?:/revision/(?P<revision>.+))?", "info"),
        (rf"/(?:datasets/)?{_NAME}\.git/info/lfs/objects/batch", "batch"),
        (rf"/(?:datasets/)?{_NAME}/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "download"),
    )
]


def find_card_faults(about: dict[str, Any]) -> list[str]:
    """What the Hub's validation would refuse, of what our cards may hold: the forms that its documentation gives."""
    faults = []
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", about.get("license", "")):
        faults.append('"license" must be an identifier')
    if any(not re.fullmatch(r"[a-z]{2,3}", code) for code in about.get("language") or ()):
        faults.append('"language" must be ISO 639 codes')
    files = [one for config in about.get("configs") or () for one in config.get("data_files", ())]
    faults += [
        f'"{one["split"]}" is no split' for one in files if not re.fullmatch(r"\w+(\.\w+)*", one["split"])
    ]
    if any(not isinstance(tag, str) for tag in about.get("tags") or ()):
        faults.append('"tags" must be texts')
    names = about.get("datasets") or ()
    faults += [f'"{name}" is no data set' for name in names if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name)]
    results = [one for model in about.get("model-index") or () for one in model["results"]]
    faults += [
        '"model-index" is incomplete' for one in results if not {"task", "dataset", "metrics"} <= set(one)
    ]
    return faults


@contextmanager
def serve() -> Iterator[Hub]:
    """A Hub at `url`, in threads of this process."""
    hub = Hub()
    handler = type("Bound", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
