"""Order inputs as ORDER BY, and cursors as the condition that a row is strictly after one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domains.kernel.prisma.columns import Column
from domains.kernel.prisma.conditions import Columns, find_column
from domains.kernel.prisma.errors import MisuseError, UnknownOperator
from domains.kernel.prisma.statements import bind

NARROW: Final = {"integer", "smallint"}


@dataclass(frozen=True, slots=True)
class Term:
    """One column to sort by."""

    column: Column
    descending: bool
    nulls_first: bool

    @property
    def sql(self) -> str:
        """The term of ORDER BY; PostgreSQL's default position of nulls is omitted."""
        direction = " DESC" if self.descending else ""
        if not self.column.nullable or self.nulls_first == self.descending:
            return self.column.sql + direction
        return f"{self.column.sql}{direction} NULLS {'FIRST' if self.nulls_first else 'LAST'}"


def order_terms(columns: Columns, order_by: Iterable[Mapping[Any, Any]]) -> list[Term]:
    """The terms of an order input in its order. Raises UnknownColumn and UnknownOperator."""
    return [_term(find_column(columns, name), wanted) for part in order_by for name, wanted in part.items()]


def _term(column: Column, wanted: Any) -> Term:
    direction, nulls = (wanted["sort"], wanted["nulls"]) if isinstance(wanted, Mapping) else (wanted, None)
    if direction not in {"asc", "desc"} or nulls not in {None, "first", "last"}:
        raise UnknownOperator(column.name, wanted)
    descending = direction == "desc"
    return Term(column, descending, descending if nulls is None else nulls == "first")


def after_cursor(terms: Sequence[Term], cursor: Mapping[str, object], args: list[Any]) -> list[str]:
    """The conditions of rows strictly after the cursor, which has a value for each term.

    One row comparison when all terms have the same direction and no column is nullable; otherwise the expanded form
    after a condition on the first term, which an index can use. Raises MisuseError when cursor and terms differ.
    """
    if not terms or set(cursor) != {term.column.name for term in terms}:
        raise MisuseError("a cursor must have a value for each column of order_by, and for no other")
    plain = not any(term.column.nullable for term in terms)
    if plain and len({term.descending for term in terms}) == 1:
        sides = ", ".join(term.column.sql for term in terms), ", ".join(_bound(term, cursor, args) for term in terms)
        return [f"({sides[0]}) {'<' if terms[0].descending else '>'} ({sides[1]})"]
    bound = [None if cursor[term.column.name] is None else _bound(term, cursor, args) for term in terms]
    steps = [
        " AND ".join([*(_same(*pair) for pair in zip(terms[:rank], bound, strict=False)), _beyond(term, bound[rank])])
        for rank, term in enumerate(terms)
    ]
    expanded = f"({' OR '.join(f'({step})' for step in steps)})"
    if terms[0].column.nullable:
        return [expanded]
    return [f"{terms[0].column.sql} {'<=' if terms[0].descending else '>='} {bound[0]}", expanded]


def _bound(term: Term, cursor: Mapping[str, object], args: list[Any]) -> str:
    """The placeholder of a cursor's value; a forged one of an integer may be larger than the column can hold."""
    placeholder = bind(args, cursor[term.column.name])
    return f"{placeholder}::bigint" if term.column.sql_type in NARROW else placeholder


def _same(term: Term, placeholder: str | None) -> str:
    return f"{term.column.sql} IS NULL" if placeholder is None else f"{term.column.sql} = {placeholder}"


def _beyond(term: Term, placeholder: str | None) -> str:
    if placeholder is None:
        return f"{term.column.sql} IS NOT NULL" if term.nulls_first else "FALSE"
    further = f"{term.column.sql} {'<' if term.descending else '>'} {placeholder}"
    if term.column.nullable and not term.nulls_first:
        return f"({further} OR {term.column.sql} IS NULL)"
    return further
