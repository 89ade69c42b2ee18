"""The rules of the schema: each violation is found, and the toy shop and the real schema have none."""

from uuid import UUID

import pytest
import strawberry
from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLScalarType

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.audit import findings, functions, repeating, undescribed, unguarded, vague
from gateway.graphql.core.context import Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import AUTHENTICATED, OWNER, PUBLIC, Guard, computed, query, requires, subscription
from gateway.graphql.core.guards import Authenticated, Public, Requires
from gateway.graphql.core.schema import Roots, Schema, build_schema, domain_roots
from gateway.live.channels import Channel
from gateway.live.stream import LiveEvent
from tests.gateway.toy_shop import ToyMutation, ToyQuery, ToySubscription

READS_PRODUCTS = requires(PermissionResource.PRODUCTS, PermissionAction.READ)
READS_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.READ)


@strawberry.type
class Careless:
    name: str

    @computed
    async def awaited(self) -> str:
        """Computed with I/O."""
        return ""

    maker_name: str = strawberry.field(description="Whose name the maker has.")
    stock: int = strawberry.field(description="The units that are free to sell.")
    code: str = strawberry.field(description="Its own code.")
    size: str = strawberry.field(description="The  item\nitself.")

    @strawberry.field(description="A function.")  # type: ignore[untyped-decorator] # what the rule forbids
    def function(self, number: int) -> str:
        return str(number)


@strawberry.type
class CarelessQuery:
    @strawberry.field
    def bare(self) -> Careless:
        return Careless(name="", maker_name="", stock=0, code="", size="")

    @query(Guard())
    async def unguarded(self, info: Info) -> str:
        """Guarded by nothing."""
        return ""

    @query(PUBLIC)
    async def fine(self, info: Info) -> str:
        """Fine."""
        return ""


@strawberry.type
class CarelessSubscription:
    @subscription(Guard(), channel=Channel("careless", {}))
    async def unguarded(self, info: Info, event: LiveEvent) -> str | None:
        """Guarded by nothing either."""
        return ""


def test_each_violation_of_a_schema_rule_is_found() -> None:
    schema = build_schema([CarelessQuery], [], [CarelessSubscription]).graphql
    assert sorted(undescribed(schema)) == ["Careless", "Careless.function(number:)", "Careless.name", "Query.bare"]
    assert sorted(repeating(schema)) == [
        "Careless.code",
        "Careless.function",
        "Careless.makerName",
        "Query.fine",
    ]
    assert sorted(vague(schema)) == ["Careless.code", "Careless.function", "Careless.size", "Query.fine"]
    assert sorted(unguarded(schema)) == ["Query.bare", "Query.unguarded", "Subscription.unguarded"]
    assert sorted(functions(schema)) == ["Careless.awaited", "Careless.function"]


@pytest.mark.parametrize("roots", [Roots([ToyQuery], [ToyMutation], [ToySubscription]), domain_roots()])
def test_the_schema_violates_no_rule(roots: Roots) -> None:
    assert list(findings(build_schema(*roots).graphql)) == []


def test_connections_and_edges_are_described_with_the_noun_of_the_listed_type() -> None:
    types = build_schema().graphql.type_map
    connections = {name: kind for name, kind in types.items() if name.endswith(("Connection", "Edge"))}
    described = [
        text
        for kind in connections.values()
        if isinstance(kind, GraphQLObjectType)
        for text in (kind.description, *(field.description for field in kind.fields.values()))
    ]
    assert len(connections) > 20
    assert [text for text in described if text is None or "{" in text] == []
    assert types["CompanyEdge"].description == "One of the listed companies, with its cursor."
    assert types["AddressEdge"].description == "One of the listed addresses, with its cursor."
    assert types["StockMovementEdge"].description == "One of the listed stock movements, with its cursor."


def test_permissions_are_declared_in_the_sdl(schema: Schema) -> None:
    sdl = schema.sdl()
    assert '@requires(anyOf: ["PRODUCTS:UPDATE"], orOwner: true)' in sdl
    assert "me: String @authenticated" in sdl
    assert "slow: String @public" in sdl
    assert "= null" not in sdl


def test_every_root_field_is_nullable() -> None:
    roots = [build_schema().graphql.query_type, build_schema().graphql.mutation_type]
    fields = [(root.name, name, field.type) for root in roots if root for name, field in root.fields.items()]
    assert len(fields) > 100
    assert [(root, name) for root, name, kind in fields if isinstance(kind, GraphQLNonNull)] == []


def test_the_root_types_are_described(schema: Schema) -> None:
    roots = (schema.graphql.query_type, schema.graphql.mutation_type)
    assert [bool(root and root.description) for root in roots] == [True, True]


def test_one_directive_declares_permissions(schema: Schema) -> None:
    sdl = schema.sdl()
    assert sdl.count("directive @requires(") == 1


def test_an_enum_member_without_a_description_is_refused() -> None:
    with pytest.raises(ValueError, match="PermissionAction: no description for READ"):
        describe(PermissionAction, "", {member: "x" for member in PermissionAction if member.name != "READ"})


@pytest.mark.parametrize(
    ("guard", "shown"),
    [
        (PUBLIC, Public()),
        (AUTHENTICATED, Authenticated()),
        (OWNER, Authenticated()),
        (READS_PRODUCTS, Requires(any_of=["PRODUCTS:READ"])),
        (READS_PRODUCTS | READS_ORDERS, Requires(any_of=["PRODUCTS:READ", "ORDERS:READ"])),
        (READS_ORDERS | OWNER, Requires(any_of=["ORDERS:READ"], or_owner=True)),
        (READS_ORDERS | OWNER | PUBLIC, Requires(any_of=["ORDERS:READ"], or_owner=True, or_guest=True)),
        (Guard(), None),
    ],
)
def test_a_guard_is_one_directive(guard: Guard, shown: object) -> None:
    assert guard.directive() == shown


def test_ids_are_of_the_type_id_and_resolvers_receive_uuids() -> None:
    schema = build_schema()
    assert "scalar UUID" not in schema.sdl()
    assert "scalar ID" not in schema.sdl()
    given = "0198C5A2-7D1E-7C43-9F5A-3B1D5E6F7A8B"
    scalar = schema.graphql.type_map["ID"]
    assert isinstance(scalar, GraphQLScalarType)
    assert scalar.coerce_input_value(given) == UUID(given)
