"""The scripts of a job array: whatever paths and arguments hold, bash and Slurm get them as they are."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from curate.cluster.slurm_scripts import Jobs, require_settings, write_scripts
from filters.errors import UserError

HOSTILE = ["plain", "two words", "it's", '"quoted"', "$(touch hacked)", "`touch hacked`", "a;b|c&d", "*", "", "-", "--", "line\nbreak", "ü\udcff", "\\n", "#x", "~"]  # fmt: skip
SHOW = "import json, os, sys; print(json.dumps([os.getcwd(), os.environ.get('PYTHONPATH'), sys.argv[1:]]))"


def test_arguments_and_places_reach_the_command_as_they_are(tmp_path: Path, monkeypatch):
    """Python that shows its arguments stands for ours; the rest is as it is written."""
    folder = tmp_path / 'it\'s a $(touch hacked) `x` "folder"; ~'
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", f"{folder}:b c")
    (folder / "show").write_text(f"#!{sys.executable}\n{SHOW}\n")
    (folder / "show").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "show"))
    jobs = Jobs("generate-t", 3, ["generate", *HOSTILE], "0123abcd", ["--time=1:00", "--comment='a b'"], None)
    submit = write_scripts(folder / "jobs", jobs)
    assert shlex.split(submit) == ["bash", str(folder / "jobs" / "submit.sh")]
    for name, on in (("array.sh", "slurm:rank:0123abcd"), ("finish.sh", "slurm:rest:0123abcd")):
        script = folder / "jobs" / name
        subprocess.run(["bash", "-n", script], check=True)
        said = subprocess.run(["bash", script], check=True, capture_output=True, cwd="/", env={"PATH": os.environ["PATH"]})  # fmt: skip
        words = ["-P", "-m", "curate.cli", "generate", "--on", on, *HOSTILE]
        assert eval(said.stdout.replace(b"null", b"None")) == [str(folder), f"{folder}:b c", words]
    subprocess.run(["bash", "-n", folder / "jobs" / "submit.sh"], check=True)
    assert not list(tmp_path.rglob("hacked"))
    lines = (folder / "jobs" / "array.sh").read_bytes().splitlines()
    settings = [line for line in lines if line.startswith(b"#SBATCH ")]
    assert lines[1 : 1 + len(settings)] == settings, "Slurm stops at the first line that is no comment"
    assert {b"#SBATCH --array=0-2", b"#SBATCH --requeue", b"#SBATCH --open-mode=append", b"#SBATCH --time=1:00"} <= {*settings}  # fmt: skip
    assert settings[-1] == b"#SBATCH --comment='a b'", "what is given comes last, and wins"


@pytest.mark.parametrize("text", ["", "partition=gpu", "--time=1\n--array=0", "--x\x00", "--comment='open", "--a\x1b[1m"])  # fmt: skip
def test_what_are_no_options_of_sbatch_in_a_line_is_refused(text):
    with pytest.raises(UserError, match="give options of sbatch in one line"):
        require_settings(["--time=1:00", text])


@pytest.mark.parametrize("text", ["--array=0-3", "--arr 1", "-a0-3", "--gpus=1 --dependency=singleton", "-d x", "--wrap=x"])  # fmt: skip
def test_what_the_jobs_themselves_say_is_refused(text):
    with pytest.raises(UserError, match="are given by --on slurm:N; leave out "):
        require_settings([text])


def test_usual_settings_are_taken():
    require_settings(["--partition=gpu --account=abc-d --gres=gpu:a100:1", "-D /somewhere", "-A acc"])
