"""How the keys of well-known services look, each with its name: what is searched for in texts and hidden in records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

KEY_SHAPES: Final[Mapping[str, str]] = {
    r"hf_[A-Za-z0-9]{20,}": "Hugging Face token",
    r"sk-[A-Za-z0-9_-]{20,}": "API key",
    r"(?:AKIA|ASIA)[0-9A-Z]{16}": "AWS key",
    r"gh[pousr]_[A-Za-z0-9]{30,}": "GitHub token",
    r"github_pat_[A-Za-z0-9_]{20,}": "GitHub token",
    r"glpat-[A-Za-z0-9_-]{20,}": "GitLab token",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}": "Slack token",
    r"AIza[A-Za-z0-9_-]{35}": "Google key",
    r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}": "JSON web token",
    r"Bearer [A-Za-z0-9._~+/-]{16,}": "bearer token",
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----": "private key",
}
"""Patterns and names: Hugging Face, OpenAI and its like, AWS, GitHub, GitLab, Slack, Google, signed tokens, headers,
private keys. None stands inside a longer word."""
