"""Checks by name, from a file of one's own, and from installed packages."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from curate.checking.executors.local import LocalExecutor
from curate.stages.checks import ChecksOptions, list_checks
from filters.check import Check
from filters.check_files import import_file, name_module
from filters.errors import UserError
from filters.registry import find_check_class, list_built_in, list_plugins, make_check
from filters.spec import make_spec
from filters.types import Prompt, Sample
from tests.shown import shown

MINE = '''"""A check of one's own."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel

from filters.check import SampleCheck
from filters.types import Sample, Verdict


class Bounds(BaseModel):
    """Nested options."""

    least: int = 1
    unit: Literal["characters", "words"] = "characters"


class Long(SampleCheck):
    """The response has at least `bounds.least` characters or words."""

    name: ClassVar[str] = "long"
    rules: ClassVar[dict[str, str]] = {"short": "the response is too short"}

    bounds: Bounds = Bounds()
    mode: Literal["strict", "loose"] = "strict"

    def judge(self, sample: Sample) -> Verdict:
        size = len(sample.response if self.bounds.unit == "characters" else sample.response.split())
        return Verdict(True) if size >= self.bounds.least else Verdict(False, f"short: {size}")


NOT_A_CHECK = 3
'''
SAMPLES = [Sample(str(number), Prompt.make("q"), text) for number, text in enumerate(["one", "one two"])]


@pytest.fixture
def mine(tmp_path: Path) -> str:
    (tmp_path / "my-check.v1.py").write_text(MINE)
    return str(tmp_path / "my-check.v1.py")


def refusal(name: str) -> str:
    with pytest.raises(UserError) as refused:
        find_check_class(name)
    message = str(refused.value)
    assert "\n" not in message
    assert message.endswith((".", "?"))
    return message


def test_a_mistyped_name_is_refused_with_the_nearest():
    assert refusal("languge") == "There is no check 'languge'; did you mean 'language'?"
    assert "known: agreement" in refusal("qqq")


def test_a_file_is_imported_once_and_its_annotations_resolve(mine: str, monkeypatch: pytest.MonkeyPatch):
    cls = find_check_class(f"{mine}:Long")
    monkeypatch.chdir(Path(mine).parent)
    assert find_check_class(f"{Path(mine).name}:Long") is cls
    check = make_check(f"{mine}:Long", {"bounds": {"least": 2, "unit": "words"}, "mode": "loose"})
    assert isinstance(check, cls)
    assert [verdict.ok for verdict in check.check(SAMPLES)] == [False, True]
    with pytest.raises(UserError, match="option 'mode'"):
        make_check(f"{mine}:Long", {"mode": "other"})


def test_a_check_of_a_file_is_pickled_and_comes_back_as_its_class(mine: str):
    check = make_check(f"{mine}:Long", {"bounds": {"least": 5}})
    again = pickle.loads(pickle.dumps(check))
    assert type(again) is type(check)
    assert again == check


def test_the_modules_name_says_only_where_the_file_is(mine: str):
    find_check_class(f"{mine}:Long")
    name = name_module(Path(mine).resolve())
    assert name in sys.modules
    assert name.isidentifier()
    code = f"from filters.check_files import *; print(name_module(Path({mine!r}).resolve()))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == name


def test_files_of_one_name_in_two_folders_are_two_modules(tmp_path: Path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").write_text(MINE)
    first, second = (find_check_class(f"{tmp_path}/{folder}/same.py:Long") for folder in ("a", "b"))
    assert first is not second
    assert sys.modules[first.__module__] is not sys.modules[second.__module__]


def test_a_class_that_is_not_there_or_not_a_check(mine: str):
    assert refusal(f"{mine}:Short") == f"'{mine}' has no check class 'Short'."
    assert refusal(f"{mine}:NOT_A_CHECK") == f"'{mine}' has no check class 'NOT_A_CHECK'."
    assert refusal("no_such_file.py:Long") == "There is no file 'no_such_file.py'."
    assert "Cannot import 'no_such_module'" in refusal("no_such_module:Long")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import os\n\ndef f(:\n", "line 3: not valid Python (invalid syntax)."),
        ("a = 1\nb = a / 0\n", "line 2: cannot be imported (ZeroDivisionError: division by zero)."),
        ("def f():\n    raise ValueError('x.\\ny')\n\nf()\n", "line 2: cannot be imported (ValueError: x. y)."),
        ("import no_such_module\n", "line 1: cannot be imported (ModuleNotFoundError: No module named 'no_such_module')."),
        ("import json\njson.loads('{')\n", "line 2: cannot be imported (JSONDecodeError: "),
        ("import sys\nsys.exit(2)\n", "line 2: cannot be imported (SystemExit: 2)."),
    ],
)  # fmt: skip
def test_a_file_that_fails_is_named_with_its_line_and_forgotten(tmp_path: Path, source: str, said: str):
    path = tmp_path / "mine.py"
    path.write_text(source)
    assert f"{path}, {said}" in refusal(f"{path}:Long")
    assert name_module(path.resolve()) not in sys.modules
    path.write_text(MINE + "\n# longer than before\n")
    assert find_check_class(f"{path}:Long").name == "long"


def test_an_interrupted_import_leaves_nothing(tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        import_file(str(path))
    assert name_module(path.resolve()) not in sys.modules


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Install a package that offers checks, here and in the processes that are started from here."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "plugged_checks.py").write_text(MINE)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))

    def add(package: str, *points: str) -> None:
        info = site / f"{package.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("\n".join(["[r1curate.checks]", *points, ""]))

    yield add
    sys.modules.pop("plugged_checks", None)


def test_an_installed_package_gives_its_check_a_name(install):
    install("plugged-one", "wordy = plugged_checks:Long")
    assert list_plugins() == ["wordy"]
    assert issubclass(find_check_class("wordy"), Check)
    assert make_spec("wordy:bounds.least=2").options == {"bounds": {"least": 2}}
    assert refusal("wordi") == "There is no check 'wordi'; did you mean 'wordy'?"


def test_an_installed_check_runs_in_the_worker_processes(install):
    install("plugged-one", "wordy = plugged_checks:Long")
    specs = [make_spec("wordy:bounds.least=4"), make_spec("overlong_penalty")]
    with LocalExecutor(specs, workers=1) as pool:
        verdicts = pool.submit(SAMPLES).result()
    assert [verdict.ok for verdict in verdicts["long"]] == [False, True]
    assert verdicts["long"][0].reason == "short: 3"


def test_a_check_of_a_file_runs_in_the_worker_processes(mine: str):
    spec = make_spec({"check": f"{mine}:Long", "options": {"bounds": {"unit": "words", "least": 2}}})
    with LocalExecutor([spec], workers=1) as pool:
        verdicts = pool.submit(SAMPLES).result()
    assert [verdict.ok for verdict in verdicts["long"]] == [False, True]


def test_our_own_names_are_never_looked_up_elsewhere(install):
    install("plugged-one", "number = plugged_checks:Long")
    assert find_check_class("number").__module__ == "filters.checks.number"
    assert list_plugins() == []


def test_a_check_of_ours_that_is_offered_like_others_is_ours_whoever_offers_one_by_its_name(install):
    install("plugged-one", "contamination = plugged_checks:Long", "wordy = plugged_checks:Long")
    assert find_check_class("contamination").__module__ == "curate.benchmarks.contamination"
    assert list_plugins() == ["wordy"]
    assert list_built_in()[-2:] == ["contamination", "reworded"]


def test_one_name_of_two_packages_is_refused(install):
    install("plugged-one", "wordy = plugged_checks:Long")
    install("plugged-two", "wordy = plugged_checks:Long")
    said = (
        "Several installed packages offer a check 'wordy' (plugged-one, plugged-two); uninstall all but one."
    )
    assert refusal("wordy") == said


def test_what_is_not_a_check_or_does_not_load_is_refused(install):
    install(
        "plugged-one", "wordy = plugged_checks:NOT_A_CHECK", "gone = plugged_checks:Gone", "lost = no_such:A"
    )
    where = "of the package 'plugged-one'"
    assert refusal("wordy") == f"The check 'wordy' {where} is not a check class: plugged_checks:NOT_A_CHECK."
    assert refusal("gone").startswith(f"The check 'gone' {where} cannot be loaded (AttributeError: ")
    assert refusal("lost").startswith(f"The check 'lost' {where} cannot be loaded (ModuleNotFoundError: ")


def test_the_list_ends_with_the_installed_plugins(install):
    install("plugged-one", "wordy = plugged_checks:Long", "lost = no_such:A")
    said = shown(list_checks(ChecksOptions()))
    assert said.index("gold_suspect") < said.index("wordy")
    assert "The response has at least" in said
    assert "From installed packages: wordy." in said
    assert "The check 'lost' of the package 'plugged-one' cannot be loaded" in said
    one = shown(list_checks(ChecksOptions(name="wordy")))
    assert "the response is too short" in one
    assert "bounds.least" in one


def test_without_plugins_the_list_says_nothing_of_them():
    assert "installed packages" not in shown(list_checks(ChecksOptions()))
