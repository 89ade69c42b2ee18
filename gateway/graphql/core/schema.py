"""Merges the root types of the domains into one schema; `python -m gateway.graphql.core.schema` prints it."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import strawberry
from graphql import GraphQLSchema, Undefined
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition

from gateway.graphql.core.audit import findings
from gateway.graphql.core.error_codes import fill_error_codes
from gateway.graphql.core.errors import typed_errors
from gateway.graphql.core.nodes import AnyNodeType, node_query
from gateway.graphql.core.pagination import name_items
from gateway.graphql.core.scalars import PRINTED_SCALARS, SCALARS
from gateway.graphql.engine.input_coercion import compile_inputs
from gateway.live.channels import Channel
from gateway.services import Services, domains_of

HEADER = "# Made by `make generate`; do not edit.\n\n"
# Strawberry prints the definition of this directive of the specification without a description.
ONE_OF = "directive @oneOf on INPUT_OBJECT"
ONE_OF_DESCRIPTION = "Exactly one of the fields of the input is given, and it is not null."
COMMITTED = Path(__file__).parents[1] / "schema.graphql"
READS = "Queries. A refused field is null, and `errors` has the reason."
WRITES = "Mutations, which run one after another. A refused one is null, and the others still run."
STREAMS = (
    "Subscriptions, each of one field, over a WebSocket (`graphql-transport-ws`) or as server-sent events "
    "(`Accept: text/event-stream`). Each result has an `extensions.eventId`: a subscription that has it as "
    "`extensions.lastEventId` begins with what followed. A result with `extensions.missed` is null: events were "
    "missed, fetch again what you show. Presence is no event: its results are the state from now on, without an id."
)


class Roots(NamedTuple):
    """The classes whose fields are those of Query, Mutation and Subscription."""

    queries: Sequence[type]
    mutations: Sequence[type] = ()
    subscriptions: Sequence[type] = ()


def domain_roots(services: type[Services] = Services) -> Roots:
    """The root classes of the listed domains, with `node` over the types that they declare."""
    modules = list(_modules(services))
    queries = [query for module in modules for query in module.QUERIES]
    mutations = [mutation for module in modules for mutation in module.MUTATIONS]
    subscriptions = [each for module in modules for each in getattr(module, "SUBSCRIPTIONS", ())]
    return Roots([*queries, node_query(domain_nodes(services))], mutations, subscriptions)


def channels_of(subscriptions: Iterable[type]) -> list[Channel]:
    """The channels of events of the subscriptions in these classes, each once."""
    fields = (field for each in subscriptions for field in get_object_definition(each, strict=True).fields)
    channels = dict.fromkeys(field.metadata["channel"] for field in fields)
    return [channel for channel in channels if isinstance(channel, Channel)]


def domain_nodes(services: type[Services] = Services) -> list[AnyNodeType]:
    """The types of the listed domains that `node` finds."""
    return [node_type for module in _modules(services) for node_type in getattr(module, "NODES", ())]


def _modules(services: type[Services]) -> Iterator[ModuleType]:
    """The parts of the schema from the listed domains: their `gateway.graphql.<domain>.schema`."""
    for name in domains_of(services):
        if _has_fields(name):
            yield import_module(f"gateway.graphql.{name}.schema")


def _has_fields(name: str) -> bool:
    folder = f"gateway.graphql.{name}"
    return find_spec(folder) is not None and find_spec(f"{folder}.schema") is not None


class Schema:
    """The schema of Strawberry, and that of graphql-core."""

    def __init__(self, strawberry_schema: strawberry.Schema, in_order: Callable[[], strawberry.Schema]) -> None:
        self.strawberry = strawberry_schema
        self._in_order = in_order
        self.graphql: GraphQLSchema = strawberry_schema._schema  # noqa: SLF001 - it is what Strawberry executes itself

    def sdl(self) -> str:
        """The schema definition language, descriptions and permissions included."""
        text = self._in_order().as_str().replace(ONE_OF, f'"""{ONE_OF_DESCRIPTION}"""\n{ONE_OF}')
        return f"{HEADER}{text}\n"


def build_schema(
    queries: Sequence[type] | None = None,
    mutations: Sequence[type] = (),
    subscriptions: Sequence[type] = (),
    *,
    suggestions: bool = True,
) -> Schema:
    """The schema of these types, by default of all domains."""
    roots = domain_roots() if queries is None else Roots(queries, mutations, subscriptions)
    fill_error_codes()
    query = _root("Query", roots.queries, READS)
    mutation = _root("Mutation", roots.mutations, WRITES) if roots.mutations else None
    subscription = _root("Subscription", roots.subscriptions, STREAMS) if roots.subscriptions else None

    def build(*, in_order: bool) -> strawberry.Schema:
        scalars = PRINTED_SCALARS if in_order else SCALARS
        config = StrawberryConfig(scalar_map=scalars, disable_field_suggestions=not suggestions, sort_schema=in_order)
        schema = strawberry.Schema(
            query=query, mutation=mutation, subscription=subscription, types=typed_errors(), config=config
        )
        compile_inputs(_definitions(schema), config)
        name_items(schema._schema)  # noqa: SLF001 - it is what Strawberry executes and prints itself
        return _without_null_defaults(schema)

    # A sorted schema is for printing only: graphql-core replaces Strawberry's enum types by plain ones when it
    # sorts, whose arguments would be strings instead of members.
    return Schema(build(in_order=False), lambda: build(in_order=True))


def _root(name: str, types: Sequence[type], description: str) -> type:
    merged = merge_types(name, tuple(types))
    get_object_definition(merged, strict=True).description = description
    return merged


def _definitions(schema: strawberry.Schema) -> Iterator[StrawberryObjectDefinition]:
    for concrete in schema.schema_converter.type_map.values():
        if isinstance(concrete.definition, StrawberryObjectDefinition):
            yield concrete.definition


def _without_null_defaults(schema: strawberry.Schema) -> strawberry.Schema:
    """The schema without the default null of optional arguments."""
    for kind in schema._schema.type_map.values():  # noqa: SLF001 - it is what Strawberry executes and prints itself
        for field in getattr(kind, "fields", {}).values():
            for value in (field, *getattr(field, "args", {}).values()):
                if getattr(value, "default_value", Undefined) is None:
                    value.default_value = Undefined
    return schema


def main() -> int:
    """Print the SDL, or write or check the committed one; fail when the schema violates a rule of the audit."""
    parser = argparse.ArgumentParser(description="The GraphQL schema as SDL.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--write", action="store_true", help=f"write {COMMITTED.name}")
    mode.add_argument("--check", action="store_true", help=f"fail when {COMMITTED.name} is stale")
    arguments = parser.parse_args()
    schema = build_schema()
    violations = list(findings(schema.graphql))
    if arguments.write:
        COMMITTED.write_text(schema.sdl())
    elif arguments.check:
        violations += (
            [] if COMMITTED.read_text() == schema.sdl() else [f"{COMMITTED.name} is stale: run `make generate`."]
        )
    else:
        sys.stdout.write(schema.sdl())
    sys.stderr.writelines(f"{finding}\n" for finding in violations)
    return 1 if violations else 0


if __name__ == "__main__":
    raise SystemExit(main())
