"""Rules of the schema: descriptions are complete, root fields have guards, other fields are declared as data."""

import re
from collections.abc import Iterator
from inspect import iscoroutinefunction
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)
from strawberry.types.field import StrawberryField

from gateway.graphql.core.guards import Guard
from gateway.graphql.engine.plan import BACKREF

WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words without meaning of their own.
FILLERS: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and are be by for ha have how i in it many of on one or own that the their thi to wa what when where "
        "whether which who whose with",
    )
)
MIN_LENGTH: Final = 15
# Descriptions that fit almost any field, so that they say nothing about one.
EMPTY_PHRASES: Final = frozenset(
    {
        "its name in urls.",
        "one page of a list.",
        "the creation time.",
        "the errors; empty on success.",
        "the fields to change.",
        "the fields of the input.",
        "the item itself.",
        "the items of this page.",
        "the new values.",
        "the time of its creation.",
        "what it is made of.",
        "what to change.",
        "when it was last changed.",
        "when it was made.",
    }
)
DECLARED = {"relation", "page", "computed", "deferred", "guarded"}


def findings(schema: GraphQLSchema) -> Iterator[str]:
    """A message for every violation of a rule, with its schema coordinate."""
    yield from (f"{coordinate} has no description" for coordinate in undescribed(schema))
    yield from (f"{coordinate} has a description that only repeats its name" for coordinate in repeating(schema))
    yield from (f"{coordinate} has a description that says too little" for coordinate in vague(schema))
    yield from (f"{coordinate} declares no guard" for coordinate in unguarded(schema))
    yield from (f"{coordinate} is resolved by a function; declare it as data" for coordinate in functions(schema))


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """Types, fields, arguments, input fields and enum members without a description."""
    return (coordinate for coordinate, description in _descriptions(schema) if not description)


def repeating(schema: GraphQLSchema) -> Iterator[str]:
    """Fields, arguments, input fields and enum members whose description has no word that their names do not have."""
    for coordinate, description in _descriptions(schema):
        is_member = "." in coordinate
        if is_member and description and _words(description) - FILLERS <= _words(coordinate):
            yield coordinate


def vague(schema: GraphQLSchema) -> Iterator[str]:
    """Elements with a description that is very short, or a phrase that fits almost any field."""
    for coordinate, description in _descriptions(schema):
        text = " ".join((description or "").split()).lower()
        if text and (len(text) < MIN_LENGTH or text in EMPTY_PHRASES):
            yield coordinate


def _descriptions(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """The coordinate and the description of each element that can have one."""
    for kind in _own_types(schema):
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{kind.name}.{value}", member.description) for value, member in kind.values.items())
        elif isinstance(kind, GraphQLInputObjectType):
            yield from ((f"{kind.name}.{name}", field.description) for name, field in kind.fields.items())
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, definition in kind.fields.items():
                coordinate = f"{kind.name}.{name}"
                yield coordinate, definition.description
                yield from (
                    (f"{coordinate}({arg}:)", argument.description) for arg, argument in definition.args.items()
                )


def _words(text: str) -> set[str]:
    """The words of a text or a coordinate, in lower case and without the s of a plural."""
    return {word.lower().rstrip("s") for word in WORD.findall(text)}


def unguarded(schema: GraphQLSchema) -> Iterator[str]:
    """Root fields that declare no guard."""
    for root in _roots(schema):
        for name, definition in root.fields.items():
            declared = _declared(definition)
            guard = declared.metadata.get("guard") if declared else None
            if not isinstance(guard, Guard) or guard.directive() is None:
                yield f"{root}.{name}"


def functions(schema: GraphQLSchema) -> Iterator[str]:
    """Fields below the root that are neither attributes nor declared as data, or are computed with I/O."""
    for kind in _own_types(schema):
        if kind in _roots(schema) or not isinstance(kind, GraphQLObjectType):
            continue
        for name, definition in kind.fields.items():
            declared = _declared(definition)
            if declared is None or declared.is_basic_field:
                continue
            if not DECLARED & declared.metadata.keys() or iscoroutinefunction(declared.metadata.get("computed")):
                yield f"{kind.name}.{name}"


def _roots(schema: GraphQLSchema) -> list[GraphQLObjectType]:
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return [root for root in roots if root is not None]


def _own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    for kind in schema.type_map.values():
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind):
            yield kind


def _declared(definition: GraphQLField) -> StrawberryField | None:
    declared: StrawberryField | None = definition.extensions.get(BACKREF)
    return declared
