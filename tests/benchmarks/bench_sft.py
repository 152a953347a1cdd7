"""Fine-tuning against TRL's SFTTrainer as open-r1 configures it for its distillation, and with packing on.

    python -m tests.benchmarks.bench_sft [--pairs 3] [--rows 128] [--scale 16]
    python -m tests.benchmarks.bench_sft --size 1.5b --lengths 8192 --rows 64 --pairs 1       # on a GPU
    python -m tests.benchmarks.bench_sft --size 1.5b --lengths 32768 --rows 64 --pairs 1

Same model (random weights), same rows of random tokens, one epoch, alternating. open-r1 (recipes/*/sft): batches of
2, gradient checkpointing, no packing, bfloat16 on a GPU; here float32 and no Liger on a CPU. Rows are as long as in
the paper's set (five domains, log-normal within each), `scale` times shorter, a tenth of each a prompt. On a GPU the
share of its peak that goes into the model's own operations, and the peak of memory, are told as well.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM, TrainerCallback, set_seed
from transformers.utils import logging as transformers_logging
from trl import SFTConfig, SFTTrainer

from distill.common.attention import choose_attention
from distill.common.loading import hold_workplace, load_tokenizer
from distill.sft.corpus import CorpusCounts
from distill.sft.inspector import SCHEMA
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from distill.sft.training import build_trainer
from tests.distill.tiny import make_tokenizer

PAPER = ((395_285, 6_094), (211_129, 7_436), (10_124, 4_929), (10_395, 2_739), (177_812, 1_420))
"""Rows and mean tokens of the DeepSeek-R1 paper's set, by domain."""
SPREAD, LONGEST = 0.7, 32_768
BATCH, MICRO = 64, 2
PEAK = {"H200": 790e12, "H100": 790e12, "A100": 290e12}
"""Dense bfloat16 operations a second that a matrix product reaches; measured on an H200."""
SIZES = {
    # 6.5 million weights.
    "6m": {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 7, "num_attention_heads": 4,
           "num_key_value_heads": 2, "vocab_size": 4096, "tie_word_embeddings": True},
    "1.5b": {"hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28, "num_attention_heads": 12,
             "num_key_value_heads": 2, "vocab_size": 151_936, "tie_word_embeddings": True},
}  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Seconds, seconds of CPU, and the peak of a GPU's memory in bytes."""

    seconds: float
    cpu: float
    memory: int


class Clock(TrainerCallback):
    """The seconds between the first and the last step of a training, both included."""

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        _wait()
        self._start, self._cpu = time.perf_counter(), time.process_time()

    def on_train_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        _wait()
        self.seconds, self.cpu = time.perf_counter() - self._start, time.process_time() - self._cpu


def draw_lengths(count: int, scale: float, seed: int = 5) -> list[int]:
    """Tokens of rows as in the paper's set, `scale` times shorter."""
    rng = random.Random(seed)
    means = rng.choices([mean for _, mean in PAPER], [rows for rows, _ in PAPER], k=count)
    drawn = (mean / scale * rng.lognormvariate(-SPREAD * SPREAD / 2, SPREAD) for mean in means)
    return [max(16, min(int(LONGEST / scale), int(length))) for length in drawn]


def count_operations(config: Any, lengths: list[int]) -> float:
    """Floating-point operations of one forward and backward pass over rows, without any that are done twice.

    Two for each weight of a matrix product and token forward, twice that backward; causal attention multiplies half
    of its square twice. Embeddings are looked up, and the head works on every token.
    """
    size = config.hidden_size // config.num_attention_heads
    attention = config.num_attention_heads * size
    shared = 2 * config.num_key_value_heads * size
    layer = config.hidden_size * (2 * attention + shared + 3 * config.intermediate_size)
    weights = config.num_hidden_layers * layer + config.vocab_size * config.hidden_size
    scores = config.num_hidden_layers * 2 * attention
    return 3.0 * sum(2 * weights * length + scores * length * length for length in lengths)


def make_rows(lengths: list[int], vocabulary: int) -> list[dict[str, Any]]:
    """Rows of random tokens, a tenth of each a prompt."""
    rng = random.Random(7)
    rows = []
    for length in lengths:
        ids = [rng.randrange(3, vocabulary) for _ in range(length)]
        prompt = length // 10
        rows.append({"input_ids": ids, "labels": [-100] * prompt + ids[prompt:], "length": length})
    return rows


def ours(folder: Path, rows: list[dict[str, Any]], cuda: bool) -> Measured:
    """This project's trainer, with its defaults."""
    (folder / "set.jsonl").write_text('{"prompt": "-", "completion": "-"}\n')
    options = DistillOptions(
        run=folder / "run", model=str(folder / "base"), dataset=str(folder / "set.jsonl"), epochs=1,
        batch_size=BATCH, learning_rate=1e-5, save_minutes=1e6,
    )  # fmt: skip
    plan = make_plan(options)
    plan.aside.mkdir(parents=True, exist_ok=True)
    datasets.Dataset.from_list(rows, features=datasets.Features.from_arrow_schema(SCHEMA)).save_to_disk(
        str(plan.aside / "rows"), num_shards=1
    )
    next((plan.aside / "rows").glob("*.arrow")).rename(plan.aside / "corpus.arrow")
    tokens = sum(row["length"] for row in rows)
    counts = CorpusCounts(len(rows), 0, 0, tokens, tokens, max(row["length"] for row in rows))
    with hold_workplace(plan):
        return _timed(build_trainer(plan, load_tokenizer(plan.base, options), counts), cuda)


def theirs(folder: Path, rows: list[dict[str, Any]], cuda: bool, packing: bool) -> Measured:
    """TRL's trainer as open-r1 configures it, or with packing on."""
    longest = max(row["length"] for row in rows)
    mean = statistics.fmean(row["length"] for row in rows)
    # As many tokens a step, where sequences are full.
    steps = max(1, round(BATCH * mean / (MICRO * longest))) if packing else BATCH // MICRO
    config = SFTConfig(
        output_dir=str(folder / "trl"), num_train_epochs=1, per_device_train_batch_size=MICRO,
        gradient_accumulation_steps=steps, gradient_checkpointing=True, learning_rate=1e-5, bf16=cuda,
        use_cpu=not cuda, packing=packing, max_length=longest, save_strategy="no", report_to="none",
        disable_tqdm=True, logging_steps=1000, log_level="error", dataloader_pin_memory=cuda,
    )  # fmt: skip
    half = choose_attention(Qwen2Config(), True, True) if cuda else "sdpa"
    model = Qwen2ForCausalLM.from_pretrained(
        folder / "base",
        dtype=torch.float32,
        attn_implementation=half if half.startswith("flash") else "sdpa",
    )
    kept = datasets.Dataset.from_list([{k: row[k] for k in ("input_ids", "labels")} for row in rows])
    return _timed(
        SFTTrainer(model, config, train_dataset=kept, processing_class=make_tokenizer()),
        cuda,
    )


def _timed(trainer: Any, cuda: bool) -> Measured:
    clock = Clock()
    trainer.add_callback(clock)
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    trainer.train()
    memory = torch.cuda.max_memory_allocated() if cuda else 0
    del trainer
    gc.collect()
    if cuda:
        torch.cuda.empty_cache()
    return Measured(clock.seconds, clock.cpu, memory)


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def main() -> None:
    """Print target tokens a second of each, and the ratios."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=SIZES, default="6m")
    parser.add_argument("--rows", type=int, default=128)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--scale", type=float, default=16.0)
    parser.add_argument("--lengths", type=int, help="all rows of this length")
    parser.add_argument("--peak", type=float, help="operations a second of the GPU")
    parser.add_argument("--only", nargs="*", default=["ours", "open-r1", "packed"])
    given = parser.parse_args()
    cuda = torch.cuda.is_available()
    config = Qwen2Config(**SIZES[given.size], max_position_embeddings=LONGEST)
    lengths = [given.lengths] * given.rows if given.lengths else draw_lengths(given.rows, given.scale)
    rows = make_rows(lengths, config.vocab_size)
    targets = sum(label >= 0 for row in rows for label in row["labels"])
    _say(f"{len(rows)} rows, {sum(lengths):,} tokens, {targets:,} targets, the longest {max(lengths):,}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_seed(1)
        Qwen2ForCausalLM(config).save_pretrained(folder / "base")
        make_tokenizer().save_pretrained(folder / "base")
        arms = {
            "ours": lambda: ours(folder, rows, cuda),
            "open-r1": lambda: theirs(folder, rows, cuda, packing=False),
            "packed": lambda: theirs(folder, rows, cuda, packing=True),
        }
        found: dict[str, list[Measured]] = {arm: [] for arm in given.only}
        for pair in range(given.pairs):
            for arm in given.only if pair % 2 == 0 else reversed(given.only):
                found[arm].append(arms[arm]())
                _report(arm, found[arm][-1], config, lengths, targets, given.peak)
    for arm in given.only:
        ratios = [
            other.seconds / mine.seconds
            for mine, other in zip(found.get("ours", []), found[arm], strict=False)
        ]
        if arm != "ours" and ratios:
            cpu = [other.cpu / mine.cpu for mine, other in zip(found["ours"], found[arm], strict=True)]
            _say(
                f"ours against {arm}: {statistics.median(ratios):.2f} times ({min(ratios):.2f} to {max(ratios):.2f}), "
                f"{statistics.median(cpu):.2f} by seconds of CPU"
            )


def _report(
    arm: str, made: Measured, config: Any, lengths: list[int], targets: int, peak: float | None
) -> None:
    line = f"{arm}: {made.seconds:.1f} s ({made.cpu:.1f} of CPU), {targets / made.seconds:,.0f} target tokens a second"
    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        known = peak or next((value for key, value in PEAK.items() if key in name), None)
        line += f", {made.memory / 2**30:.1f} GiB"
        if known:
            line += f", {count_operations(config, lengths) / made.seconds / known:.1%} of {known / 1e12:.0f} TFLOP/s"
    _say(line)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
