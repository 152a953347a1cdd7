"""`-m tests.distill.grpo.faulty OPTIONS.json`: a training in which the fault named by FAULT happens."""

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import torch

from curate.options import fill
from distill.common.launch import get_rank, run_from_file
from distill.grpo import policy_engine, reference, training, trl_trainer
from distill.grpo.options import GrpoOptions
from distill.grpo.rollouts import Scorer
from distill.grpo.stage import train_grpo
from filters.errors import UserError


def raise_in_second_process() -> None:
    """The second process alone meets an error in its second rollout, while the first waits for it."""
    score = Scorer.__call__

    def fail(self, *given, trainer_state, **named):
        if get_rank() == 1 and trainer_state.global_step == 1:
            raise UserError("The second process fails.")
        return score(self, *given, trainer_state=trainer_state, **named)

    Scorer.__call__ = fail


def lose_half_of_reference() -> None:
    """Shard the reference as TRL does: each process what it holds itself."""
    trl_trainer.shard_reference = reference.prepare_fsdp


def lose_half_unseen() -> None:
    """The same, and its weights are not compared."""
    lose_half_of_reference()
    reference.RequireSameWeights.on_step_begin = lambda *given, **named: None


def stop_before_saving() -> None:
    """End without a model after all steps, as if killed."""

    def stop(*given, **named):
        raise UserError("Stopped before saving.")

    training.save_model = stop


def compare_weights() -> None:
    """Write whether vLLM holds the policy's weights, and how far its greedy tokens are from the policy's best."""
    hold = training.hold_engine

    @contextmanager
    def compared(trainer):
        with hold(trainer):
            yield
            engine = trainer.vllm_generation
            engine.sync_weights()
            given = {name: values.clone() for name, values in engine._iter_named_params()}
            held = engine.llm.llm_engine.model_executor.driver_worker.model_runner.model
            other = [name for name, values in held.named_parameters() if not same(name, values, given)]
            tied = "lm_head.weight" not in given
            lines = (f"DIFFERENT {other}", f"TIED {tied}", f"BEHIND {behind(trainer):.4f}")
            sys.stdout.write("\n".join(lines) + "\n")

    training.hold_engine = compared


PARTS = {"qkv_proj": ("q_proj", "k_proj", "v_proj"), "gate_up_proj": ("gate_proj", "up_proj")}


def same(name: str, values: torch.Tensor, given: dict[str, torch.Tensor]) -> bool:
    """Whether vLLM's parameter, which joins several of the policy's, is those in vLLM's type."""
    whole = next((part for part in PARTS if part in name), None)
    names = [name] if whole is None else [name.replace(whole, part) for part in PARTS[whole]]
    expected = torch.cat([given[one] for one in names]).to(values.dtype)
    return torch.equal(values[: len(expected)], expected)


def behind(trainer) -> float:
    """How far the logit of each token that vLLM takes greedily is behind the policy's best one, at most."""
    from vllm import SamplingParams

    prompt = list(range(5, 25))
    (made,) = trainer.vllm_generation.llm.generate(
        [{"prompt_token_ids": prompt}],
        SamplingParams(temperature=0, max_tokens=8, ignore_eos=True),
        use_tqdm=False,
    )
    tokens = list(made.outputs[0].token_ids)
    model = trainer.accelerator.unwrap_model(trainer.model)
    model = model.get_base_model() if hasattr(model, "peft_config") else model
    with torch.no_grad():
        # The trainer has put another forward in place, which gives no logits.
        states = model.model(input_ids=torch.tensor([[*prompt, *tokens]])).last_hidden_state
        logits = model.lm_head(states)[0, len(prompt) - 1 : -1]
    return float((logits.max(-1).values - logits[torch.arange(len(tokens)), torch.tensor(tokens)]).max())


def train_twice() -> None:
    """Train another model of the same options first, in the same process, and show what it leaves behind."""
    asked = json.loads(Path(sys.argv[1]).read_text())
    before = dict(os.environ)
    train_grpo(fill(GrpoOptions, {**asked, "name": "first"}, "first"))
    left = {name for name in {*os.environ, *before} if os.environ.get(name) != before.get(name)}
    sys.stdout.write(
        f"LEFT {sorted(left & set(policy_engine.RENDEZVOUS))} {torch.distributed.is_initialized()}\n"
    )


FAULTS = {
    "twice": train_twice,
    "raise": raise_in_second_process,
    "half": lose_half_of_reference,
    "half-unseen": lose_half_unseen,
    "stop": stop_before_saving,
    "compare": compare_weights,
    "none": lambda: None,
}

if __name__ == "__main__":
    FAULTS[os.environ.get("FAULT", "none")]()
    sys.exit(run_from_file(GrpoOptions, train_grpo, sys.argv[1:]))
