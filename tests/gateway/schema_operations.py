"""Every operation of the schema with generated valid arguments, or with one of them replaced."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from strawberry.types.base import StrawberryObjectDefinition

from domains.kernel.ids import new_id
from gateway.graphql.engine.plan import BACKREF

# What a value of a scalar looks like, and what fields of these names want instead.
BY_TYPE: Mapping[str, Any] = {
    "String": "words",
    "Secret": "4242424242424242",
    "Int": 3,
    "Boolean": True,
    "Decimal": "5",
    "CurrencyCode": "EUR",
    "JSON": {},
    "ID": "01a1fc47-b5c1-777d-9937-e80528842f8b",
    "Date": "2026-11-21",
    "DateTime": "2026-11-21T12:00:00Z",
}
BY_NAME: Mapping[str, Any] = {
    "after": None,
    "before": None,
    "last": None,
    "country": "DE",
    "everywhere": False,
    "isRequired": False,
    "mine": False,
    "email": "somebody@example.com",
    "newEmail": "somebody-else@example.com",
    "slug": "a-slug",
    "code": "123456",
    "priority": 1,
    "phone": "+49 30 1234567",
    "minRating": "3",
    "url": "https://example.com/a.jpg",
    "orderNumberPattern": "{year}-{number:06}",
    "taxRate": "0.19",
    "options": [],
    "type": None,
}
Substitute = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """A field of the root, as an operation that can be sent."""

    name: str
    kind: str
    field: GraphQLField

    @property
    def text(self) -> str:
        """The operation's text, its arguments as variables."""
        declared = ", ".join(f"${name}: {argument.type}" for name, argument in self.field.args.items())
        passed = ", ".join(f"{name}: ${name}" for name in self.field.args)
        return (
            f"{self.kind}{f' ({declared})' if declared else ''} "
            f"{{ {self.name}{f'({passed})' if passed else ''} {selection(self.field.type)} }}"
        )

    def paths(self) -> list[tuple[tuple[str, ...], Any]]:
        """Every leaf of the arguments: where it stands, and its type."""
        found: list[tuple[tuple[str, ...], Any]] = []
        for name, argument in self.field.args.items():
            found += leaves((name,), argument.type, frozenset())
        return found

    def lists(self) -> list[tuple[str, ...]]:
        """Where a list stands in the arguments."""
        found: list[tuple[str, ...]] = []
        for name, argument in self.field.args.items():
            found += _lists((name,), argument.type, frozenset())
        return found

    def variables(self, substitute: Substitute = lambda _name, _type: None, *, whole: bool = False) -> dict[str, Any]:
        """Variables that the types allow: the required ones, or with `whole` all; `substitute` may give others."""
        made = {
            name: value_of(name, argument.type, substitute, whole=whole) for name, argument in self.field.args.items()
        }
        return {name: value for name, value in made.items() if value is not None}

    def takes(self, type_name: str) -> bool:
        """Whether a value of this type is anywhere in the arguments."""
        return any(get_named_type(kind).name == type_name for _, kind in self.paths())


def operations(schema: GraphQLSchema) -> list[Operation]:
    """Every field of Query and Mutation."""
    return [*_fields("query", schema.query_type), *_fields("mutation", schema.mutation_type)]


def subscriptions(schema: GraphQLSchema) -> list[Operation]:
    """Every field of Subscription."""
    return _fields("subscription", schema.subscription_type)


def _fields(kind: str, root: GraphQLObjectType | None) -> list[Operation]:
    return [Operation(name, kind, field) for name, field in root.fields.items()] if root else []


def selection(kind: Any) -> str:
    """What to ask of a type: its ids and errors, a page's nodes; nothing that needs arguments."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
        return "{ __typename }"
    parts = ["__typename"]
    if "errors" in named.fields:
        parts.append("errors { code message path }")
    if "nodes" in named.fields:
        parts.append(f"totalCount nodes {selection(named.fields['nodes'].type)}")
    if "id" in named.fields:
        parts.append("id")
    return f"{{ {' '.join(parts)} }}"


def value_of(name: str, kind: Any, substitute: Substitute, *, whole: bool) -> Any:
    """A value for an argument or an input's field; None for one that may be left out, unless `whole`."""
    if isinstance(kind, GraphQLNonNull):
        made = value_of(name, kind.of_type, substitute, whole=True)
        return BY_TYPE.get(str(kind.of_type)) if made is None else made
    given = substitute(name, kind)
    if given is not None or not whole:
        return given
    if name == "idempotencyKey":
        return str(new_id())
    if name in BY_NAME and is_leaf_type(get_named_type(kind)) and not isinstance(kind, GraphQLEnumType):
        return BY_NAME[name]
    return _example(name, kind, substitute)


def is_one_of(kind: GraphQLInputObjectType) -> bool:
    """Whether exactly one field of an input is given; Strawberry does not tell graphql-core."""
    definition: StrawberryObjectDefinition = kind.extensions[BACKREF]
    return definition.is_one_of


def _example(name: str, kind: Any, substitute: Substitute) -> Any:
    if isinstance(kind, GraphQLList):
        item = value_of(name, kind.of_type, substitute, whole=True)
        return None if item is None else [item]
    if isinstance(kind, GraphQLInputObjectType) and is_one_of(kind):
        flags = [each for each, field in kind.fields.items() if get_named_type(field.type).name == "Boolean"]
        given = [each for each, field in kind.fields.items() if substitute(each, field.type) is not None]
        leaf = (given or flags or list(kind.fields))[0]
        return {leaf: value_of(leaf, kind.fields[leaf].type, substitute, whole=True)}
    if isinstance(kind, GraphQLInputObjectType):
        made = {
            each: value_of(each, field.type, substitute, whole=isinstance(field.type, GraphQLNonNull))
            for each, field in kind.fields.items()
        }
        return {each: value for each, value in made.items() if value is not None}
    return next(iter(kind.values)) if isinstance(kind, GraphQLEnumType) else BY_TYPE[kind.name]


def leaves(path: tuple[str, ...], kind: Any, seen: frozenset[str]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The leaves below an argument."""
    named = get_named_type(kind)
    if not isinstance(named, GraphQLInputObjectType):
        yield path, kind
    elif named.name not in seen:
        for name, field in named.fields.items():
            yield from leaves((*path, name), field.type, seen | {named.name})


def _lists(path: tuple[str, ...], kind: Any, seen: frozenset[str]) -> Iterator[tuple[str, ...]]:
    if isinstance(get_nullable_type(kind), GraphQLList):
        yield path
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType) and named.name not in seen:
        for name, field in named.fields.items():
            yield from _lists((*path, name), field.type, seen | {named.name})


def emptied(variables: dict[str, Any], path: tuple[str, ...], kinds: GraphQLField) -> dict[str, Any]:
    """The variables with the list at the path empty; lists on the way are given one item."""
    kind = kinds.args[path[0]].type
    return {**variables, path[0]: _put(variables.get(path[0]), path[1:], kind, [], is_list=True)}


def replaced(variables: dict[str, Any], path: tuple[str, ...], kinds: GraphQLField, value: Any) -> dict[str, Any]:
    """The variables with the leaf at the path replaced; lists on the way are given one item."""
    return {**variables, path[0]: _put(variables.get(path[0]), path[1:], kinds.args[path[0]].type, value)}


def _put(current: Any, path: tuple[str, ...], kind: Any, value: Any, *, is_list: bool = False) -> Any:
    """`current` with the value at the path; `is_list` says that it stands for a list, not for an item of one."""
    if isinstance(kind, GraphQLNonNull):
        return _put(current, path, kind.of_type, value, is_list=is_list)
    if not path and is_list:
        return value
    if isinstance(kind, GraphQLList):
        item = current[0] if isinstance(current, list) and current else None
        return [_put(item, path, kind.of_type, value, is_list=is_list)]
    if not path:
        return value
    fields = kind.fields
    base = current if isinstance(current, dict) else value_of(path[0], kind, lambda _n, _t: None, whole=True)
    others = {} if is_one_of(kind) else base
    return {**others, path[0]: _put(base.get(path[0]), path[1:], fields[path[0]].type, value, is_list=is_list)}
