"""Programs run by services: the verdicts are those of this machine's sandbox, and what a service fails at is undecided."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from filters.check import Check
from filters.errors import UserError
from filters.registry import make_check
from filters.sandbox import service_client
from filters.sandbox.places import IMAGE, KINDS, require_options
from filters.sandbox.sandbox import SandboxError, SandboxLostError
from filters.sandbox.service import FusionRunner, PistonRunner
from filters.sandbox.toolchains import find_tool
from filters.sandbox.walls import Limits
from filters.types import Prompt, Sample, Verdict
from tests.filters.programs.code_row import CodeRow
from tests.filters.programs.rows_calls import SHAPES
from tests.filters.sandbox.local_service import LocalService, give, open_service
from tests.walls import require_walls

SERVICES = ("sandbox_fusion", "piston")
RUNNERS: dict[str, Callable[[str], FusionRunner | PistonRunner]] = {"sandbox_fusion": FusionRunner, "piston": PistonRunner}  # fmt: skip
ADD = "a, b = map(int, input().split())\nprint(a + b)"
PAIR = {"inputs": ["1 2\n", "5 5\n"], "outputs": ["3\n", "10\n"]}
TWICE = {"fn_name": "twice", "inputs": [[2], [-1]], "outputs": [4, -2]}
CHECKER = (
    "import sys\ngiven, expected, output = (open(name).read() for name in sys.argv[1:4])\n"
    "print(1 if sorted(output.split()) == sorted(expected.split()) else 0)"
)
FORGERIES = {
    "an object that equals all": "class E:\n    def __eq__(self, other): return True\ndef twice(x): return E()",
    "a number that equals all": "class E(int):\n    def __eq__(self, other): return True\n    __hash__ = None\ndef twice(x): return E(0)",
    "an end before the call": "import sys\ndef twice(x): return 2 * x\nsys.exit(0)",
    "an end of the process": "import os\ndef twice(x): return 2 * x\nos._exit(0)",
    "an end in the call": "import os\ndef twice(x): os._exit(0)",
    "a guess of the mark": "import atexit\ndef twice(x): return 0\natexit.register(lambda: print('\\n' + '0' * 32 + '4'))",
    "the mark, found, with a value": "import sys\ndef twice(x):\n    frame = sys._getframe(1)\n    mark = frame.f_locals['mark']\n"
    "    print('\\n' + mark + '[4, -2]')\n    sys.stdout.flush()\n    import os; os._exit(0)",
    "another json": "import json\njson.dumps = lambda *a, **k: 'true'\ndef twice(x): return 2 * x",
    "printed": "def twice(x): print(2 * x)",
}  # fmt: skip
ENDS = {
    "passed": (ADD, {}), "wrong_answer": ("print(3)", {}), "crash": ("1 / 0", {}), "compile_error": ("def f(:", {}),
    "timeout": ("while True: pass", {"time_limit": 0.2}), "memory": ("x = bytearray(1 << 30)", {"memory_limit": "64 MB"}),
    "output_limit": ("print('x' * 5_000_000)", {}), "missing_package": ("import no_such_package", {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def service() -> Iterator[LocalService]:
    require_walls()
    with open_service() as opened:
        yield opened


@pytest.fixture(autouse=True)
def fresh(service: LocalService, monkeypatch: pytest.MonkeyPatch) -> None:
    service.faults, service.requests, service.most = [], [], {}
    service.longest_output, service.change = 1 << 26, lambda said: said
    monkeypatch.setattr(service_client, "FIRST_PAUSE_S", 0.01)
    monkeypatch.delenv(service_client.KEY, raising=False)


def make(service: LocalService, name: str, **options: Any) -> Check:
    return make_check("code_tests", {"sandbox": name, "endpoint": service.url, "seconds": 2, **options})


def judge(check: Check, code: str, columns: dict[str, Any], language: str = "python") -> Verdict:
    asked = Prompt.make("Write.", extra={**columns, "language": language})
    return check.check([Sample("1", asked, f"<think>\nhm\n</think>\n```{language}\n{code}\n```")])[0]


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("rule", ENDS)
def test_a_program_is_judged_by_its_tests(service: LocalService, name: str, rule: str):
    code, more = ENDS[rule]
    verdict = judge(make(service, name), code, {"tests": PAIR, **more})
    assert verdict.rule == rule, verdict
    assert verdict.reason.endswith(f"[{name}]")
    sent = json.dumps(service.requests)
    assert "expected" not in sent and '"3\\n"' not in sent


@pytest.mark.parametrize("name", SERVICES)
def test_functions_are_called(service: LocalService, name: str):
    check = make(service, name)
    for code in ("def twice(x): return 2 * x", "class Solution:\n    def twice(self, x):\n        print('hm')\n        return x + x",
                 "def twice(x): return 2 * x\nif __name__ == '__main__':\n    print(twice(int(input())))"):  # fmt: skip
        assert judge(check, code, {"tests": TWICE}).ok is True, code
    assert judge(check, "def once(x): return x", {"tests": TWICE}).rule == "no_function"


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("what", FORGERIES)
def test_no_forgery_passes(service: LocalService, name: str, what: str):
    verdict = judge(make(service, name), FORGERIES[what], {"tests": TWICE})
    assert verdict.ok is False, verdict


@pytest.mark.parametrize("row", SHAPES, ids=lambda row: row.name)
def test_verdicts_are_those_of_this_machine(service: LocalService, row: CodeRow):
    check, local = make(service, "piston"), make_check("code_tests", {"seconds": 2})
    for code in (*row.right, *row.wrong.values()):
        here, there = judge(local, code, row.columns), judge(check, code, row.columns)
        assert (here.ok, here.rule) == (there.ok, there.rule), (code, here, there)
    local._place.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("language", ["cpp", "javascript"])
def test_other_languages(service: LocalService, name: str, language: str):
    if find_tool(language) is None:
        pytest.skip(f"not run: nothing here runs {language}")
    check = make(service, name)
    include = "#include <cstdio>\n"
    right, wrong, broken = {
        "cpp": (include + 'int main() { int a, b; scanf("%d %d", &a, &b); printf("%d", a + b); }', "int main() { }", "int main( {"),
        "javascript": ("const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b)", "1", "const = 1"),
    }[language]  # fmt: skip
    assert judge(check, right, {"tests": PAIR}, language).ok is True
    assert judge(check, wrong, {"tests": PAIR}, language).rule == "wrong_answer"
    refused = judge(check, broken, {"tests": PAIR}, language)
    assert refused.rule == "compile_error", refused
    assert "/tmp" not in refused.reason
    called = judge(check, "function twice(x) { console.log('hm'); return 2 * x }", {"tests": TWICE}, language)
    assert called.ok is (True if language == "javascript" else None), called


@pytest.mark.parametrize("name", SERVICES)
def test_checkers_get_their_files_and_asserts_are_undecided(service: LocalService, name: str):
    check = make(service, name)
    columns = {"official_tests": [{"input": "3", "output": "1 2 3"}], "generated_checker": CHECKER}
    assert judge(check, "print(3, 2, 1)", columns).ok is True
    assert judge(check, "print(3, 2, 2)", columns).rule == "wrong_answer"
    asserts = judge(check, "def f(x): return x", {"test_list": ["assert f(1) == 1"]})
    assert (asserts.ok, asserts.reason) == (None, "unsupported: asserts by a service")


@pytest.mark.parametrize("name", SERVICES)
def test_faults_that_pass_are_tried_again(service: LocalService, name: str):
    check = make(service, name)
    service.faults = [lambda: give({}, 500), lambda: give({}, 429, Retry_After="0"), lambda: (0, b"", {})]
    assert judge(check, ADD, {"tests": PAIR}).ok is True
    service.faults = [lambda: give({"message": "busy"}, 503)] * 4
    lost = judge(check, ADD, {"tests": PAIR})
    assert (lost.ok, lost.score, lost.rule) == (None, None, "sandbox")
    assert "it answered 503" in lost.reason


ODD: dict[str, Callable[[], Any]] = {
    "no JSON": lambda: (200, b"<html>sign in</html>", {}), "cut": lambda: (200, b'{"status": "Succ', {}), "a list": lambda: give([1]),
    "null": lambda: give(None), "empty": lambda: give({}), "deep": lambda: (200, b"[" * 100_000, {}), "moved": lambda: (302, b"", {"Location": "/"}),
    "refused": lambda: give({"message": "no key"}, 401), "its own failure": lambda: give({"status": "SandboxError", "message": "no pod"}),
    "a failed run": lambda: give({"status": "Success", "run_result": {"status": "Error", "stderr": "x"}}),
    "words for numbers": lambda: give({"status": "Success", "run_result": {"status": "Finished", "return_code": "zero"}, "run": {"code": "zero"}}),
    "no result": lambda: give({"status": "Success", "run_result": None, "run": None}),
    "no end": lambda: give({"status": "Failed", "run_result": {"status": "?"}, "run": {"status": "XX", "message": "isolate"}}),
}  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("what", ODD)
def test_an_odd_answer_is_undecided(service: LocalService, name: str, what: str):
    check = make(service, name)
    if name == "piston":
        assert judge(check, ADD, {"tests": PAIR}).ok is True  # so that it has asked for the runtimes
    service.faults = [ODD[what]] * 4
    verdict = judge(check, ADD, {"tests": PAIR})
    assert (verdict.ok, verdict.rule) == (None, "sandbox"), verdict


@pytest.mark.parametrize("name", SERVICES)
def test_an_answer_without_end_is_bounded(service: LocalService, name: str):
    runner = RUNNERS[name](service.url)
    runner.run("print(1)")
    service.faults = [lambda: give({"stdout": "x" * 2_000_000})]
    assert runner.run("print(1)", limits=Limits(output=10_000)).end == "output_limit"
    service.faults = [lambda: (time.sleep(2), give({}))[1]]
    runner._post = lambda path, body, limits: runner._client.ask(path, body, 0.3, 1000)  # type: ignore[method-assign]
    began = time.monotonic()
    with pytest.raises(SandboxLostError, match="ReadTimeout"):
        runner.run("print(1)")
    assert time.monotonic() - began < 1.5
    runner.close()


def test_nobody_there_is_undecided_and_refused_before_any_work():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    for name in SERVICES:
        check = make_check("code_tests", {"sandbox": name, "endpoint": url})
        assert judge(check, ADD, {"tests": PAIR}).rule == "sandbox"
        with pytest.raises(SandboxError, match=f"sandbox={name} runs no programs .*ConnectError"):
            check.prepare()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_tried_before_any_work(service: LocalService, name: str):
    make(service, name).prepare()
    service.change = lambda said: json.loads(json.dumps(said).replace("42", "41"))
    with pytest.raises(SandboxError, match="did not run a small program in python"):
        make(service, name).prepare()


def test_what_sandbox_fusion_does_not_read_is_undecided(service: LocalService):
    service.change = lambda said: {
        **said,
        "run_result": {**said["run_result"], "status": "TimeLimitExceeded"},
    }
    long = judge(make(service, "sandbox_fusion"), "print('x' * 100_000)", {"tests": PAIR})
    assert (long.ok, long.rule) == (None, "sandbox"), long
    assert judge(make(service, "sandbox_fusion"), "print('x')", {"tests": PAIR}).rule == "timeout"
    service.change = lambda said: {**said, "run_result": {**said["run_result"], "stdout": "[DecodeError] …"}}
    assert judge(make(service, "sandbox_fusion"), ADD, {"tests": PAIR}).rule == "sandbox"


def test_pistons_own_limits_are_kept_and_never_held_against_a_program(service: LocalService):
    service.most = {
        "run_timeout": 3000,
        "run_cpu_time": 300,
        "compile_timeout": 10_000,
        "run_memory_limit": 1 << 30,
    }
    check = make(service, "piston")
    assert judge(check, ADD, {"tests": PAIR}).ok is True
    made = len(service.requests)
    assert judge(check, ADD, {"tests": PAIR}).ok is True
    assert len(service.requests) == made + 2, "its limits are asked for once"
    late = judge(check, "while True: pass", {"tests": PAIR})
    assert (late.ok, late.rule) == (None, "sandbox"), late
    killed = {"stdout": "", "stderr": "", "code": None, "signal": "SIGKILL", "status": "SG"}
    service.faults = [lambda: give({"run": killed})]
    starved = judge(check, ADD, {"tests": PAIR})
    assert (starved.ok, starved.rule) == (None, "sandbox"), starved


def test_what_piston_cuts_or_ends_without_a_word_is_undecided(service: LocalService):
    check = make(service, "piston")
    service.longest_output = 1024
    long = judge(check, "print('x' * 2000)", {"tests": PAIR})
    assert (long.ok, long.rule) == (None, "sandbox"), long
    killed = {"stdout": "", "stderr": "", "code": None, "signal": "SIGKILL"}
    service.faults = [lambda: give({"run": killed}), lambda: give({"run": {**killed, "status": "SG"}})]
    assert judge(check, ADD, {"tests": PAIR}).rule == "sandbox", "older ones do not say why"
    assert judge(check, ADD, {"tests": PAIR}).rule == "memory"


@pytest.mark.parametrize("name", SERVICES)
def test_an_output_that_is_not_text_any_more_is_undecided(service: LocalService, name: str):
    service.change = lambda said: json.loads(json.dumps(said).replace("42", "\\ufffd"))
    assert judge(make(service, name), "print('42')", {"tests": PAIR}).rule == "sandbox"


def test_pistons_newest_version_of_the_language_is_taken(service: LocalService):
    runner = PistonRunner(f"{service.url}/api/v2/")
    assert runner.run("import sys; print(sys.argv)").end == "ended"
    runner.run("print(1)")
    assert [path for path, _, _ in service.requests] == [
        "/api/v2/runtimes",
        "/api/v2/execute",
        "/api/v2/execute",
    ]
    assert {(body["language"], body["version"]) for _, _, body in service.requests if body} == {
        ("python", "3.12.0")
    }
    assert PistonRunner(service.url, "javascript")._find_runtime() == ("node-javascript", "20.11.1")
    service.faults = [lambda: give([])]
    check = make(service, "piston")
    assert judge(check, ADD, {"tests": PAIR}).rule == "unsupported"


@pytest.mark.parametrize("name", SERVICES)
def test_newer_cpp_than_the_service_has_is_undecided(service: LocalService, name: str):
    stage = {"status": "Finished" if name == "sandbox_fusion" else "RE", "return_code": 1, "code": 1, "stderr": "/tmp/a.cpp:1: error: no\nnote: 'std::ranges' is only available from C++20 onwards"}  # fmt: skip
    service.faults = (
        []
        if name == "sandbox_fusion"
        else [lambda: give([{"language": "c++", "version": "10", "aliases": []}])]
    )
    service.faults.append(
        lambda: give({"status": "Failed", "compile_result": stage, "compile": stage, "run": stage})
    )
    verdict = judge(make(service, name), "#include <ranges>\nint main() { }", {"tests": PAIR}, "cpp")
    assert (verdict.ok, verdict.rule) == (None, "unsupported"), verdict


@pytest.mark.parametrize("name", SERVICES)
def test_the_key_goes_with_requests_and_nowhere_else(
    service: LocalService, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(service_client.KEY, " s3cret-key ")
    check = make(service, name)
    assert judge(check, ADD, {"tests": PAIR}).ok is True
    assert {headers["authorization"] for _, headers, _ in service.requests} == {"Bearer s3cret-key"}
    assert "s3cret" not in json.dumps([body for _, _, body in service.requests])
    service.faults = [lambda: give({"message": "the key s3cret-key is wrong"}, 403)]
    refused = judge(check, ADD, {"tests": PAIR})
    assert refused.rule == "sandbox" and "s3cret" not in refused.reason
    monkeypatch.delenv(service_client.KEY)
    assert make(service, name).digest == check.digest
    assert "s3cret" not in check.model_dump_json()
    monkeypatch.setenv(service_client.KEY, "a\nb")
    with pytest.raises(UserError, match="characters that no request can carry"):
        make(service, name).prepare()


@pytest.mark.parametrize(("options", "said"), [
    ({"sandbox": "piston"}, "needs the service's address"),
    ({"endpoint": "http://localhost"}, "endpoint= is for services"),
    ({"sandbox": "docker", "endpoint": "http://localhost"}, "endpoint= is for services"),
    ({"image": "python:3.13"}, "image= is for containers"),
    ({"sandbox": "piston", "endpoint": "http://localhost", "packages": ["numpy"]}, "packages= is for the sandbox on this machine"),
    ({"sandbox": "docker", "python": "3.12"}, "python= is for the sandbox on this machine"),
    ({"sandbox": "docker", "unsafe_no_sandbox": True}, "unsafe_no_sandbox= is for"),
    ({"sandbox": "piston", "endpoint": "localhost:2000"}, "is no address of a service"),
    ({"sandbox": "piston", "endpoint": "http://me:pass@localhost"}, "Leave the password out of endpoint="),
    ({"sandbox": "docker", "language": "cpp"}, "runs no programs in cpp"),
    ({"sandbox": "bubble"}, "sandbox"),
])  # fmt: skip
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], said: str):
    with pytest.raises(UserError, match=said):
        make_check("code_tests", options).prepare()


def test_every_place_has_its_kinds():
    for name, kinds in KINDS.items():
        require_options(name, IMAGE, "http://x" if name in SERVICES else "", {})
        assert "stdin" in kinds["python"]
        assert ("asserts" in kinds["python"]) is (name == "local")
