"""What distill/README.md shows is what the package does: flags, public names, metrics."""

import ast
import re
from pathlib import Path

import pytest

import distill
from curate.cli.app import build_command
from distill.grpo.presets import PRESETS
from distill.grpo.training import METRICS

README = (Path(distill.__file__).parent / "README.md").read_text()
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("command", ["distill", "grpo", "evaluate"])
def test_every_flag_in_an_example_exists(command):
    built = build_command(command)
    known = {
        flag
        for parameter in built.params
        if not getattr(parameter, "hidden", False)
        for flag in parameter.opts
    }
    lines = re.findall(rf"^r1curate {command} (.*)$", README, re.MULTILINE)
    assert lines
    for line in lines:
        assert set(re.findall(r"--[\w-]+", line)) <= known


def test_the_python_example_fills_options_and_uses_public_names_alone():
    tree = ast.parse(EXAMPLE)
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in imports for alias in node.names}
    assert [node.module for node in imports] == ["distill"]
    assert names <= set(distill.__all__)
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    for call in calls:
        if call.func.id.endswith("Options"):
            fields = getattr(distill, call.func.id).model_fields
            assert {keyword.arg for keyword in call.keywords} <= fields.keys()


def test_every_metric_and_preset_is_named():
    words = set(re.findall(r"`([^`\n]+)`", README))
    assert set(METRICS.values()) <= words
    assert set(PRESETS) <= words
