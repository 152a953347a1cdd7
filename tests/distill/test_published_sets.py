"""What `publish` makes of a set trains with TRL's own trainer, as it is: nothing of ours stands between the two."""

from pathlib import Path

import datasets
import pytest
import torch
from trl import SFTConfig, SFTTrainer

from curate.options import fill
from curate.stages.publish import PublishOptions, publish_folders
from tests.curate.fake_run import make_run

STUDENT = Path(__file__).parents[2] / "recipes" / "mini" / "models" / "student-qwen"


@pytest.mark.slow
def test_trl_trains_on_a_published_set_unchanged(tmp_path: Path):
    """`pytest -m slow tests/distill/test_published_sets.py`."""
    run = make_run(tmp_path / "mini", prompts=6, samples=4)
    asked = {"run": run.path, "dataset": "sft", "licence": "other", "rejected": True}
    folder = publish_folders(fill(PublishOptions, asked, "publish")).folder
    rows = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
    settings = SFTConfig(
        output_dir=str(tmp_path / "out"), max_steps=1, per_device_train_batch_size=2, max_length=128, report_to="none",
        use_cpu=True, bf16=False, save_strategy="no",
    )  # fmt: skip
    trainer = SFTTrainer(model=str(STUDENT), args=settings, train_dataset=rows)
    before = {name: weights.detach().clone() for name, weights in trainer.model.named_parameters()}
    loss = trainer.train().training_loss
    assert 0 < loss < 20
    assert any(not torch.equal(before[name], weights) for name, weights in trainer.model.named_parameters())
    labels = trainer.train_dataset[0]["labels"]
    assert 0 < labels.count(-100) < len(labels), "the completion is learned, the prompt is not"
