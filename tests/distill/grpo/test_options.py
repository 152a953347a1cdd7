"""Former names of GRPO's options are refused, wherever they are given, with the name of today."""

import pytest

from curate.cli.app import main
from curate.options import fill
from curate.store.model_info import RENAMED_GRPO_OPTIONS
from distill import GrpoOptions
from filters.errors import UserError

GIVEN = {"run": "r", "model": "m", "prompts": "p"}
FLAGS = ["--run", "r", "--model", "m", "--prompts", "p"]
RECIPE = "name: one\nstages:\n  - grpo: {model: m, prompts: p}\n"


@pytest.mark.parametrize(("former", "name"), RENAMED_GRPO_OPTIONS.items())
def test_a_former_name_is_refused_in_python(former, name):
    assert name in GrpoOptions.model_fields
    with pytest.raises(UserError, match=f"^GrpoOptions: option '{former}' is now '{name}'\\.$"):
        GrpoOptions(**GIVEN, **{former: 1})
    with pytest.raises(UserError, match=f"^here: option '{former}' is now '{name}'\\.$"):
        fill(GrpoOptions, {**GIVEN, former: 1}, "here")


@pytest.mark.parametrize(
    "words",
    [
        ["grpo", *FLAGS, "--kl", "0"],
        ["grpo", *FLAGS, "--set", "kl=0"],
        ["run", "recipe.yaml", "--override", "grpo.kl=0", "--dry-run"],
        ["run", "former.yaml", "--dry-run"],
    ],
)
def test_a_former_name_is_refused_on_the_command_line_and_in_recipes(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "former.yaml").write_text(RECIPE.replace("model: m", "model: m, kl: 0"))
    monkeypatch.setattr("sys.argv", ["r1curate", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert capsys.readouterr().err.endswith("option 'kl' is now 'kl_coefficient'.\n")


def test_former_flags_are_not_in_the_help(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.argv", ["r1curate", "grpo", "--help"])
    with pytest.raises(SystemExit):
        main()
    words = capsys.readouterr().out.split()
    assert "--kl-coefficient" in words and "--kl" not in words and "--samples" not in words
