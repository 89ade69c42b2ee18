"""Coercion of the variables of an operation: compiled once, with graphql-core for everything that is not valid.

graphql-core looks at each type again for each value; compiled, valid variables take less than half of the time.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableDefinitionNode,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.utilities.coerce_input_value import coerce_default_value

MISSING: Final = object()  # the default of a required field
Coerce: TypeAlias = Callable[[Any], Any]


class _Unusual(Exception):
    """A value that may be invalid: graphql-core coerces it, and reports what is wrong."""


class VariableCoercion:
    """The coercion of the variables of one operation."""

    def __init__(
        self, schema: GraphQLSchema, operation: OperationDefinitionNode, *, max_errors: int, hide_suggestions: bool
    ) -> None:
        self._schema = schema
        self._definitions: Sequence[VariableDefinitionNode] = operation.variable_definitions or ()
        self._max_errors = max_errors
        self._hide_suggestions = hide_suggestions
        self._types: dict[GraphQLInputType, Coerce] = {}
        self._variables: list[tuple[str, VariableValueSource, Coerce, Any]] | None = self._compiled()

    def values(self, given: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """The variables coerced to their types, or what is wrong with them."""
        try:
            return self._values(given)
        except Exception:  # noqa: BLE001 - reported by graphql-core
            return get_variable_values(
                self._schema,
                self._definitions,
                given,
                max_errors=self._max_errors,
                hide_suggestions=self._hide_suggestions,
            )

    def _values(self, given: dict[str, Any]) -> VariableValues:
        if self._variables is None:
            raise _Unusual
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for name, source, coerce, default in self._variables:
            value = given.get(name, Undefined)
            if value is not Undefined:
                sources[name] = VariableValueSource(source.signature, value)
                coerced[name] = coerce(value)
                continue
            sources[name] = source
            if default is not Undefined:
                coerced[name] = default
            elif isinstance(source.signature.type, GraphQLNonNull):
                raise _Unusual
        return VariableValues(sources, coerced)

    def _compiled(self) -> list[tuple[str, VariableValueSource, Coerce, Any]] | None:
        compiled: list[tuple[str, VariableValueSource, Coerce, Any]] = []
        for definition in self._definitions:
            signature = get_variable_signature(self._schema, definition)
            if isinstance(signature, GraphQLError):
                return None
            source, coerce = VariableValueSource(signature), self._coercion(signature.type)
            compiled.append((signature.name, source, coerce, coerce_default_value(signature)))
        return compiled

    def _coercion(self, declared: GraphQLInputType) -> Coerce:
        """The coercion to a type; types of inputs may contain themselves."""
        if isinstance(declared, GraphQLNonNull):
            return _unless_null(self._coercion(declared.of_type))
        if isinstance(declared, GraphQLList):
            coerce_item = self._coercion(declared.of_type)
            return lambda value: None if value is None else [coerce_item(item) for item in _list(value)]
        if isinstance(declared, GraphQLInputObjectType):
            if declared not in self._types:
                known = _Input(declared)
                self._types[declared] = known
                for name, field in declared.fields.items():
                    default = MISSING if is_required_input_field(field) else coerce_default_value(field)
                    known.fields.append((name, field.out_name or name, self._coercion(field.type), default))
            return self._types[declared]
        coerce: Coerce = declared.coerce_input_value
        return lambda value: None if value is None else _defined(coerce(value))


class _Input:
    """Coerces the objects of an input type."""

    def __init__(self, declared: GraphQLInputObjectType) -> None:
        self._declared = declared
        self.fields: list[tuple[str, str, Coerce, Any]] = []

    def __call__(self, value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not dict or self._declared.is_one_of:
            raise _Unusual
        coerced: dict[str, Any] = {}
        given = 0
        for name, out_name, coerce, default in self.fields:
            if name in value:
                given += 1
                coerced[out_name] = coerce(value[name])
            elif default is MISSING:
                raise _Unusual
            elif default is not Undefined:
                coerced[out_name] = default
        if given != len(value):
            raise _Unusual
        return self._declared.out_type(coerced)


def _unless_null(coerce: Coerce) -> Coerce:
    def coerced(value: Any) -> Any:
        if value is None:
            raise _Unusual
        return coerce(value)

    return coerced


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise _Unusual
    return value


def _defined(value: Any) -> Any:
    if value is Undefined:
        raise _Unusual
    return value
