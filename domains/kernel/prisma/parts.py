"""Parts of statements: each can run alone or in the WITH of another, and has its own values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Part(Protocol):
    """SQL of one change."""

    def sql(self, args: list[Any]) -> str:
        """The SQL text; its values are added to `args`."""
        ...


@dataclass(frozen=True, slots=True)
class Sql:
    """Hand-written SQL with a `{}` for each value, or `{0}`, `{1}`, … when one occurs twice."""

    text: str
    values: tuple[object, ...] = ()

    def sql(self, args: list[Any]) -> str:
        """The SQL text; its values are added to `args`."""
        return self.text.format(*(bind(args, value) for value in self.values))


def bind(args: list[Any], value: object) -> str:
    """Add a parameter and return its placeholder."""
    args.append(value)
    return f"${len(args)}"


def with_clause(parts: Sequence[Part], args: list[Any]) -> str:
    """The WITH clause that adds these parts to a statement; empty when there are none."""
    named = [f"w{number} AS ({part.sql(args)})" for number, part in enumerate(parts) if part]
    return f"WITH {', '.join(named)} " if named else ""


def combined(parts: Sequence[Part], args: list[Any]) -> str:
    """One statement with all of these parts, in unspecified order; empty when there are none."""
    wanted = [part for part in parts if part]
    if not wanted:
        return ""
    return with_clause(wanted[:-1], args) + wanted[-1].sql(args)
