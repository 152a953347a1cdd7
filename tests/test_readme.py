"""What the README shows is what the program does: its checks, commands and Python."""

import re
from pathlib import Path

from curate.cli.commands import COMMANDS
from filters.registry import CHECKS

README = (Path(__file__).parents[1] / "README.md").read_text()
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_every_command_named_exists_with_its_flags():
    from curate.cli.app import real_command

    lines = re.findall(r"^r1curate (\w+)(.*?)(?:#.*)?$", README, re.MULTILINE)
    assert len(lines) > 10
    for name, rest in lines:
        assert name in COMMANDS
        known = {flag for parameter in real_command(name).params for flag in parameter.opts}
        assert set(re.findall(r"--[\w-]+", rest)) <= known, f"{name}{rest}"


def test_every_check_named_exists():
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.*?) \|", README, re.MULTILINE))))
    assert named <= set(CHECKS)
    assert named >= {"math_answer", "language", "judge"}


def test_the_python_examples_are_valid():
    check = next(example for example in PYTHON if "make_check" in example)
    for example in PYTHON:
        compile(example, "README.md", "exec")
    shown: list[object] = []
    exec(check, {"print": shown.append})
    ((verdict,),) = shown
    assert verdict.ok is True
