"""Secrets and personal data in texts: what is searched for, and how it is told without being repeated."""
