"""The result of a check of `commerce doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check: its subject, whether it passed, and what to do if not, or what else to know."""

    subject: str
    passed: bool
    advice: str = ""
