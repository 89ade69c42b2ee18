"""Variables and arguments are coerced and converted as graphql-core and Strawberry do it, for every root field."""

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any, cast
from unittest.mock import Mock

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    get_named_type,
    parse,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values
from strawberry.types.field import StrawberryField

from domains.kernel.values.secret import Secret
from gateway.graphql.engine.input_coercion import direct_resolver
from gateway.graphql.engine.plan import BACKREF, Plan
from gateway.graphql.engine.variable_coercion import VariableCoercion
from tests.gateway.schema_operations import is_one_of
from tests.gateway.site import SCHEMA

SCALARS: dict[str, list[Any]] = {
    "ID": ["01a2286a-8112-73a7-9ebd-368f9f9392f5"],
    "Int": [0, 7, -1],
    "Boolean": [True, False],
    "CurrencyCode": ["EUR"],
    "Decimal": ["1.50", "0"],
    "Date": ["2026-01-01"],
    "DateTime": ["2026-01-01T00:00:00Z"],
}
ODD: list[Any] = ["", "x" * 300, {}, {"unknown": 1}, [], [None], 2**40, 1.5, None, "2026", [[1]]]
DEEPEST = 3
INFO = cast("GraphQLResolveInfo[Any]", None)


def fields() -> Iterator[tuple[str, GraphQLField]]:
    schema = SCHEMA.graphql
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root is not None
        yield from ((f"{root.name}.{name}", field) for name, field in root.fields.items())


FIELDS = dict(fields())


def value(declared: Any, random: Random, oddness: float, depth: int = 0) -> Any:
    """A value of an input type, with odd ones in it; inputs that contain themselves end after a few levels."""
    if random.random() < oddness:
        return random.choice(ODD)
    if isinstance(declared, GraphQLNonNull):
        declared = declared.of_type
    elif random.random() < 0.1:
        return None
    if isinstance(declared, GraphQLList):
        items = [value(declared.of_type, random, oddness, depth) for _ in range(random.randrange(3))]
        return items if random.random() < 0.9 or not items else items[0]
    if isinstance(declared, GraphQLInputObjectType) and is_one_of(declared):
        fields = declared.fields.items()
        leaves = [
            (name, field) for name, field in fields if not isinstance(get_named_type(field.type), type(declared))
        ]
        name, field = random.choice(list(fields) if depth < DEEPEST else leaves)
        return {name: value(GraphQLNonNull(field.type), random, oddness, depth + 1)}
    if isinstance(declared, GraphQLInputObjectType):
        return {
            name: value(field.type, random, oddness, depth + 1)
            for name, field in declared.fields.items()
            if isinstance(field.type, GraphQLNonNull) or (depth < DEEPEST and random.random() < 0.6)
        }
    names = list(declared.values) if isinstance(declared, GraphQLEnumType) else SCALARS.get(declared.name, ["text"])
    return random.choice(names)


def revealed(value: Any) -> Any:
    """The value with its secrets, which are not equal to one another."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {key: revealed(each) for key, each in value.items()}
    return [revealed(each) for each in value] if isinstance(value, list) else value


def operation_of(name: str) -> tuple[OperationDefinitionNode, str]:
    """An operation that gives each argument of a field by a variable."""
    root, field = name.split(".")
    arguments = FIELDS[name].args.items()
    declared = " ".join(f"${key}: {argument.type}" for key, argument in arguments)
    given = " ".join(f"{key}: ${key}" for key, _ in arguments)
    text = f"{root.lower()} {f'({declared})' if declared else ''} {{ {field} {f'({given})' if given else ''} }}"
    (operation,) = parse(text).definitions
    return cast("OperationDefinitionNode", operation), field


def given_values(name: str, random: Random, oddness: float) -> dict[str, Any]:
    return {
        key: value(argument.type, random, oddness)
        for key, argument in FIELDS[name].args.items()
        if isinstance(argument.type, GraphQLNonNull) or random.random() < 0.7
    }


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.args])
def test_variables_are_coerced_as_graphql_core_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random, schema = Random(name), SCHEMA.graphql  # noqa: S311 - the same values in each run
    operation, _ = operation_of(name)
    definitions = operation.variable_definitions or ()
    compiled = VariableCoercion(schema, operation, max_errors=5, hide_suggestions=True)
    left = Mock(side_effect=get_variable_values)
    monkeypatch.setattr("gateway.graphql.engine.variable_coercion.get_variable_values", left)
    valid = 0
    for number in range(60):
        given = given_values(name, random, 0.0 if number % 2 else 0.1)
        expected = get_variable_values(schema, definitions, deepcopy(given), max_errors=5, hide_suggestions=True)
        left.reset_mock()
        coerced = compiled.values(given)
        if isinstance(expected, VariableValues):
            assert isinstance(coerced, VariableValues)
            assert revealed(coerced.coerced) == revealed(expected.coerced)
            assert {key: source.value for key, source in coerced.sources.items()} == {
                key: source.value for key, source in expected.sources.items()
            }
            valid += not left.called
        else:
            assert isinstance(coerced, list)
            assert [str(error) for error in coerced] == [str(error) for error in expected]
    assert valid > 5, "not left to graphql-core"


@pytest.mark.parametrize("name", list(FIELDS))
def test_functions_get_the_arguments_that_strawberry_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random, schema = Random(name), SCHEMA.graphql  # noqa: S311 - the same values in each run
    definition = FIELDS[name]
    declared: StrawberryField = definition.extensions[BACKREF]
    called: list[Any] = []

    def record(*positional: Any, info: Any, **arguments: Any) -> None:
        called.append((positional, type(info), info._field, arguments))

    assert declared.base_resolver is not None
    monkeypatch.setattr(declared.base_resolver, "wrapped_func", record)
    monkeypatch.setattr(declared.base_resolver, "is_async", False)
    direct = direct_resolver(definition, declared)
    assert direct is not None
    operation, field = operation_of(name)
    for _ in range(20):
        variables = get_variable_values(schema, operation.variable_definitions or (), given_values(name, random, 0.0))
        if not isinstance(variables, VariableValues):
            continue
        (planned,) = Plan(schema, {}, operation, variables).fields
        expected = get_argument_values(definition, planned.nodes[0], variables)
        arguments = planned.argument_values(variables)
        assert arguments == expected
        direct("source", INFO, **arguments)
        resolve: Any = definition.resolve
        result = resolve("source", INFO, **expected)
        if hasattr(result, "send"):
            with pytest.raises(StopIteration):
                result.send(None)
        assert called[-2] == called[-1], field
    assert len(called) >= 2
