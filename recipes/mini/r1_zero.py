"""DeepSeek-R1-Zero in the small, as a script: what `r1curate run mini_r1_zero` does, through the library.

    python -m recipes.mini.r1_zero runs/r1-zero

A script can do what a recipe cannot: here it trains in rounds, and stops when a round no longer helps.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from distill import EvaluateOptions, GrpoOptions, evaluate_model, train_grpo

HERE = Path(__file__).parent
BASE = str(HERE / "models" / "teacher")
AS_SAMPLED: Any = {"temperature": 1.0, "top_p": 1.0, "max_tokens": 192}


def measure(run: Path, name: str, model: str, before: str | None = None, **rest: Any) -> float:
    """pass@1 of a model on the held-out problems, sampled as GRPO samples it."""
    result = evaluate_model(
        EvaluateOptions(
            run=run,
            name=name,
            before=before,
            prompts=str(HERE / "data" / "eval.jsonl"),
            engine={"model": model},
            sampling=AS_SAMPLED,
            check=["math_answer", "format", "language_share"],
            **{"samples": 8, **rest},
        )
    )
    return float(result.metrics["pass@1"]["value"])


def train(run: Path, name: str, model: str, **rest: Any) -> str:
    """One round of GRPO; the folder of the trained model."""
    options: Any = {
        "run": run,
        "name": name,
        "model": model,
        "preset": "r1-zero",
        "template": None,
        "prompts": str(HERE / "data" / "train.jsonl"),
        "steps": 8,
        "prompts_per_step": 24,
        "group_size": 8,
        "sampling": {"max_tokens": 192},
        "learning_rate": 2e-4,
        "kl_coefficient": 0.0,
        **rest,
    }
    return str(train_grpo(GrpoOptions(**options)).folder)


def main(run: Path, rounds: int = 4, evaluation: Any = None, training: Any = None) -> list[float]:
    """Train round after round while pass@1 rises; pass@1 of the base and of each round's model."""
    evaluation, training = evaluation or {}, training or {}
    rates, model = [measure(run, "base", BASE, **evaluation)], BASE
    for number in range(1, rounds + 1):
        model = train(run, f"round-{number}", model, seed=number, **training)
        rates.append(measure(run, f"round-{number}", model, before="base", **evaluation))
        if rates[-1] <= rates[-2]:
            break
    return rates


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/r1-zero"))
