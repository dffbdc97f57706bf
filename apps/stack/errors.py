"""The one error of this app: something that a person has to put right before the stack can run."""

from __future__ import annotations


class CannotStart(Exception):
    """Carries one plain sentence: what is wrong, where, and what to do about it."""
