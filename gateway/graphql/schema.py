"""Merges the domains' Query and Mutation types into the one schema; `python -m gateway.graphql.schema` prints it."""

import sys
from collections.abc import Iterator, Sequence

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from gateway.graphql.auth.mutations import AuthMutation
from gateway.graphql.auth.queries import AuthQuery
from gateway.graphql.company.mutations import CompanyMutation
from gateway.graphql.company.queries import CompanyQuery
from gateway.graphql.problems import typed_errors
from gateway.graphql.role.mutations import RoleMutation
from gateway.graphql.role.queries import RoleQuery
from gateway.graphql.scalars import SCALARS

DOMAIN_QUERIES: list[type] = [AuthQuery, CompanyQuery, RoleQuery]
DOMAIN_MUTATIONS: list[type] = [AuthMutation, CompanyMutation, RoleMutation]
HEADER = "# Made by `python -m gateway.graphql.schema`; do not edit.\n\n"


class Schema:
    """The schema as Strawberry builds it, and as graphql-core executes it."""

    def __init__(self, strawberry_schema: strawberry.Schema) -> None:
        self.strawberry = strawberry_schema
        self.graphql: GraphQLSchema = strawberry_schema._schema  # noqa: SLF001 - it is what Strawberry executes itself

    def sdl(self) -> str:
        """The schema definition language, descriptions and permissions included."""
        return HEADER + self.strawberry.as_str() + "\n"


def build_schema(
    queries: Sequence[type] | None = None, mutations: Sequence[type] | None = None, *, suggestions: bool = True
) -> Schema:
    """The schema of these types, by default of all domains."""
    queries = DOMAIN_QUERIES if queries is None else queries
    mutations = DOMAIN_MUTATIONS if mutations is None else mutations
    return Schema(
        strawberry.Schema(
            query=merge_types("Query", tuple(queries)),
            mutation=merge_types("Mutation", tuple(mutations)) if mutations else None,
            types=typed_errors(),
            config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not suggestions, sort_schema=True),
        )
    )


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """The coordinates of every type, field, argument, input field and enum member without a description."""
    for name, kind in schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        if not kind.description and kind not in (schema.query_type, schema.mutation_type):
            yield name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{name}.{value}" for value, member in kind.values.items() if not member.description)
        elif isinstance(kind, GraphQLInputObjectType):
            yield from (f"{name}.{field}" for field, value in kind.fields.items() if not value.description)
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, definition in kind.fields.items():
                if not definition.description:
                    yield f"{name}.{field}"
                yield from (
                    f"{name}.{field}({arg}:)" for arg, value in definition.args.items() if not value.description
                )


def main() -> int:
    """Print the SDL; fail, naming them, when something has no description."""
    schema = build_schema()
    sys.stdout.write(schema.sdl())
    missing = list(undescribed(schema.graphql))
    for coordinate in missing:
        sys.stderr.write(f"no description: {coordinate}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
