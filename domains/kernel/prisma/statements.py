"""Data-modifying statements that run alone or in the WITH clause of another statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Statement(Protocol):
    """A statement that changes rows."""

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


def with_clause(statements: Sequence[Statement], args: list[Any]) -> str:
    """The WITH clause that adds these statements to another one; empty when there are none."""
    named = [f"w{number} AS ({statement.sql(args)})" for number, statement in enumerate(statements) if statement]
    return f"WITH {', '.join(named)} " if named else ""


def combined(statements: Sequence[Statement], args: list[Any]) -> str:
    """One statement that runs all of these, in unspecified order; empty when there are none."""
    present = [statement for statement in statements if statement]
    if not present:
        return ""
    return with_clause(present[:-1], args) + present[-1].sql(args)
