"""The rules of the schema: each is broken on purpose once, and kept by the toy shop and by the real schema."""

import pytest
import strawberry
from graphql import GraphQLNonNull

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.audit import findings, functions, undescribed, unguarded
from gateway.graphql.core.context import Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import PUBLIC, Guard, computed, query, requires
from gateway.graphql.core.schema import Schema, build_schema, domain_roots
from tests.gateway.toy_shop import ToyMutation, ToyQuery


@strawberry.type
class Careless:
    name: str

    @computed
    async def awaited(self) -> str:
        """Computed with I/O."""
        return ""

    @strawberry.field(description="A function.")  # type: ignore[untyped-decorator] # what the rule forbids
    def function(self, number: int) -> str:
        return str(number)


@strawberry.type
class CarelessQuery:
    @strawberry.field
    def bare(self) -> Careless:
        return Careless(name="")

    @query(Guard())
    async def nobody(self, info: Info) -> str:
        """Guarded by nothing."""
        return ""

    @query(PUBLIC)
    async def fine(self, info: Info) -> str:
        """Fine."""
        return ""


def test_each_breach_of_a_rule_is_found() -> None:
    schema = build_schema([CarelessQuery], []).graphql
    assert sorted(undescribed(schema)) == ["Careless", "Careless.function(number:)", "Careless.name", "Query.bare"]
    assert sorted(unguarded(schema)) == ["Query.bare", "Query.nobody"]
    assert sorted(functions(schema)) == ["Careless.awaited", "Careless.function"]


@pytest.mark.parametrize(("queries", "mutations"), [([ToyQuery], [ToyMutation]), domain_roots()])
def test_the_schema_keeps_every_rule(queries: list[type], mutations: list[type]) -> None:
    assert list(findings(build_schema(queries, mutations).graphql)) == []


def test_permissions_show_in_the_sdl(schema: Schema) -> None:
    sdl = schema.sdl()
    assert "@requiresPermission(action: UPDATE, resource: PRODUCTS) @owner" in sdl
    assert "me: String @authenticated" in sdl
    assert "slow: String @public" in sdl
    assert "= null" not in sdl


def test_every_root_field_may_be_null_so_that_one_that_is_refused_takes_no_other_with_it() -> None:
    roots = [build_schema().graphql.query_type, build_schema().graphql.mutation_type]
    fields = [(root.name, name, field.type) for root in roots if root for name, field in root.fields.items()]
    assert len(fields) > 100
    assert [(root, name) for root, name, kind in fields if isinstance(kind, GraphQLNonNull)] == []


def test_the_roots_are_described(schema: Schema) -> None:
    roots = (schema.graphql.query_type, schema.graphql.mutation_type)
    assert [bool(root and root.description) for root in roots] == [True, True]


def test_one_directive_declares_permissions(schema: Schema) -> None:
    sdl = schema.sdl()
    assert sdl.count("directive @requiresPermission(") == 1


def test_an_enum_member_without_a_description_is_refused() -> None:
    with pytest.raises(ValueError, match="PermissionAction: no description for READ"):
        describe(PermissionAction, "", {member: "x" for member in PermissionAction if member.name != "READ"})


def test_guards_add_up() -> None:
    products = requires(PermissionResource.PRODUCTS, PermissionAction.READ)
    either = products | requires(PermissionResource.ORDERS, PermissionAction.READ) | PUBLIC
    assert [type(shown).__name__ for shown in either.directives()] == [
        "RequiresPermission",
        "RequiresPermission",
        "Public",
    ]
