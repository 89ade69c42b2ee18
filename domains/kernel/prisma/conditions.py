"""Where inputs as SQL conditions; every value is a parameter, every name comes from the schema."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domains.kernel.prisma.columns import Column
from domains.kernel.prisma.errors import TenantGiven, UnknownColumn, UnknownOperator
from domains.kernel.prisma.filters import FieldReference
from domains.kernel.prisma.statements import bind

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
    conditions: list[str] = []
    for name, condition in where.items():
        if name == "AND":
            conditions.extend(_group(columns, part, args) for part in _as_list(condition))
        elif name == "OR":
            conditions.append(f"({' OR '.join(_group(columns, part, args) for part in condition) or 'FALSE'})")
        elif name == "NOT":
            conditions.extend(f"NOT {_group(columns, part, args)}" for part in _as_list(condition))
        else:
            conditions.extend(
                _column_conditions(find_column(columns, name), _resolve_references(columns, condition), args)
            )
    return conditions


def _as_list(condition: Any) -> Sequence[Mapping[str, Any]]:
    return (condition,) if isinstance(condition, Mapping) else condition


def _group(columns: Columns, where: Mapping[str, Any], args: list[Any]) -> str:
    return f"({all_of(where_conditions(columns, where, args))})"


def _resolve_references(columns: Columns, condition: Any) -> Any:
    """The condition with each FieldReference replaced by its column."""
    if not isinstance(condition, Mapping):
        return condition
    return {
        word: find_column(columns, value.name) if isinstance(value, FieldReference) else value
        for word, value in condition.items()
    }


def _column_conditions(column: Column, condition: Any, args: list[Any]) -> Iterable[str]:
    if not isinstance(condition, Mapping):
        return (_equals(column, condition, args),)
    if column.is_list:
        return [_list_condition(column, operator, value, args) for operator, value in condition.items()]
    if condition.get("mode") == "insensitive":
        return [
            _insensitive_condition(column, operator, value, args)
            for operator, value in condition.items()
            if operator != "mode"
        ]
    return [_condition(column, operator, value, args) for operator, value in condition.items()]


def _equals(column: Column, value: Any, args: list[Any]) -> str:
    if value is None:
        return f"{column.sql} IS NULL"
    return f"{column.sql} = {bind(args, value)}"


def _condition(column: Column, operator: str, value: Any, args: list[Any]) -> str:
    if operator == "equals":
        return _equals(column, value, args)
    if operator == "not":
        return _not_condition(column, value, args)
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


def _not_condition(column: Column, value: Any, args: list[Any]) -> str:
    if value is None:
        return f"{column.sql} IS NOT NULL"
    if isinstance(value, Mapping) and column.sql_type != "jsonb":
        return f"NOT ({all_of(list(_column_conditions(column, value, args)))})"
    return f"{column.sql} <> {bind(args, value)}"


def _insensitive_condition(column: Column, operator: str, value: Any, args: list[Any]) -> str:
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
