"""Programs run in containers, by a tool that stands in for Docker: it notes what it is asked and runs what would be in the container."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from filters.check import Check
from filters.errors import UserError
from filters.registry import make_check
from filters.sandbox import container
from filters.sandbox.bounded_process import run_bounded
from filters.sandbox.container import ContainerRunner
from filters.sandbox.sandbox import Call, SandboxError, SandboxLostError
from filters.sandbox.walls import Limits
from filters.types import Prompt, Sample, Verdict
from tests.filters.sandbox.test_services import ADD, CHECKER, FORGERIES, PAIR, TWICE

TOOL = """#!{python}
import json, os, signal, subprocess, sys
from pathlib import Path
folder = Path({folder!r})
words = sys.argv[1:]
with open(folder / "asked", "a") as file:
    file.write(json.dumps({{"words": words, "environment": dict(os.environ)}}) + "\\n")
if (folder / "fails").exists():
    said, code = json.loads((folder / "fails").read_text())
    sys.stderr.write(said)
    sys.exit(code)
if words[0] in ("kill", "rm") and (folder / words[-1]).exists():
    try:
        os.killpg(int((folder / words[-1]).read_text()), signal.SIGKILL)
    except ProcessLookupError:
        pass
if words[0] == "run":
    place = words.index("--entrypoint=python3")
    given = dict(words[number + 1].split("=", 1) for number, word in enumerate(words) if word == "-e")
    (folder / "tmp").mkdir(exist_ok=True)
    sys.stderr.write("WARNING: no swap limit\\n")
    sys.stderr.flush()
    started = subprocess.Popen([sys.executable, *words[place + 2:]], env=given, cwd=folder / "tmp", start_new_session=True)
    (folder / words[words.index("--name") + 1]).write_text(str(started.pid))
    code = started.wait()
    sys.exit(128 - code if code < 0 else code)
"""
FLAGS = {
    "--rm", "-i", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--pids-limit=64",
    "--user=65534:65534", "--cpus=1", "--pull=never", "--log-driver=none", "--no-healthcheck", "--workdir=/tmp",
}  # fmt: skip


class Stand:
    """The tool that stands in for Docker, and what it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def asked(self, word: str) -> list[dict[str, Any]]:
        place = self.folder / "asked"
        lines = place.read_text().splitlines() if place.exists() else []
        return [one for one in map(json.loads, lines) if one["words"][0] == word]

    def fail(self, said: str, code: int) -> None:
        (self.folder / "fails").write_text(json.dumps([said, code]))


@pytest.fixture(params=["docker", "podman"])
def tool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stand(tmp_path: Path, tool: str, monkeypatch: pytest.MonkeyPatch) -> Stand:
    place = tmp_path / "bin" / tool
    place.parent.mkdir()
    place.write_text(TOOL.format(python=sys.executable, folder=str(tmp_path)))
    place.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("R1CURATE_SECRET", "s3cret")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:s3cret@proxy")
    return Stand(tmp_path)


@pytest.fixture
def runner(stand: Stand, tool: Any) -> ContainerRunner:
    return ContainerRunner(tool, "python:3.12-slim")


def judge(check: Check, code: str, columns: dict[str, Any]) -> Verdict:
    asked = Prompt.make("Write.", extra=columns)
    return check.check([Sample("1", asked, f"<think>\nhm\n</think>\n```python\n{code}\n```")])[0]


def test_a_container_has_nothing_of_this_machines(runner: ContainerRunner, stand: Stand, tool: str):
    seen = runner.run("import os, json\nprint(json.dumps(dict(os.environ)))", limits=Limits(memory=300 << 20))
    assert seen.end == "ended", seen
    ((asked),) = stand.asked("run")
    words = asked["words"]
    assert set(words) >= FLAGS
    assert words[words.index("--name") + 1].startswith("r1curate-")
    assert words[words.index("--tmpfs") + 1] == "/tmp:rw,noexec,nosuid,nodev,size=67108864"
    assert [words[place + 1] for place, word in enumerate(words) if word == "--ulimit"] == [
        "nofile=64",
        "core=0",
    ]
    assert f"--memory={364 << 20}" in words and f"--memory-swap={364 << 20}" in words
    assert not {"-v", "--volume", "--mount", "--privileged", "--device", "--env-file", "--pid=host"} & set(
        words
    )
    assert not any("docker.sock" in word or "s3cret" in word for word in words)
    assert words[-6:-1] == ["--entrypoint=python3", "python:3.12-slim", "-s", "-P", "-c"]
    assert max(map(len, words)) < 10_000
    assert ("--http-proxy=false" in words) is ("--read-only-tmpfs=false" in words) is (tool == "podman")
    assert not {"R1CURATE_SECRET", "HTTPS_PROXY"} & asked["environment"].keys()
    environment = json.loads(seen.stdout)
    assert (
        environment["PYTHONHASHSEED"] == "0"
        and environment["LC_ALL"] == "C.UTF-8"
        and environment["TZ"] == "UTC"
    )
    assert environment["HTTPS_PROXY"] == "" and "s3cret" not in str(environment)
    assert not stand.asked("kill") and not stand.asked("rm")


def test_every_program_has_a_container_of_its_own(runner: ContainerRunner, stand: Stand):
    for _ in range(3):
        assert runner.run("print(1)").stdout == b"1\n"
    names = [one["words"][one["words"].index("--name") + 1] for one in stand.asked("run")]
    assert len(set(names)) == 3


ENDS = [
    ("print(input(), input())", "ended"), ("import sys; sys.exit(3)", "crash"), ("import sys; sys.exit(125)", "crash"),
    ("import os; os._exit(127)", "crash"), ("1 / 0", "crash"), ("def f(:", "crash"), ("while True: pass", "timeout"),
    ("x = bytearray(1 << 31)", "memory"), ("import os; os.kill(os.getpid(), 9)", "crash"), ("import os; os.close(2)", "ended"),
    ("import sys; sys.stderr.write('x' * 100_000)", "ended"), ("import signal; signal.signal(24, 1)\nwhile True: pass", "timeout"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "end"), ENDS, ids=[code[:30] for code, _ in ENDS])
@pytest.mark.parametrize("tool", ["docker"])
def test_a_program_ends_as_it_ends(runner: ContainerRunner, code: str, end: str):
    outcome = runner.run(code, b"a\nb\n", Limits(cpu_s=0.5, wall_s=20, memory=256 << 20))
    assert outcome.end == end, outcome
    if end == "ended":
        assert b"WARNING" not in outcome.stderr and b"r1curate-" not in outcome.stderr
    if "exit(3)" in code:
        assert outcome.code == 3
    if "/ 0" in code:
        assert outcome.error == "ZeroDivisionError: division by zero"
        assert b"driver" not in outcome.stderr


@pytest.mark.parametrize("tool", ["docker"])
def test_input_comes_after_what_is_run(runner: ContainerRunner):
    given = os.urandom(3_000_000)
    source = (
        "import sys, hashlib\nprint(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())\n#" + "x" * 500_000
    )
    assert runner.run(source, given).stdout.decode().strip() == hashlib.sha256(given).hexdigest()
    assert runner.run("print(1)", given).stdout == b"1\n", "a program may leave its input unread"


@pytest.mark.parametrize("what", ["sleeps", "closes its outputs and sleeps", "has a child that sleeps"])
def test_one_that_waits_is_ended_by_name(runner: ContainerRunner, stand: Stand, what: str):
    code = {
        "sleeps": "import time; print(1, flush=True); time.sleep(60)",
        "closes its outputs and sleeps": "import os, time; os.close(1); os.close(2); time.sleep(60)",
        "has a child that sleeps": "import os, time\nos.fork()\ntime.sleep(60)",
    }[what]
    began = time.monotonic()
    outcome = runner.run(code, limits=Limits(cpu_s=1, wall_s=1))
    assert outcome.end == "timeout" and time.monotonic() - began < 10
    ((killed),), ((removed),), ((ran),) = stand.asked("kill"), stand.asked("rm"), stand.asked("run")
    name = ran["words"][ran["words"].index("--name") + 1]
    assert killed["words"] == ["kill", name] and removed["words"] == ["rm", "--force", name]
    assert_gone(int((stand.folder / name).read_text()))


def assert_gone(process: int) -> None:
    for _ in range(100):
        if not Path(f"/proc/{process}").exists() or ") Z " in Path(f"/proc/{process}/stat").read_text():
            return
        time.sleep(0.02)
    pytest.fail("it still runs")


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("tool", ["docker"])
def test_outputs_are_bounded(
    runner: ContainerRunner, stand: Stand, stream: str, monkeypatch: pytest.MonkeyPatch
):
    taken = []
    monkeypatch.setattr(
        container, "run_bounded", lambda *given: taken.append(run_bounded(*given)) or taken[0]
    )
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 10_000)"
    outcome = runner.run(code, limits=Limits(cpu_s=20, wall_s=30, output=100_000))
    assert outcome.end == "output_limit"
    assert max(len(outcome.stdout), len(outcome.stderr)) == 100_000
    assert max(len(taken[0].stdout), len(taken[0].stderr)) < 200_000, "more was held than can be told"
    assert len(stand.asked("kill")) == 1


@pytest.mark.parametrize("tool", ["docker"])
def test_a_container_goes_with_whoever_waited_for_it(
    runner: ContainerRunner, stand: Stand, monkeypatch: pytest.MonkeyPatch
):
    def interrupt(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(container, "run_bounded", interrupt)
    with pytest.raises(KeyboardInterrupt):
        runner.run("print(1)")
    assert len(stand.asked("rm")) == 1


FAILURES = {
    125: "docker: Error response from daemon: No such image: python:3.12-slim\n\nRun 'docker run --help' for more information\n",
    126: "exec: python3: permission denied\n",
    127: "exec: \"python3\": executable file not found in $PATH\n",
    1: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
    0: "",
}  # fmt: skip


@pytest.mark.parametrize("code", FAILURES)
def test_what_the_tool_fails_at_is_undecided(runner: ContainerRunner, stand: Stand, tool: str, code: int):
    stand.fail(FAILURES[code], code)
    said = FAILURES[code].splitlines()[0] if code else "exit code 0"
    with pytest.raises(SandboxLostError) as error:
        runner.run("print(1)")
    assert str(error.value) == f"{tool}: {said}"
    verdict = judge(make_check("code_tests", {"sandbox": tool}), ADD, {"tests": PAIR})
    assert (verdict.ok, verdict.score, verdict.reason) == (None, None, f"sandbox: {tool}: {said}")


def test_the_place_is_tried_before_any_work(stand: Stand, tool: str):
    check = make_check("code_tests", {"sandbox": tool})
    check.prepare()
    assert stand.asked("version") and stand.asked("image")[0]["words"] == [
        "image",
        "inspect",
        "python:3.12-slim",
    ]
    stand.fail("Error: No such image: python:3.12-slim", 1)
    with pytest.raises(SandboxError, match=f"^{tool} cannot start containers here .*No such image"):
        check.prepare()
    with pytest.raises(UserError, match="is no name of an image"):
        make_check("code_tests", {"sandbox": tool, "image": "--privileged"}).prepare()


def test_without_the_tool_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError, match="There is no podman on the PATH"):
        make_check("code_tests", {"sandbox": "podman"}).prepare()


def test_the_real_tool_without_its_daemon_is_refused_in_a_sentence():
    if shutil.which("docker") is None:
        pytest.skip("not run: there is no docker here")
    if subprocess.run(["docker", "version"], capture_output=True).returncode == 0:
        pytest.skip("not run: docker has its daemon here")
    with pytest.raises(
        SandboxError, match=r"^docker cannot start containers here \(.*daemon.*\): start its daemon, or"
    ):
        make_check("code_tests", {"sandbox": "docker"}).prepare()
    with pytest.raises(SandboxLostError, match=r"docker: .*daemon"):  # and not that it has no such flag
        ContainerRunner("docker", "python:3.12-slim").run("print(1)")


@pytest.mark.parametrize("tool", ["docker"])
def test_verdicts_are_those_of_other_places(stand: Stand, tool: str):
    check = make_check("code_tests", {"sandbox": tool, "seconds": 2})
    assert judge(check, ADD, {"tests": PAIR}).reason == "passed: 2 tests [docker]"
    assert judge(check, "print(3)", {"tests": PAIR}).rule == "wrong_answer"
    assert judge(check, "def f(:", {"tests": PAIR}).rule == "compile_error"
    assert judge(check, "import no_such_package", {"tests": PAIR}).rule == "missing_package"
    assert judge(check, "def twice(x): return 2 * x", {"tests": TWICE}).ok is True
    assert judge(check, "def once(x): return 2 * x", {"tests": TWICE}).rule == "no_function"
    for what, code in FORGERIES.items():
        assert judge(check, code, {"tests": TWICE}).ok is False, what
    checked = {"official_tests": [{"input": "3", "output": "1 2 3"}], "generated_checker": CHECKER}
    assert judge(check, "print(3, 2, 1)", checked).ok is True
    assert judge(check, "print(3, 2, 2)", checked).rule == "wrong_answer"
    asserts = judge(check, "def f(x): return x", {"test_list": ["assert f(1) == 1"]})
    assert (asserts.ok, asserts.reason) == (None, "unsupported: asserts in a container")
    assert (
        judge(check, "int main() { }", {"tests": PAIR, "language": "cpp"}).reason
        == "unsupported: cpp in a container"
    )


@pytest.mark.parametrize("tool", ["docker"])
def test_a_program_cannot_tell_how_it_ended_to_its_good(runner: ContainerRunner):
    forged = "import os, sys, json\nframe = sys._getframe(2)\ngiven = frame.f_locals['given']\n" \
        "os.write(2, (given['ended'] + '{}').encode())\nprint(1)\nos._exit(7)"  # fmt: skip
    outcome = runner.run(forged)
    assert (outcome.end, outcome.code) == ("crash", 7)
    value = runner.run("def f(x):\n    return {'a': (x, None)}", call=Call("f", [1.5]))
    assert json.loads(value.value) == {"a": [1.5, None]}
