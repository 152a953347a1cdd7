"""The public names of `filters`: each is there, says what it is, and costs nothing until it is used."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import filters

PUBLIC = {
    *(
        "Prompt",
        "Sample",
        "Verdict",
        "Message",
        "Check",
        "SampleCheck",
        "PromptCheck",
        "EngineCheck",
        "CheckSpec",
    ),
    *("Engine", "EngineOptions", "SamplingOptions", "Request", "Completion", "EngineError", "UserError"),
    *("make_check", "make_spec", "find_check_class", "CHECKS", "split_response"),
}
HEAVY = ("pydantic", "polars", "numpy", "pyarrow", "transformers", "torch", "yaml")


def test_importing_the_package_imports_nothing_heavy():
    code = "import json, sys, filters; print(json.dumps([len(dir(filters)), *sys.modules]))"
    count, *modules = json.loads(subprocess.check_output([sys.executable, "-c", code], text=True))
    assert count > len(PUBLIC)
    assert {name.partition(".")[0] for name in modules}.isdisjoint(HEAVY)
    assert [name for name in modules if name.startswith("filters.")] == ["filters.lazy_imports"]


def test_the_public_names_are_those_promised():
    assert set(filters.__all__) == PUBLIC
    assert len(filters.__all__) == len(PUBLIC)
    assert set(dir(filters)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_resolves_and_says_what_it_is(name: str):
    value = getattr(filters, name)
    if name == "CHECKS":
        assert value["format"] == "filters.checks.format:Format"
        return
    assert value.__module__.startswith("filters.")
    assert value.__doc__
    assert value is getattr(sys.modules[value.__module__], name)
    assert filters.__dict__[name] is value


def test_all_names_are_imported_at_once_and_unknown_ones_refused():
    space: dict[str, object] = {}
    exec("from filters import *", space)
    assert space.keys() >= PUBLIC
    with pytest.raises(AttributeError, match="module 'filters' has no attribute 'Nothing'"):
        _ = filters.Nothing
    with pytest.raises(ImportError):
        exec("from filters import Nothing", {})


def test_type_checkers_see_the_names():
    source = inspect.getsource(filters)
    seen = source[source.index("if TYPE_CHECKING") : source.index("__all__ =")]
    assert all(name in seen for name in PUBLIC)
    for package in ("filters", "curate", "distill", "recipes"):
        assert (Path(filters.__file__).parents[1] / package / "py.typed").read_bytes() == b""
