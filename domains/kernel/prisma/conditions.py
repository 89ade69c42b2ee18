"""Where inputs as SQL conditions; every value is a parameter, every name comes from the schema."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domains.kernel.prisma.columns import Column
from domains.kernel.prisma.errors import TenantGiven, UnknownColumn, UnknownOperator
from domains.kernel.prisma.filters import FieldReference
from domains.kernel.prisma.parts import bind

Columns = Mapping[str, Column]

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
PATTERNS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}"}
LIST_OPERATORS = {"has_every": "@>", "has_some": "&&"}
COMPANY = "company_id"


def find_column(columns: Columns, name: str) -> Column:
    """The column of this name. Raises TenantGiven and UnknownColumn."""
    if name == COMPANY:
        raise TenantGiven
    column = columns.get(name)
    if column is None:
        raise UnknownColumn(name)
    return column


def all_of(conditions: Sequence[str]) -> str:
    """The conditions joined by AND; TRUE when there are none."""
    return " AND ".join(conditions) or "TRUE"


def where_conditions(columns: Columns, where: Mapping[str, Any], args: list[Any]) -> list[str]:
    """The conditions of a where input, to be joined by AND; their values are added to `args`.

    Nulls follow SQL: neither a comparison with a null nor its NOT is true.
    """
    found: list[str] = []
    for name, wanted in where.items():
        if name == "AND":
            found.extend(_group(columns, part, args) for part in _parts(wanted))
        elif name == "OR":
            found.append(f"({' OR '.join(_group(columns, part, args) for part in wanted) or 'FALSE'})")
        elif name == "NOT":
            found.extend(f"NOT {_group(columns, part, args)}" for part in _parts(wanted))
        else:
            found.extend(_column_conditions(find_column(columns, name), _referring(columns, wanted), args))
    return found


def _parts(wanted: Any) -> Sequence[Mapping[str, Any]]:
    return (wanted,) if isinstance(wanted, Mapping) else wanted


def _group(columns: Columns, where: Mapping[str, Any], args: list[Any]) -> str:
    return f"({all_of(where_conditions(columns, where, args))})"


def _referring(columns: Columns, wanted: Any) -> Any:
    """The condition with each FieldReference replaced by its column."""
    if not isinstance(wanted, Mapping):
        return wanted
    return {
        word: find_column(columns, value.name) if isinstance(value, FieldReference) else value
        for word, value in wanted.items()
    }


def _column_conditions(column: Column, wanted: Any, args: list[Any]) -> Iterable[str]:
    if not isinstance(wanted, Mapping):
        return (_equals(column, wanted, args),)
    if column.is_list:
        return [_list_condition(column, operator, value, args) for operator, value in wanted.items()]
    if wanted.get("mode") == "insensitive":
        return [
            _insensitive(column, operator, value, args) for operator, value in wanted.items() if operator != "mode"
        ]
    return [_condition(column, operator, value, args) for operator, value in wanted.items()]


def _equals(column: Column, value: Any, args: list[Any]) -> str:
    if value is None:
        return f"{column.sql} IS NULL"
    return f"{column.sql} = {bind(args, value)}"


def _condition(column: Column, operator: str, value: Any, args: list[Any]) -> str:
    if operator == "equals":
        return _equals(column, value, args)
    if operator == "not":
        return _negated(column, value, args)
    if operator == "in":
        return f"{column.sql} = ANY({bind(args, list(value))})"
    if operator == "not_in":
        return f"{column.sql} <> ALL({bind(args, list(value))})"
    if operator in COMPARISONS:
        other = value.sql if isinstance(value, Column) else bind(args, value)
        return f"{column.sql} {COMPARISONS[operator]} {other}"
    if operator in PATTERNS:
        return f"{column.sql} LIKE {bind(args, _pattern(operator, value))}"
    raise UnknownOperator(column.name, operator)


def _negated(column: Column, value: Any, args: list[Any]) -> str:
    if value is None:
        return f"{column.sql} IS NOT NULL"
    if isinstance(value, Mapping) and column.sql_type != "jsonb":
        return f"NOT ({all_of(list(_column_conditions(column, value, args)))})"
    return f"{column.sql} <> {bind(args, value)}"


def _insensitive(column: Column, operator: str, value: Any, args: list[Any]) -> str:
    if operator in PATTERNS:
        return f"{column.sql} ILIKE {bind(args, _pattern(operator, value))}"
    if operator == "equals" and value is not None:
        return f"lower({column.sql}) = lower({bind(args, value)})"
    if operator == "not" and isinstance(value, str):
        return f"lower({column.sql}) <> lower({bind(args, value)})"
    raise UnknownOperator(column.name, f"{operator}, mode insensitive")


def escaped(text: str) -> str:
    """The text with the wildcards of LIKE escaped."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _pattern(operator: str, value: str) -> str:
    return PATTERNS[operator].format(escaped(value))


def _list_condition(column: Column, operator: str, value: Any, args: list[Any]) -> str:
    if operator == "equals":
        return _equals(column, value, args)
    if operator == "has":
        return f"{column.sql} @> {bind(args, [value])}"
    if operator in LIST_OPERATORS:
        return f"{column.sql} {LIST_OPERATORS[operator]} {bind(args, list(value))}"
    if operator == "is_empty":
        return f"cardinality({column.sql}) {'=' if value else '>'} 0"
    raise UnknownOperator(column.name, operator)
