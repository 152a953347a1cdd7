"""Make the mini world's reward model from a student's body and a seed.

    python -m recipes.mini.make_reward_model

writes `models/reward` beside this file: `models/student-qwen` with one label in place of its vocabulary,
trained on pairs of a good and a bad reply (`preferences.py`) with the Bradley-Terry loss. It is measured
through the check `reward_model` itself, on questions in the asking that no pair has taught and on what the
teacher says to them; the script ends with exit code 1 where it prefers too few of the good replies.
"""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from filters.checks.reward_model import RewardModel
from filters.types import Prompt, Sample
from recipes.mini.data import read_rows
from recipes.mini.general import Exchange, list_test_exchanges, taught
from recipes.mini.make_models import HERE, say
from recipes.mini.measure import sample
from recipes.mini.preferences import KINDS, Pair, pair, retype_text
from recipes.mini.pretrain import make_document, optimizers, schedule
from recipes.mini.world import make_generator

SEED = 7
STEPS = 250
ROWS = 24
"""Questions a step."""
BAD = 5
"""Bad replies a question: two wrong facts, which are the hardest to tell, and others."""
RATE = 1e-3
CENTRE = 0.01
"""Weight of the pull of a pair's two logits to a sum of zero: the loss sees only differences, `least` does not."""
LEAST_ACCURACY = {"overall": 0.9, "kind": 0.8}


def new_model() -> Any:
    """The body of `student-qwen`, which has read the facts, with one label in place of its vocabulary."""
    torch.manual_seed(SEED)
    logging.set_verbosity_error()
    model = AutoModelForSequenceClassification.from_pretrained(
        HERE / "models/student-qwen", num_labels=1, dtype=torch.float32
    )
    logging.set_verbosity_warning()
    model.config.id2label, model.config.label2id = {0: "reward"}, {"reward": 0}
    return model


def steps(rng: random.Random) -> Iterator[list[Pair]]:
    """Each step's pairs, `BAD` in a row for each question."""
    rows, kinds = taught(), [kind for kind in KINDS if kind != "wrong_fact"]
    for _ in range(STEPS):
        drawn = [_varied(rng, row) for row in rng.sample(rows, ROWS)]
        yield [
            pair(rng, row, kind)
            for row in drawn
            for kind in ("wrong_fact", "wrong_fact", *rng.sample(kinds, BAD - 2))
        ]


def _varied(rng: random.Random, row: Exchange) -> Exchange:
    """Half of the prompts are retyped: tokens change with what stands beside a word, the word does not."""
    return replace(row, prompt=retype_text(rng, row.prompt)) if rng.random() < 0.5 else row


def rewards(model: Any, tokenizer: Any, texts: Sequence[tuple[str, str]]) -> torch.Tensor:
    """The logits (texts,) of prompts with their replies, written as the chat template does."""
    rows = [make_document(tokenizer, prompt, reply).ids + tokenizer.encode("\n") for prompt, reply in texts]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [tokenizer.pad_token_id] * (longest - len(row)) for row in rows])
    mask = (torch.arange(longest) < torch.tensor([len(row) for row in rows])[:, None]).long()
    return model(input_ids=ids, attention_mask=mask).logits[:, 0]


def loss_of(model: Any, tokenizer: Any, pairs: Sequence[Pair]) -> torch.Tensor:
    """Bradley-Terry: the good reply's logit above each bad one's; a question's good reply is read once."""
    good = rewards(model, tokenizer, [(one.prompt, one.good) for one in pairs[::BAD]]).repeat_interleave(BAD)
    bad = rewards(model, tokenizer, [(one.prompt, one.bad) for one in pairs])
    preferred = -torch.nn.functional.logsigmoid(good - bad).mean()
    return preferred + CENTRE * ((good + bad) ** 2).mean()


def train(model: Any, tokenizer: Any) -> None:
    """Train a model in place, saying how it goes."""
    began = time.monotonic()
    steppers = [*optimizers(model.model, RATE), torch.optim.AdamW(model.score.parameters(), lr=RATE)]
    groups = [group for stepper in steppers for group in stepper.param_groups]
    rates = [group["lr"] for group in groups]
    model.train()
    for step, pairs in enumerate(steps(make_generator(SEED))):
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate * schedule(step, STEPS)
        loss = loss_of(model, tokenizer, pairs)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad()
        if (step + 1) % 50 == 0:
            say(f"step {step + 1}/{STEPS}, loss {loss.item():.3f}, {time.monotonic() - began:.0f} s")
    model.eval()


def held_out(seed: int) -> list[Pair]:
    """Every fact in the asking that no pair has taught, beside a bad reply of every kind."""
    rng = make_generator(seed)
    return [pair(rng, row, kind) for row in list_test_exchanges() for kind in KINDS]


def accuracy(folder: Path, pairs: Sequence[Pair]) -> dict[str, float]:
    """How often the check prefers the good reply, by the bad one's kind.

    Whole texts are read: a chain that the check cuts off is no fault to see.
    """
    check = RewardModel(model=str(folder), part="whole", batch_size=64)
    good = check.check([_sample(one.prompt, one.good) for one in pairs])
    bad = check.check([_sample(one.prompt, one.bad) for one in pairs])
    right: dict[str, list[bool]] = defaultdict(list)
    for one, best, worst in zip(pairs, good, bad, strict=True):
        assert best.score is not None and worst.score is not None
        right[one.kind].append(best.score > worst.score)
    return {kind: fmean(found) for kind, found in right.items()}


def _sample(prompt: str, reply: str) -> Sample:
    return Sample("", Prompt.make(prompt), reply)


def measure_accepted(folder: Path, rows: Sequence[Exchange]) -> float:
    """The share of good replies that the check says yes to."""
    check = RewardModel(model=str(folder), batch_size=64)
    return fmean(bool(verdict.ok) for verdict in check.check([_sample(r.prompt, r.response) for r in rows]))


def rank_pairs(folder: Path) -> float:
    """How often a right reply of the teacher's own scores above a wrong one, over all pairs of them.

    Four replies at temperature 1 to each row of `general_eval.jsonl`: what a policy shows the model.
    """
    tokenizer = AutoTokenizer.from_pretrained(HERE / "models/teacher")
    teacher = AutoModelForCausalLM.from_pretrained(HERE / "models/teacher", dtype=torch.float32)
    rows = read_rows(HERE / "data/general_eval.jsonl")
    drawn = list(sample(teacher, tokenizer, [row["prompt"] for row in rows], 4, SEED))
    verdicts = RewardModel(model=str(folder), batch_size=64).check(
        [_sample(rows[index]["prompt"], text) for index, text, _, _ in drawn]
    )
    scores: dict[bool, list[float]] = {True: [], False: []}
    for (index, text, _, _), verdict in zip(drawn, verdicts, strict=True):
        scores[text.strip() == rows[index]["answer"]].append(verdict.score or 0.0)
    return fmean((good > bad) + 0.5 * (good == bad) for good in scores[True] for bad in scores[False])


def measure_model(folder: Path) -> bool:
    """Say what a reward model prefers, and tell whether that is enough."""
    found = accuracy(folder, held_out(SEED))
    overall = fmean(found.values())
    say(
        f"held-out pairs: accuracy {overall:.3f}, good replies kept {measure_accepted(folder, list_test_exchanges()):.3f}"
    )
    say("  " + ", ".join(f"{kind} {share:.3f}" for kind, share in found.items()))
    say(f"the teacher's own replies: a right one above a wrong one {rank_pairs(folder):.3f}")
    return overall >= LEAST_ACCURACY["overall"] and min(found.values()) >= LEAST_ACCURACY["kind"]


def main() -> int:
    """Train, save and measure; 0 where the model prefers enough of the good replies."""
    folder = HERE / "models/reward"
    tokenizer = AutoTokenizer.from_pretrained(HERE / "models/teacher")
    model = new_model()
    train(model, tokenizer)
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return 0 if measure_model(folder) else 1


if __name__ == "__main__":
    sys.exit(main())
