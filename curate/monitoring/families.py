"""Which numbers a command tells, and what each of them is."""

from __future__ import annotations

from typing import Final

from curate.monitoring.board import Family

HERE: Final = "local"
"""The node of what is done by the command's own processes."""

BUILD: Final = Family("r1curate_build_info", "gauge", "The version, and the command; always 1.", ("version", "command"))  # fmt: skip
START_TIME: Final = Family("r1curate_start_time_seconds", "gauge", "When the command began, since the epoch.", ())  # fmt: skip

PROMPTS: Final = Family("r1curate_prompts", "gauge", "Prompts asked for.", ("name",))
PROMPTS_FINISHED: Final = Family("r1curate_prompts_finished", "gauge", "Prompts that want no more samples.", ("name",))  # fmt: skip
SAMPLES: Final = Family(
    "r1curate_samples", "counter", "Samples that this command made, by what became of them.", ("name", "node", "status")
)  # fmt: skip
TOKENS: Final = Family("r1curate_tokens", "counter", "Tokens that this command sampled.", ("name", "node"))
ACCEPTED_SAMPLES: Final = Family(
    "r1curate_accepted", "counter", "Whole samples of which all verdicts given while sampling are true.", ("name", "node")
)  # fmt: skip
NOT_ACCEPTED: Final = Family(
    "r1curate_not_accepted",
    "counter",
    "Whole samples with a verdict that is false or undecided, by the rule of the one that decides.",
    ("name", "reason"),
    most=200,
)
REPLICAS: Final = Family("r1curate_replicas", "gauge", "Replicas of the engine, by what they do.", ("name", "node", "state"))  # fmt: skip

TO_JUDGE: Final = Family("r1curate_samples_to_judge", "gauge", "Samples whose verdicts were missing or stale when the checks began.", ("name", "check"))  # fmt: skip
JUDGED_SAMPLES: Final = Family(
    "r1curate_judged_samples", "counter", "Samples judged by a check, other than while sampling.", ("name", "check", "node")
)  # fmt: skip
