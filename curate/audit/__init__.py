"""Audits: how often verifiers err, and how often filters are right."""
