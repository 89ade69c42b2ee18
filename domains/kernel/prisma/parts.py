"""Parts of statements: each stands alone, or in the WITH of another, and brings its own values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Part(Protocol):
    """SQL that does one thing."""

    def sql(self, args: list[Any]) -> str:
        """The text, whose values are added to `args`."""
        ...


@dataclass(frozen=True, slots=True)
class Sql:
    """SQL written by hand, with a `{}` for each of its values, or `{0}`, `{1}`, … where one stands twice."""

    text: str
    values: tuple[object, ...] = ()

    def sql(self, args: list[Any]) -> str:
        """The text, whose values are added to `args`."""
        return self.text.format(*(bind(args, value) for value in self.values))


def bind(args: list[Any], value: object) -> str:
    """Add a parameter; the placeholder that stands for it."""
    args.append(value)
    return f"${len(args)}"


def beside(parts: Sequence[Part], args: list[Any]) -> str:
    """The WITH in front of a statement that does these as well; empty when there is nothing to do."""
    named = [f"w{number} AS ({part.sql(args)})" for number, part in enumerate(parts) if part]
    return f"WITH {', '.join(named)} " if named else ""


def together(parts: Sequence[Part], args: list[Any]) -> str:
    """One statement that does all of these, in no order that is said; empty when there is nothing to do."""
    wanted = [part for part in parts if part]
    if not wanted:
        return ""
    return beside(wanted[:-1], args) + wanted[-1].sql(args)
