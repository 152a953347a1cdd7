"""How a training gets its processes: one of its own, several, never a launch within a launch; and one sentence of a failure."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from curate import stage_process
from distill.common import launch, ranks
from distill.common.checkpoints import seal
from distill.common.machines import Machines
from distill.common.options import TrainingOptions
from distill.common.ranks import LAUNCH_FOLDER, Launch
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from distill.sft.stage import distill_student
from filters.errors import UserError, WorkUndone
from tests.curate.test_stage_process import is_alive
from tests.distill.tiny import make_model, sums, write_set

STAGE = "tests.distill.common.ranks_for_tests"
TWO = ["--multi_gpu", "--num_processes", "2", "--num_machines", "1", "--main_process_port", "0"]
PLAIN = ["--mixed_precision", "no", "--dynamo_backend", "no"]


def options(tmp_path: Path, **rest) -> DistillOptions:
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(8))
    given = {
        "run": tmp_path / "run", "name": "student", "model": str(tmp_path / "base"),
        "dataset": str(tmp_path / "set.jsonl"), "batch_size": 4, "epochs": 1,
    }  # fmt: skip
    return DistillOptions(**{**given, **rest})


def test_several_gpus_get_a_process_each(tmp_path: Path, monkeypatch):
    asked, launched = options(tmp_path), []

    def run(self, arguments, stage, given):
        launched.append((arguments, stage, DistillOptions.model_validate_json(given)))
        raise UserError("not here")

    monkeypatch.setattr(launch, "count_gpus", lambda: 4)
    monkeypatch.setattr(Launch, "run", run)
    with pytest.raises(UserError, match="not here"):
        distill_student(asked)
    ((arguments, stage, given),) = launched
    assert arguments[:3] == ["--num_processes", "4", "--multi_gpu"]
    assert (stage, given) == ("distill.sft", asked)


@pytest.mark.parametrize("variable", [LAUNCH_FOLDER, "LOCAL_RANK"])
def test_what_was_launched_launches_nothing(tmp_path: Path, monkeypatch, variable: str):
    """However many processes the launcher was asked for, and whatever GPUs there are."""
    monkeypatch.setenv(variable, "0" if variable == "LOCAL_RANK" else "")
    monkeypatch.setenv("WORLD_SIZE", "1")
    monkeypatch.setattr(launch, "count_gpus", lambda: 8)
    monkeypatch.setattr(launch, "_launch", lambda *given: pytest.fail("launched again"))
    monkeypatch.setattr(launch, "_train", lambda plan, trainer: (_ for _ in ()).throw(UserError("trains")))
    with pytest.raises(UserError, match="trains"):
        distill_student(options(tmp_path))


def test_a_training_of_a_script_has_a_process_of_its_own(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(stage_process, "_claims", [])
    with pytest.raises(UserError, match="is not a model; it has no config"):
        distill_student(options(tmp_path, model=str(tmp_path)))
    asked = []
    monkeypatch.setattr(launch, "run_alone", lambda *given: asked.append(given) or (tmp_path, {}, False))
    assert not distill_student(options(tmp_path)).new
    assert asked[0][2] == "training student"


SCRIPT = """
import sys
from distill import DistillOptions, distill_student
for name in ("one", "two"):
    given = dict(run={run!r}, model={model!r}, dataset={set!r}, batch_size=4, epochs=1, name=name)
    made = distill_student(DistillOptions(**given))
    assert made.new and made.about["steps"] == 2
assert "torch" not in sys.modules and "trl" not in sys.modules
print("both trained")
"""


@pytest.mark.slow
def test_two_trainings_of_one_script_leave_it_as_it_was(tmp_path: Path):
    asked = options(tmp_path)
    script = tmp_path / "script.py"  # with nothing that guards it from being run again
    script.write_text(SCRIPT.format(run=str(asked.run), model=asked.model, set=asked.dataset))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=280)
    assert (done.returncode, done.stdout) == (0, "both trained\n"), done.stderr


def failure(folder: Path, rank: int, at: float, sentence: str, **rest: object) -> None:
    told = {"rank": rank, "at": at, "told": False, "sentence": sentence, "exit_code": 1, **rest}
    (folder / f"failed-{rank}.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("deaths", "refusal", "kind", "said"),
    [
        ([], True, UserError, "take another."),
        ([{"rank": 2, "code": -9}], True, UserError, "take another."),
        ([{"rank": 2, "code": -9}], False, WorkUndone, "rank 2 was ended by SIGKILL, as the system does"),
        ([{"rank": 2, "code": -15}], False, WorkUndone, "rank 1 failed: RuntimeError: connection closed"),
    ],
)
def test_the_failure_that_is_told_is_the_one_that_others_follow_from(tmp_path, deaths, refusal, kind, said):
    folder = tmp_path / ranks.LOGS
    folder.mkdir()
    failure(folder, 0, 3.0, "RuntimeError: later")
    failure(folder, 1, 2.0, "RuntimeError: connection closed")
    if refusal:
        failure(folder, 3, 4.0, "take another.", told=True, exit_code=2)
    (folder / "deaths-0.json").write_text(json.dumps(deaths))
    told = ranks.explain_failure(folder, "training x", "its launcher ended")
    assert type(told) is kind
    assert said in str(told) and "\n" not in str(told)


def test_logs_of_earlier_launches_go_and_what_other_machines_have_begun_stays(tmp_path):
    logs = ranks.name_logs(tmp_path, "7.0.0")
    for file in ("logs/6.0.0/failed-1.json", "logs/rank-0.log", "logs/7.0.0/failed-3.json"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    ranks.clear_logs(logs)
    left = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    assert left == ["logs/7.0.0/failed-3.json"]
    ranks.clear_logs(ranks.name_logs(tmp_path, None))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("told", ["deaths-0.json", "failed-0.json"])
def test_what_fails_on_another_machine_ends_this_one(tmp_path, monkeypatch, told):
    monkeypatch.setattr(ranks, "ENDING_S", 0.2)
    monkeypatch.setattr(ranks, "end_descendants", lambda *given: None)
    one = Launch(tmp_path, "training x", Machines(2, 1, "127.0.0.1", 20000, "7.0.0"))
    logs = ranks.name_logs(tmp_path, "7.0.0")
    logs.mkdir(parents=True)
    (logs / "deaths-1.json").write_text("[]")  # its own, which its launcher has just left
    process = subprocess.Popen(["sleep", "60"])
    (logs / told).write_text("[]")
    assert one._wait(process) == -15


def launch_two(tmp_path: Path, name: str, monkeypatch, arguments=TWO) -> Path:
    """Launch a training of two gloo processes; the file with the processes that it had."""
    monkeypatch.setenv("ACCELERATE_USE_CPU", "true")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(__file__).parents[3])])
    pids = tmp_path / "pids"
    asked = TrainingOptions(run=tmp_path / "run", model=str(pids), name=name)
    try:
        Launch(tmp_path / "aside", f"training {name}").run(
            [*arguments, *PLAIN] if arguments else [], STAGE, asked.model_dump_json()
        )
    finally:
        assert not any(is_alive(int(pid)) for pid in pids.read_text().split()), "something was left"
    return pids


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("refused", UserError, "this cannot be trained: take another."),
        ("faulty", WorkUndone, "rank 1 failed: ZeroDivisionError: somewhere deep; the whole of it is in"),
        ("killed", WorkUndone, "rank 1 was ended by SIGKILL, as the system does where memory runs out"),
    ],
)
def test_the_failure_of_a_rank_is_one_sentence_and_nothing_is_left(
    tmp_path, monkeypatch, capfd, name, kind, said
):
    begun = time.monotonic()
    with pytest.raises(kind) as told:
        launch_two(tmp_path, name, monkeypatch)
    assert type(told.value) is kind and said in str(told.value)
    assert time.monotonic() - begun < 120
    shown = capfd.readouterr()
    assert shown.out == "" and shown.err.splitlines() == ["begun by 2"], (
        "the screen has rank 0's messages alone"
    )
    logs = tmp_path / "aside" / ranks.LOGS
    assert "noise of a library" in (logs / "rank-1.log").read_text()
    assert ("ZeroDivisionError" in (logs / "rank-1.log").read_text()) == (name == "faulty")


@pytest.mark.slow
def test_a_configuration_of_one_process_trains_in_one_process(tmp_path, monkeypatch):
    """`accelerate config` may say one process on a machine with several GPUs."""
    home = tmp_path / "hub"
    (home / "accelerate").mkdir(parents=True)
    (home / "accelerate/default_config.yaml").write_text(
        "compute_environment: LOCAL_MACHINE\ndistributed_type: 'NO'\nnum_processes: 1\nuse_cpu: true\n"
    )
    monkeypatch.setenv("HF_HOME", str(home))
    pids = launch_two(tmp_path, "fine", monkeypatch, arguments=[])
    assert len(pids.read_text().split()) == 2, "one process and what it started"
    assert LAUNCH_FOLDER not in os.environ


def test_what_a_training_tells_libraries_is_not_for_the_next(tmp_path: Path, monkeypatch):
    """As a rank may have two of them, the first with its model shared."""

    def train(plan):
        os.environ["ACCELERATE_USE_FSDP"] = "true"
        raise UserError("told")

    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setattr(launch, "import_module", lambda name: SimpleNamespace(train=train))
    before = dict(os.environ)
    with pytest.raises(UserError, match="told"):
        distill_student(options(tmp_path))
    assert dict(os.environ) == before | {"OMP_WAIT_POLICY": os.environ["OMP_WAIT_POLICY"]}


@pytest.mark.parametrize("variables", [{"WORLD_SIZE": "4", "RANK": "2"}, {"WORLD_SIZE": "2"}])
def test_a_platforms_variables_alone_start_no_rank(tmp_path: Path, monkeypatch, variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (launch.is_launched(), launch.get_rank()) == (False, 0)


def test_a_training_goes_on_shared_as_it_was(tmp_path: Path):
    asked = options(tmp_path)
    plan = make_plan(asked)
    checkpoint = plan.aside / "checkpoints" / "checkpoint-3"
    checkpoint.mkdir(parents=True)
    (checkpoint / "trainer_state.json").write_text('{"global_step": 3}')
    (checkpoint / "pytorch_model_fsdp_0").mkdir()
    seal(checkpoint)
    assert launch._keep_sharding(plan, asked).shard == "fsdp2"
    assert launch._keep_sharding(plan, asked.model_copy(update={"shard": "none"})).shard == "none"
