"""Programs in C++ and JavaScript are verified as those in Python are, and get out of the sandbox as little."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from filters.check import Check
from filters.registry import make_check
from filters.sandbox.languages import CppRunner, NodeRunner
from filters.sandbox.sandbox import SandboxError
from filters.sandbox.self_test import STRONGEST_FIRST, find_tier
from filters.sandbox.toolchains import find_tool
from filters.types import Prompt, Sample, Verdict
from tests.walls import require_walls

SUM = {"inputs": ["1 2\n", "-5 3\n"], "outputs": ["3\n", "-2\n"]}
CALLS = {"fn_name": "add", "inputs": [[1, 2], [[1], [2]]], "outputs": [3, [1, 2]]}
ALL = "#include <bits/stdc++.h>\nusing namespace std;\n"
INCLUDE = "#include <cstdio>\n#include <cstdlib>\n"
CPP = {
    "passed": [
        ALL + "int main() { long long a, b; cin >> a >> b; thread t([&] { a += b; }); t.join(); cout << a << endl; }",
        INCLUDE + "int main() { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\", a + b); }",
    ],
    "wrong_answer": [INCLUDE + "int main() { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\", a - b); }"],
    "compile_error": ["int main( { }", '#include "/etc/passwd"\nint main() { }', "#include <no_such_file>\nint main() {}"],
    "crash": [INCLUDE + "int main() { int* p = nullptr; *p = 1; }", "int main() { throw 5; }", "int main() { return 3; }"],
    "timeout": ["int main() { volatile int x = 0; while (true) x = x + 1; }"],
    "memory": ["int main() { while (true) { volatile char* p = new char[1 << 24]; for (int i = 0; i < 1 << 24; i += 4096) p[i] = 1; } }"],
    "output_limit": [INCLUDE + "int main() { while (true) puts(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"); }"],
}  # fmt: skip
JAVASCRIPT = {
    "passed": [
        "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b)",
        "const rl = require('readline').createInterface({input: process.stdin}); rl.on('line', l => { const [a, b] = l.split(' ').map(Number); console.log(a + b); rl.close(); })",
        "const [a, b] = require('fs').readFileSync('/dev/stdin', 'utf8').split(' ').map(Number); console.log(a + b)",
    ],
    "wrong_answer": ["console.log(3)", ""],
    "compile_error": ["const = 1"],
    "crash": ["null.x", "throw new Error('no')", "process.exit(3)"],
    "timeout": ["while (true) {}"],
    "memory": ["const a = []; while (true) a.push(new Array(1e5).fill(a.length))"],
    "output_limit": ["while (true) require('fs').writeSync(1, 'x'.repeat(1e6))"],
}  # fmt: skip
REACH = {
    "cpp": INCLUDE + """#include <sys/socket.h>
#include <unistd.h>
#include <signal.h>
int main() {
    if (fopen("/etc/passwd", "r")) puts("ESCAPED file");
    if (fopen("/usr/bin/env", "r")) puts("ESCAPED programs");
    if (fopen("/var/tmp/r1curate-cpp", "w")) puts("ESCAPED write");
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0) puts("ESCAPED network");
    if (fork() >= 0) puts("ESCAPED fork");
    if (execl("/bin/sh", "sh", "-c", "echo ESCAPED shell", (char*)0) != -1) puts("ESCAPED exec");
    if (system("echo ESCAPED system") == 0) puts("ESCAPED system");
    if (getenv("R1CURATE_SECRET")) puts("ESCAPED environment");
    if (kill(getppid(), 0) == 0) puts("ESCAPED signal");
    puts("done");
}""",
    "javascript": """
const tried = (what, action) => { try { action(); console.log('ESCAPED ' + what) } catch (e) {} };
const fs = require('fs'), cp = require('child_process');
tried('file', () => fs.readFileSync('/etc/passwd'));
tried('write', () => fs.writeFileSync('/var/tmp/r1curate-js', 'x'));
tried('shell', () => cp.execSync('true'));
tried('spawn', () => { const made = cp.spawnSync('/usr/bin/true'); if (made.error) throw made.error });
tried('signal', () => process.kill(process.ppid, 0));
if (process.env.R1CURATE_SECRET) console.log('ESCAPED environment');
require('net').connect(80, '127.0.0.1').on('connect', () => console.log('ESCAPED network')).on('error', () => console.log('done'));
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    require_walls()
    made = make_check("code_tests", {"seconds": 1, "memory_mib": 256})
    yield made
    made._place.close()  # type: ignore[attr-defined]


def judge(check: Check, language: str, code: str, tests: dict[str, Any]) -> Verdict:
    if find_tool(language) is None:
        pytest.skip(f"not run: nothing here runs {language}")
    asked = Prompt.make("Add.", extra={"tests": json.dumps(tests), "language": language})
    return check.check([Sample("1", asked, f"<think>\nhm\n</think>\n```{language}\n{code}\n```")])[0]


@pytest.mark.parametrize(("language", "rule", "code"), [
    (language, rule, code) for language, table in (("cpp", CPP), ("javascript", JAVASCRIPT)) for rule, codes in table.items() for code in codes
])  # fmt: skip
def test_a_program_is_judged_by_its_tests(check: Check, language: str, rule: str, code: str):
    if rule == "passed" and "/dev/stdin" in code and find_tier().tier != "namespaces":
        pytest.skip("not run: /dev/stdin is there in the tier 'namespaces' alone")
    verdict = judge(check, language, code, SUM)
    if code:
        assert (verdict.ok, verdict.rule) == (rule == "passed", rule), verdict
    else:
        assert verdict.rule == "no_code"


def test_functions_are_called_in_javascript(check: Check):
    right = "function add(a, b) { return Array.isArray(a) ? [...a, ...b] : a + b }"
    assert judge(check, "javascript", right, CALLS).ok is True
    method = "class Solution { add(a, b) { return Array.isArray(a) ? [...a, ...b] : a + b } }"
    for program in (
        method,
        f"{right}\n// no class Solution needed",
        f"module.exports = {{ add: {right} }}",
        right.replace("function", "async function"),
    ):
        assert judge(check, "javascript", program, CALLS).ok is True, program
        assert (
            judge(
                check, "javascript", program, {**CALLS, "starter_code": "var add = function(a, b) {\n};"}
            ).ok
            is True
        ), program
    assert judge(check, "javascript", "var add = (a, b) => a + b", CALLS).rule == "wrong_answer"
    assert judge(check, "javascript", "function sub(a, b) { return 3 }", CALLS).rule == "no_function"
    forged = "function add(a, b) { return {valueOf: () => 3, toJSON: () => undefined} }"
    assert judge(check, "javascript", forged, CALLS).ok is False
    assert judge(check, "cpp", "int add(int a, int b) { return a + b; }", CALLS).rule == "unsupported"


@pytest.mark.parametrize("tier", STRONGEST_FIRST)
@pytest.mark.parametrize("language", REACH)
def test_no_program_of_another_language_gets_out(language: str, tier: Any, monkeypatch: pytest.MonkeyPatch):
    tool = find_tool(language)
    if tool is None:
        pytest.skip(f"not run: nothing here runs {language}")
    monkeypatch.setenv("R1CURATE_SECRET", "secret")
    runner = (CppRunner if language == "cpp" else NodeRunner)(tier, tool)
    try:
        outcome = runner.run(REACH[language])
    except SandboxError as error:
        pytest.skip(f"not run: this machine has no tier '{tier}': {error}")
    finally:
        runner.close()
    assert outcome.stdout.decode().split("\n")[:-1] == ["done"], outcome


def test_a_program_is_compiled_once(check: Check, monkeypatch: pytest.MonkeyPatch):
    compiled: list[str] = []
    compile_one = CppRunner._compile

    def count(self: CppRunner, source: str) -> Any:
        compiled.append(source)
        return compile_one(self, source)

    monkeypatch.setattr(CppRunner, "_compile", count)
    code = INCLUDE + 'int main() { int a, b; scanf("%d %d", &a, &b); printf("%d", b + a); }'
    assert judge(check, "cpp", code, SUM).ok is True
    assert len(compiled) == 1
