"""Merges the domains' Query and Mutation types into one schema; `python -m gateway.graphql.core.schema` prints it."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import strawberry
from graphql import GraphQLSchema, Undefined
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition

from gateway.graphql.core.audit import findings
from gateway.graphql.core.error_codes import fill_error_codes
from gateway.graphql.core.errors import typed_errors
from gateway.graphql.core.nodes import AnyNodeType, node_query
from gateway.graphql.core.scalars import PRINTED_SCALARS, SCALARS
from gateway.graphql.engine.input_coercion import make_inputs_directly
from gateway.services import Services, domains_of

HEADER = "# Made by `make generate`; do not edit.\n\n"
COMMITTED = Path(__file__).parents[1] / "schema.graphql"


def domain_roots(services: type[Services] = Services) -> tuple[list[type], list[type]]:
    """The query and mutation classes of the listed domains, with `node` over the types that they declare."""
    modules = list(_modules(services))
    queries = [each for module in modules for each in module.QUERIES]
    mutations = [each for module in modules for each in module.MUTATIONS]
    return [*queries, node_query(domain_nodes(services))], mutations


def domain_nodes(services: type[Services] = Services) -> list[AnyNodeType]:
    """The types of the listed domains that `node` finds."""
    return [each for module in _modules(services) for each in getattr(module, "NODES", ())]


def _modules(services: type[Services]) -> Iterator[ModuleType]:
    """What the listed domains contribute to the schema: their `gateway.graphql.<domain>.schema`."""
    for name in domains_of(services):
        if _has_fields(name):
            yield import_module(f"gateway.graphql.{name}.schema")


def _has_fields(name: str) -> bool:
    folder = f"gateway.graphql.{name}"
    return find_spec(folder) is not None and find_spec(f"{folder}.schema") is not None


class Schema:
    """The schema as Strawberry builds it, and as graphql-core executes it."""

    def __init__(self, strawberry_schema: strawberry.Schema, in_order: Callable[[], strawberry.Schema]) -> None:
        self.strawberry = strawberry_schema
        self._in_order = in_order
        self.graphql: GraphQLSchema = strawberry_schema._schema  # noqa: SLF001 - it is what Strawberry executes itself

    def sdl(self) -> str:
        """The schema definition language, descriptions and permissions included."""
        return HEADER + self._in_order().as_str() + "\n"


def build_schema(
    queries: Sequence[type] | None = None, mutations: Sequence[type] | None = None, *, suggestions: bool = True
) -> Schema:
    """The schema of these types, by default of all domains."""
    if queries is None or mutations is None:
        queries, mutations = domain_roots()
    fill_error_codes()
    reads = "What can be read. A field that is refused is null, and `errors` says why."
    writes = "What can be changed, one field after the other. One that is refused is null and stops no other."
    query = _root("Query", queries, reads)
    mutation = _root("Mutation", mutations, writes) if mutations else None

    def build(*, in_order: bool) -> strawberry.Schema:
        scalars = PRINTED_SCALARS if in_order else SCALARS
        config = StrawberryConfig(scalar_map=scalars, disable_field_suggestions=not suggestions, sort_schema=in_order)
        schema = strawberry.Schema(query=query, mutation=mutation, types=typed_errors(), config=config)
        make_inputs_directly(_definitions(schema), config)
        return _sparing(schema)

    # A sorted schema is for printing only: graphql-core sorts by making plain enum types of Strawberry's, whose
    # arguments would reach resolvers as strings instead of members.
    return Schema(build(in_order=False), lambda: build(in_order=True))


def _root(name: str, types: Sequence[type], description: str) -> type:
    merged = merge_types(name, tuple(types))
    get_object_definition(merged, strict=True).description = description
    return merged


def _definitions(schema: strawberry.Schema) -> Iterator[StrawberryObjectDefinition]:
    for concrete in schema.schema_converter.type_map.values():
        if isinstance(concrete.definition, StrawberryObjectDefinition):
            yield concrete.definition


def _sparing(schema: strawberry.Schema) -> strawberry.Schema:
    """The schema without defaults of null, which every optional argument would have."""
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
    asked = parser.parse_args()
    schema = build_schema()
    broken = list(findings(schema.graphql))
    if asked.write:
        COMMITTED.write_text(schema.sdl())
    elif asked.check:
        broken += (
            [] if COMMITTED.read_text() == schema.sdl() else [f"{COMMITTED.name} is stale: run `make generate`."]
        )
    else:
        sys.stdout.write(schema.sdl())
    sys.stderr.writelines(f"{finding}\n" for finding in broken)
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
