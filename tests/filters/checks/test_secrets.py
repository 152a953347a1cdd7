"""Keys and passwords in prompt, reference and response, told by kind and place, and examples that are none."""

from __future__ import annotations

import random
import string

import pytest

from filters.checks.secrets import Secrets
from filters.errors import UserError
from filters.privacy import text_search
from filters.types import Prompt, Sample, Verdict

DRAW = random.Random(5)
ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


def some(number: int, letters: str = ALNUM) -> str:
    """A random word; put together here, so that no file holds a key."""
    return "".join(DRAW.choice(letters) for _ in range(number))


KEYS = {
    "AWS key": "AKIA" + some(16, string.ascii_uppercase + string.digits),
    "Hugging Face token": "hf_" + some(34, string.ascii_letters),
    "API key": "sk-proj-" + some(48),
    "GitHub token": "ghp_" + some(36),
    "GitLab token": "glpat-" + some(20),
    "Slack token": "xoxb-2398120391-" + some(24),
    "Google key": "AIza" + some(35),
    "password in an address": "https://bob:" + some(12) + "@db.corp.io",
    "Stripe key": "sk_live_" + some(24),
    "private key": f"-----BEGIN RSA PRIVATE KEY-----\n{some(64)}\n{some(64)}\n-----END RSA PRIVATE KEY-----",
    "npm token": "//registry.npmjs.org/:_authToken=npm_" + some(36),
    "Telegram token": "239812039:" + some(35),
    "Twilio key": "AC" + some(32, HEX),
    "SendGrid key": f"SG.{some(22)}.{some(43)}",
    "Mailchimp key": some(32, HEX) + "-us12",
    "Discord token": f"M{some(23)}.{some(6)}.{some(27)}",
    "Azure storage key": f"AccountKey={some(86)}==",
    "IBM Cloud key": "ibm_cloud_api_key=" + some(44),
    "PyPI token": "pypi-AgEIcHlwaS5vcmc" + some(80),
    "bearer token": "Bearer " + some(32),
}


def judge(response: str = "", prompt: str = "What is 2 + 3?", answer: str | None = "5", **options) -> Verdict:
    (verdict,) = Secrets(**options).check([Sample("1", Prompt.make(prompt, answer), response)])
    return verdict


@pytest.mark.parametrize("kind", KEYS)
def test_each_kind_is_found_with_its_place_and_never_quoted(kind: str):
    key = KEYS[kind]
    text = f"<think>\nDas Wörtchen 是: {key} so I use it.\n</think>\n5"
    found = judge(text)
    assert (found.ok, found.reason, found.score) == (False, f"secret: {kind}", 1)
    assert found.span is not None
    stretch = text[slice(*found.span)].strip()
    assert stretch in key or key in stretch


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7" + "EXAMPLE",
        "sk-toggleable__label-arrow-right",
        "sk-" + "x" * 30,
        "sk-" + "1234567890abcdef" * 2,
        "Bearer YOUR_ACCESS_TOKEN_HERE",
        "http://user:password@example.com/",
        "postgres://postgres:postgres@localhost:5432/db",
        "https://admin:Xk29sQm1@localhost/",
        "a key begins with -----BEGIN RSA PRIVATE KEY----- and a body",
        "My password is 1234, so there are 10^4 passwords: password = 'swordfish'",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "2+3=5, and 3.14159265358979323846264338327950288419716939937510",
    ],
)
def test_examples_and_what_only_looks_random_are_allowed(text: str):
    assert judge(text) == Verdict(True, "", 0.0)


def make_private_key(body: str, kind: str = "OPENSSH") -> str:
    return f"-----BEGIN {kind} PRIVATE KEY-----\n{body}\n-----END {kind} PRIVATE KEY-----"


OPENSSH_HEAD = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQyNTUxOQAAACB"


def test_every_key_of_openssh_begins_with_runs_that_are_no_placeholder():
    body = OPENSSH_HEAD + "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=43))
    assert judge(make_private_key(body)).reason == "secret: private key"
    indented = "\n".join(" " * 12 + line for line in make_private_key(body).splitlines())
    assert judge(indented).reason == "secret: private key"


@pytest.mark.parametrize("word", ["fake", "XXXX", "your", "111111"])
def test_letters_that_stand_in_a_true_private_key_by_chance_excuse_none(word: str):
    letters = "".join(random.Random(2).choices(string.ascii_letters + string.digits, k=400))
    assert judge(make_private_key(letters[:150] + word + letters[150:], "RSA")).ok is False


@pytest.mark.parametrize("body", ["x" * 64, "ThisIsOnlyAnExampleOfAKeyThatNobodyHasEverUsedForAnything0123"])
def test_a_private_key_that_was_made_up_is_allowed(body: str):
    assert judge(make_private_key(body, "RSA")).ok is True


def test_prompt_and_reference_are_searched_too_and_told_apart():
    key, token = KEYS["AWS key"], KEYS["GitHub token"]
    both = judge("none", prompt=f"Use {key}!", answer=token)
    assert both.reason == (
        f"secret: AWS key, GitHub token, in the prompt, characters 4 to {4 + len(key)}, "
        f"in the reference answer, characters 0 to {len(token)}"
    )
    assert (both.score, both.span) == (2, None)
    assert judge("none", prompt=key, of="response").ok
    assert judge(key, of="prompt").ok
    assert judge(f"{key}, {key} and {token}").reason == "secret: AWS key (2), GitHub token"


def test_a_prompt_of_many_samples_is_searched_for_all_of_them():
    asked = Prompt.make(f"Use {KEYS['AWS key']}")
    found = Secrets().check([Sample(str(n), asked, "a") for n in range(3)])
    assert {verdict.rule for verdict in found} == {"secret"}


@pytest.mark.parametrize(
    "unit",
    ["eyJ", "sk-", "//", "://a:b", "key = ", "xoxb-1-", "glagent-", "-----BEGIN PRIVATE KEY-----\nn\\n"],
)
def test_hostile_texts_end(unit: str):
    assert judge(unit * (300_000 // len(unit))).ok is not False


def test_too_many_places_are_undecided_unless_one_is_a_secret():
    placeholders = "Bearer YOUR_ACCESS_TOKEN_HERE " * 10_001
    assert judge(placeholders).rule == "too_many"
    assert judge(placeholders + KEYS["AWS key"]).ok is False


def test_a_missing_package_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch):
    Secrets().prepare()
    monkeypatch.setattr(text_search, "find_spec", lambda name: None)
    with pytest.raises(
        UserError, match=r"detect-secrets, which is missing: pip install 'r1curate\[privacy\]'"
    ):
        Secrets().prepare()
