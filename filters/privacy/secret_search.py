"""Keys, tokens and passwords in a text: the patterns of detect-secrets and of our own, without what is only an example.

Of detect-secrets only the patterns are used: its scan has settings for a whole process, reads line by line, and may
ask services whether a key is valid; none of that happens here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Final

from filters.key_shapes import KEY_SHAPES
from filters.privacy.candidates import TextPattern, find_candidates
from filters.privacy.findings import Hit

_ADDRESS: Final = "password in an address"
_PRIVATE: Final = "private key"
_SIGNED: Final = "JSON web token"
_NPM: Final = "npm token"
_VARIED: Final = 10
"""Different characters of a key at least."""
_WHOLE: Final = 20
"""Characters of a group of a pattern that is the key itself; shorter ones are its beginning, as ghp."""
PLUGINS: Final = {
    "artifactory.ArtifactoryDetector": "Artifactory credentials",
    "aws.AWSKeyDetector": "AWS key",
    "azure_storage_key.AzureStorageKeyDetector": "Azure storage key",
    "basic_auth.BasicAuthDetector": _ADDRESS,
    "cloudant.CloudantDetector": "Cloudant credentials",
    "discord.DiscordBotTokenDetector": "Discord token",
    "github_token.GitHubTokenDetector": "GitHub token",
    "gitlab_token.GitLabTokenDetector": "GitLab token",
    "ibm_cloud_iam.IbmCloudIamDetector": "IBM Cloud key",
    "ibm_cos_hmac.IbmCosHmacDetector": "IBM Cloud key",
    "mailchimp.MailchimpDetector": "Mailchimp key",
    "npm.NpmDetector": _NPM,
    "openai.OpenAIDetector": "API key",
    "pypi_token.PypiTokenDetector": "PyPI token",
    "sendgrid.SendGridDetector": "SendGrid key",
    "slack.SlackDetector": "Slack token",
    "softlayer.SoftlayerDetector": "SoftLayer credentials",
    "square_oauth.SquareOAuthDetector": "Square secret",
    "stripe.StripeDetector": "Stripe key",
    "telegram_token.TelegramBotTokenDetector": "Telegram token",
    "twilio.TwilioKeyDetector": "Twilio key",
}
"""The detectors that go by a shape of their own. Those that guess (random strings, names such as `password`) are left out."""
_BODY: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[A-Za-z-]{1,40}: [^\n]{0,100}\n){0,20}[A-Za-z0-9+/]{40}[A-Za-z0-9+/=\s\\]*"
)
"""A private key with a body: its first line alone stands in many an explanation."""
_PLACEHOLDER: Final = re.compile(
    r"(?i)example|x{4}|your|placeholder|dummy|changeme|redacted|insert|fake|\.\.\.|\*\*\*|0{6}|1{6}|"
    r"1234567|abcdefg|a1b2c3|deadbeef|(.)\1{5}"
)
_SHOWN_KEY: Final = re.compile(
    r"(?i)example|placeholder|redacted|changeme|insert|deadbeef|12345678|abcdefgh|([b-z0-9+/])\1{7}|A{40}"
)
"""What a private key holds that was made up. Short words and pairs of letters stand in true ones by chance, and all of OpenSSH hold runs of A."""
_TEMPLATE: Final = re.compile(r"[<>{}]")
_KNOWN_EXAMPLE: Final = "eyJzdWIiOiIxMjM0NTY3ODkwIi"
"""The subject 1234567890, by which the token in every explanation of tokens begins."""
_WORDS: Final = frozenset(
    word
    for line in (
        "pass passw passwd password password1 password123 pass123 mypass mypassword pw pwd secret mysecret token user username admin root test",
        "guest changeme hunter2 foo bar baz key postgres mysql redis",
    )
    for word in line.split()
)
"""Passwords that stand in explanations."""
_NEAR: Final = re.compile(
    r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host(?:name)?|server|db|database|proxy|(?:[\w-]+\.)*example(?:\.\w+)?|[\w.-]+\.(?:test|invalid|local))(?![\w.-])"
)
"""Hosts that stand in explanations, or that nobody else can reach."""


@cache
def load_patterns() -> tuple[TextPattern, ...]:
    """All that is searched for. Raises ImportError without detect-secrets."""
    found = [TextPattern(_PRIVATE, _BODY)]
    for shape, kind in KEY_SHAPES.items():
        if kind != _PRIVATE:
            found.append(TextPattern(kind, re.compile(f"(?<![A-Za-z0-9])(?:{shape})")))
    for place, kind in PLUGINS.items():
        module, _, name = place.partition(".")
        plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        found += [TextPattern(kind, pattern) for pattern in plugin.denylist]
    return tuple(found)


def find_secrets(text: str, likely: Sequence[TextPattern]) -> Iterator[Hit]:
    """The secrets in a text by some of the patterns. Raises TooManyError where it has too many candidates."""
    for searched in likely:
        for match in find_candidates(text, searched):
            if _is_secret(searched.kind, match):
                yield Hit(searched.kind, *match.span())


def _is_secret(kind: str, match: re.Match[str]) -> bool:
    if kind == _ADDRESS:
        return _is_password(match)
    value = _read_value(kind, match)
    if kind == _PRIVATE:
        return _SHOWN_KEY.search(value) is None
    if kind == _SIGNED:
        return _KNOWN_EXAMPLE not in value
    end = value[3:]  # AIza, and what else is the same in all of them, is mixed
    mixed = any(map(str.isdigit, value)) or (any(map(str.islower, end)) and any(map(str.isupper, end)))
    return mixed and _PLACEHOLDER.search(value) is None and len(set(value)) >= _VARIED


def _read_value(kind: str, match: re.Match[str]) -> str:
    """The key itself, without the name that it is given, and without the rest of its line."""
    value = max((group for group in match.groups() if group), key=len, default="")
    value = value if len(value) >= _WHOLE else match[0]
    return re.split(r"[^\w-]", value, maxsplit=1)[0] if kind == _NPM else value


def _is_password(match: re.Match[str]) -> bool:
    user, word = match[0].removeprefix("://").removesuffix("@").split(":", 1)
    known = word.casefold() in _WORDS or word.casefold() == user.casefold()
    return (
        not (known or _TEMPLATE.search(word) or _PLACEHOLDER.search(word))
        and _NEAR.match(match.string, match.end()) is None
    )
