"""Conversion of arguments and input objects: it is compiled once for each field and each input type.

Strawberry calls `from_input` of a type's definition if there is one. Otherwise it inspects every type again for each
value, which took a twelfth of the time of a mutation.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING
from typing import Any, Final, TypeAlias

import strawberry
from graphql import GraphQLField, GraphQLResolveInfo
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import InputContext, StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryMaybe, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

Convert: TypeAlias = Callable[[Any, InputContext], Any]
CONTEXT: Final = InputContext(None, StrawberryConfig(), {}, ())  # no conversion here uses it


def direct_resolver(definition: GraphQLField, declared: StrawberryField) -> Callable[..., Any] | None:
    """Calls the declared function of a field with its arguments as Strawberry does, by conversions that are compiled.

    None for a field that Strawberry must call: one with extensions, such as permissions, or other special parameters.
    """
    declared_resolver = declared.base_resolver
    if declared_resolver is None or declared.extensions:
        return None
    if declared_resolver.parent_parameter or declared_resolver.root_parameter:
        return None
    conversions: list[tuple[str, str, Convert | None]] = []
    for name, argument in definition.args.items():
        declared_argument: StrawberryArgument = argument.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        if isinstance(declared_argument.type, StrawberryMaybe):
            return None
        conversions.append((name, declared_argument.python_name, _convert_to(declared_argument.type)))
    function: Any = declared_resolver.wrapped_func
    info_parameter = declared_resolver.info_parameter
    takes_self = declared_resolver.self_parameter is not None

    def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        converted: dict[str, Any] = {}
        for name, python_name, convert in conversions:
            if name in arguments:
                value = arguments[name]
                converted[python_name] = value if convert is None else convert(value, CONTEXT)
        if info_parameter is not None:
            converted[info_parameter.name] = strawberry.Info(_raw_info=info, _field=declared)
        return function(source, **converted) if takes_self else function(**converted)

    return resolve


def compile_inputs(definitions: Iterable[StrawberryObjectDefinition], config: StrawberryConfig) -> None:
    """Set a compiled conversion on the input types among these."""
    for definition in definitions:
        if definition.is_input:
            definition.from_input = InputFactory(definition, config)


class InputFactory:
    """Builds the values of one input type; its fields are compiled on first use."""

    def __init__(self, definition: StrawberryObjectDefinition, config: StrawberryConfig) -> None:
        self._definition = definition
        self._config = config
        self._fields: list[tuple[str, str, Convert | None]] = []
        self._nulls: dict[str, None] = {}

    def __call__(self, input_type: type, value: Mapping[str, Any], context: InputContext) -> Any:
        """A value of the type; an omitted field without a default is null."""
        if not self._fields:
            self._compile()
        values: dict[str, Any] = dict(self._nulls)
        for name, python_name, convert in self._fields:
            if name in value:
                field_value = value[name]
                values[python_name] = field_value if convert is None else convert(field_value, context)
        return input_type(**values)

    def _compile(self) -> None:
        for field in self._definition.fields:
            if field.default_value is MISSING and field.default_factory is MISSING:
                self._nulls[field.python_name] = None
            declared = field.resolve_type(type_definition=self._definition)
            self._fields.append(
                (self._config.name_converter.from_field(field), field.python_name, _convert_to(declared))
            )


def _convert_to(declared: Any) -> Convert | None:
    """The conversion of a value coerced by graphql-core to this type; None when none is needed."""
    if isinstance(declared, LazyType):
        return _convert_to(declared.resolve_type())
    if isinstance(declared, StrawberryOptional):
        return _convert_to(declared.of_type)
    if isinstance(declared, StrawberryList):
        convert = _convert_to(declared.of_type)
        if convert is None:
            return _unless_absent(lambda value, _: list(value))  # a copy: all requests share the list of the default
        return _unless_absent(lambda value, context: [convert(item, context) for item in value])
    definition = getattr(declared, "__strawberry_definition__", None)
    if isinstance(definition, StrawberryObjectDefinition):
        return _unless_absent(lambda value, context: definition.from_input(declared, value, context))  # type: ignore[misc] # set for all
    return None


def _unless_absent(convert: Convert) -> Convert:
    return lambda value, context: value if value is None or value is strawberry.UNSET else convert(value, context)
