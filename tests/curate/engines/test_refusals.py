"""What servers' refusals mean, by status and by the words of many servers."""

from __future__ import annotations

from typing import Any

import pytest

from curate.engines.errors import TransientError
from curate.engines.refusals import (
    explain_refusal,
    find_refused_parameters,
    is_about_context,
    read_limits,
    read_refusal,
)
from curate.engines.retries import read_retry_after
from filters.engine import EngineError, EngineOptions, RequestRefused
from filters.errors import UserError

OPTIONS = EngineOptions(kind="server", model="m", api_key_env="MY_KEY")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, {"message": "slow down"}, TransientError),
        (429, {"message": "You exceeded your current quota, please retry in 34 s"}, TransientError),
        (429, {"message": "x", "code": "insufficient_quota"}, UserError),
        (500, {"message": "Context size has been exceeded."}, TransientError),
        (503, "busy", TransientError),
        (529, None, TransientError),
        (402, {}, UserError),
        (400, {"message": "Insufficient Balance"}, UserError),
        (401, {"message": "your account was flagged"}, UserError),
        (403, {"message": "Your model requires moderation and your input was flagged"}, RequestRefused),
        (403, {"message": "not your region"}, UserError),
        (400, {"message": "API key not valid"}, UserError),
        (404, "Not Found", UserError),
        (405, "Method Not Allowed", UserError),
        (400, {"message": "The model `n` does not exist", "code": "model_not_found"}, UserError),
        (413, "Request Entity Too Large", RequestRefused),
        (400, {"message": "x", "code": "content_filter"}, RequestRefused),
        (400, {"message": "triggering Azure OpenAI's content management policy"}, RequestRefused),
        (400, {"message": "Conversation roles must alternate"}, EngineError),
        (418, "a teapot", EngineError),
    ],
)
def test_a_refusal_is_of_one_kind(status: int, body: Any, kind: type[Exception]) -> None:
    assert type(explain_refusal(read_refusal(status, body), "there", OPTIONS)) is kind


def test_a_servers_words_are_quoted_in_one_line_without_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sesame")
    said = {"message": "no such key:\n sesame \x1b[31m\ud800 " + "x" * 500}
    found = str(explain_refusal(read_refusal(401, said), "there", OPTIONS))
    assert found.startswith(
        "there refuses the key in the environment variable MY_KEY (401): no such key: [key] [31m x"
    )
    assert len(found) < 400 and found.isprintable()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "a"}}, "a"),
        ({"error": "a"}, "a"),
        ({"message": "a", "object": "error"}, "a"),
        ({"detail": "a"}, "a"),
        ({"detail": [{"loc": ["body", "seed"], "msg": "not permitted", "input": {"top_k": 1}}]}, "body.seed: not permitted"),
        ("a\nb", "a b"),
        ({"code": 1}, '{"code": 1}'),
        (None, "None"),
    ],
)  # fmt: skip
def test_the_words_are_found(body: Any, said: str) -> None:
    assert read_refusal(400, body).said == said


CONTEXTS = [
    ("max_tokens=9 cannot be greater than max_model_len=max_total_tokens=8. Please request fewer output tokens.", 8, None),
    ("This model's maximum context length is 4,096 tokens. However, you requested 5000 tokens (1000 in the messages, "
     "4000 in the completion).", 4096, None),
    ("Requested token count exceeds the model's maximum context length of 1000 tokens.", 1000, None),
    ("Input length (9) plus output length (32768) exceeds the maximum allowed length (1000).", 1000, None),
    ("request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096, None),
    ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 100 `inputs` tokens and 4000 `max_new_tokens`", 4096, None),
    ("max_tokens is too large: 32768. This model supports at most 16384 completion tokens, whereas you provided 32768.",
     None, 16384),
    ("prompt is too long", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "context", "longest"), CONTEXTS)
def test_a_context_refusal_is_known_and_its_numbers_read(
    said: str, context: int | None, longest: int | None
) -> None:
    refusal = read_refusal(400, {"message": said})
    assert is_about_context(refusal)
    assert read_limits(refusal) == (context, longest)
    assert not is_about_context(read_refusal(500, {"message": said}))


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"message": "Unrecognized request argument supplied: top_k"}, {"top_k"}),
        ({"message": "Extra inputs are not permitted: min_p, top_k"}, {"min_p", "top_k"}),
        ({"message": "Unsupported value", "param": "temperature"}, {"temperature"}),
        ({"message": "Invalid 'seed': see temperature", "param": "seed"}, {"seed"}),
        ({"message": "roles must alternate"}, set()),
        ({"message": "the temperature of the sun"}, set()),
    ],
)
def test_refused_parameters_are_named(body: dict[str, str], named: set[str]) -> None:
    sent = ["temperature", "top_k", "min_p", "seed", "max_tokens"]
    assert find_refused_parameters(read_refusal(400, body), sent) == named
    assert not find_refused_parameters(read_refusal(429, body), sent)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "2"}, 2.0),
        ({"retry-after-ms": "500", "retry-after": "9"}, 0.5),
        ({"retry-after": "99999"}, 600.0),
        ({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}, 600.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        *[({"retry-after": said}, 0.0) for said in ("soon", "nan", "inf", "-1", "")],
        ({}, 0.0),
    ],
)
def test_how_long_to_wait_is_read_where_it_can_be(headers: dict[str, str], wait_s: float) -> None:
    assert read_retry_after(headers) == wait_s
