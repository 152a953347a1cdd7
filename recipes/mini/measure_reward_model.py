"""How often the mini world's reward model errs, as a calibration measures it before the model decides anything.

python -m recipes.mini.measure_reward_model
"""

from __future__ import annotations

from curate.calibration.calibration import Calibration
from curate.calibration.preference_calibration import calibrate_resident
from filters.checks.reward_model import RewardModel
from recipes.mini.make_models import HERE, say


def calibrate_mini(max_false_accepts: float = 0.05) -> Calibration:
    """The calibration of the shipped model with the world's labelled pairs, at the check's default `least`."""
    check = RewardModel(
        model=str(HERE / "models/reward"),
        batch_size=64,
        pairs=HERE / "data/preferences.jsonl",
        max_false_accepts=max_false_accepts,
    )
    return calibrate_resident(check)


def main() -> None:
    """Say each rate with the upper end of its 95% interval, and why the model may not decide, where it may not."""
    found = calibrate_mini()
    for rate in found.rates.values():
        say(f"{rate.meaning}: {rate.errors} of {rate.decided}, at most {100 * rate.interval[1]:.1f}%")
    for change in found.changes.values():
        say(f"{change.meaning}: {change.mean:.3f} ({change.low:.3f} to {change.high:.3f})")
    say("\n".join(found.faults) or "It may decide.")


if __name__ == "__main__":
    main()
