"""A fine-tuning's needs are shown by a dry run, and refused before anything is loaded."""

import logging

import pytest

from curate.cli.app import main
from distill.common import launch
from distill.sft import stage
from distill.sft.memory import require_memory
from distill.sft.options import DistillOptions
from filters.errors import UserError
from tests.distill.tiny import make_model, sums, write_set
from tests.fake_gpus import set_gpus


@pytest.fixture
def given(tmp_path, monkeypatch):
    """The options of a tiny fine-tuning in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(8))
    return {"run": tmp_path / "run", "model": str(tmp_path / "base"), "dataset": str(tmp_path / "set.jsonl")}


def dry_run(monkeypatch, capsys, given, *words: str) -> tuple[int, str, str]:
    flags = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    monkeypatch.setattr("sys.argv", ["r1curate", "distill", *flags, "--dry-run", *words])
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_dry_run_shows_the_needs_and_trains_and_writes_nothing(given, tmp_path, monkeypatch, capsys):
    before = sorted(tmp_path.rglob("*"))
    code, out, err = dry_run(monkeypatch, capsys, given, "--gpus", "2", "--gpu-memory", "80")
    assert code == 0, err
    assert "would be trained" in out and "nothing was trained" in out.replace("\n", " ")
    for part in ("weights", "gradients", "optimizer", "activations", "per device, for 2 GPUs of 80 GiB"):
        assert part in err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_dry_run_that_would_be_refused_exits_2_with_a_remedy(given, monkeypatch, capsys):
    given["model"] = "Qwen/Qwen2.5-32B"
    code, out, err = dry_run(monkeypatch, capsys, given, "--gpus", "1", "--gpu-memory", "80")
    assert code == 2 and not out
    last = " ".join(err[err.index("r1curate: ") :].split())
    assert last.endswith(
        "does not fit: it needs at least 523.0 GiB on each GPU, and there are 80 GiB; take 32 GPUs of 80 GiB or "
        "train adapters (--lora-rank 32) and take 4 GPUs of 80 GiB or train adapters (--lora-rank 32) and lower "
        "--max-length to 4096."
    )


def test_what_cannot_fit_is_refused_before_loading(given, tmp_path, monkeypatch):
    set_gpus(tmp_path, monkeypatch, 1)
    monkeypatch.setattr(launch, "import_module", lambda name: pytest.fail("nothing is to be loaded"))
    with pytest.raises(
        UserError, match=r"^distill student: .* does not fit: it needs at least .* there are 0 GiB"
    ):
        stage.distill_student(DistillOptions(**given))
    assert not list((tmp_path / "run").rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("variable", "shard"), [("ACCELERATE_USE_FSDP", "fsdp2"), ("ACCELERATE_USE_DEEPSPEED", "zero3")]
)
def test_accelerates_own_config_wins(given, tmp_path, monkeypatch, variable, shard):
    set_gpus(tmp_path, monkeypatch, 81920, 81920)
    monkeypatch.setenv(variable, "true")
    assert require_memory(DistillOptions(**given)).shard == "auto"
    assert require_memory(DistillOptions(**given, shard=shard)).shard == shard
    with pytest.raises(UserError, match=f"shard=none contradicts accelerate's config, which says {shard}"):
        require_memory(DistillOptions(**given, shard="none"))


def test_options_are_settled_for_this_machine_whatever_was_planned(given, tmp_path, monkeypatch, caplog):
    set_gpus(tmp_path, monkeypatch, 81920, 81920)
    options = DistillOptions(**given, gpus=1, gpu_memory=0.001)
    assert require_memory(options) == options.model_copy(update={"shard": "none"})
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_RANK", "0")
    assert require_memory(options).shard == "none"
    monkeypatch.delenv("WORLD_SIZE")
    monkeypatch.delenv("LOCAL_RANK")
    set_gpus(tmp_path, monkeypatch, 1600, 1600)
    with caplog.at_level(logging.WARNING):
        require_memory(options)
    assert "may not fit: it needs about" in caplog.text


def test_without_a_gpu_that_is_told_of_nothing_is_settled(given, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    options = DistillOptions(**given)
    assert require_memory(options) == options


def test_a_model_that_nothing_knows_is_left_to_be_loaded(given):
    (given["run"] / "none").mkdir(parents=True)
    options = DistillOptions(**{**given, "model": str(given["run"] / "none")})
    assert require_memory(options) == options


def test_a_teacher_to_match_is_counted_whole_and_so_is_the_engine(given, monkeypatch, capsys):
    given |= {"model": "Qwen/Qwen2.5-1.5B", "teacher": "Qwen/Qwen2.5-32B", "method": "on_policy"}
    code, _, err = dry_run(monkeypatch, capsys, given, "--gpus", "2", "--gpu-memory", "80")
    assert code == 2
    assert "teacher" in err and "61.03" in err  # 32.8 billion weights of two bytes
    assert "engine's weights" in err and "cache of keys and values" in err
