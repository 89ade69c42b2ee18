"""Relay's compiler, graphql-codegen, TypeScript and graphql-eslint accept the SDL and the documents of clients."""

import re

import orjson
import pytest

from domains.role.models import SystemRole
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.operations.allow_list import AllowList
from gateway.operations.checks import OperationsCheck
from gateway.operations.document_ids import document_id
from tests.clients.test_documents import SCHEMA, cost_of, operations_of
from tests.clients.test_purchase import stocked_product
from tests.clients.toolchain import PROJECT, Workspace
from tests.gateway.site import Site

pytestmark = pytest.mark.clients
LINT = ("eslint", "--max-warnings", "0", ".")
CODEGEN = ("graphql-codegen", "--config", "codegen.yml")
TYPES = ("tsc", "--project", ".")
RELAY = ("relay-compiler", "--noWatchman", "relay.config.json")


def accepted(workspace: Workspace, command: tuple[str, ...]) -> str:
    done = workspace.run(*command)
    assert done.returncode == 0, done.stdout
    return done.stdout


def refused(workspace: Workspace, command: tuple[str, ...]) -> str:
    done = workspace.run(*command)
    assert done.returncode != 0, done.stdout
    return done.stdout


def texts(workspace: Workspace) -> dict[str, str]:
    """What Relay sends for each operation that it has compiled, by the operation's name."""
    stored = orjson.loads((workspace.folder / "queries.json").read_bytes())
    return {re.split(r"\W", text)[1]: text for text in stored.values()}


def test_the_schema_and_the_documents_pass_the_lint(workspace: Workspace) -> None:
    done = workspace.run(*LINT)
    assert (done.stdout, done.returncode) == ("", 0)


def test_codegen_generates_types_with_which_a_purchase_and_subscriptions_compile(workspace: Workspace) -> None:
    accepted(workspace, CODEGEN)
    made = (workspace.folder / "generated" / "graphql.ts").read_text()
    assert {
        name for name in operations_of(PROJECT / "documents") if f"export const {name}Document " not in made
    } == set()
    accepted(workspace, TYPES)


async def test_relay_compiles_every_document_to_operations_the_gateway_accepts(workspace: Workspace) -> None:
    accepted(workspace, RELAY)
    source = "".join(path.read_text() for path in sorted((PROJECT / "relay").glob("*.ts")))
    named = re.findall(r"^ +(?:query|mutation|fragment) (\w+)", source, re.MULTILINE)
    refetched = re.findall(r'@refetchable\(queryName: "(\w+)"', source)
    made = {path.name.partition(".")[0] for path in (workspace.folder / "relay" / "__generated__").iterdir()}
    assert made == {*named, *refetched}
    fragments = re.findall(r"^ +fragment (\w+)", source, re.MULTILINE)
    sent = texts(workspace)
    assert sent.keys() == made - set(fragments)
    assert max([await cost_of(text) for text in sent.values()]) <= GraphQLLimits().cost


@pytest.mark.parametrize(
    ("command", "manifest"), [(CODEGEN, "generated/persisted-documents.json"), (RELAY, "queries.json")]
)
async def test_the_manifest_of_a_tool_is_a_list_of_allowed_operations(
    workspace: Workspace, command: tuple[str, ...], manifest: str
) -> None:
    accepted(workspace, command)
    file = workspace.folder / manifest
    checked = await OperationsCheck(SCHEMA, GraphQLLimits()).files([file])
    assert [(each.name, each.problems) for each in checked if each.problems] == []
    allowed = AllowList.read([file])
    assert allowed is not None
    listed = orjson.loads(file.read_bytes())
    assert len(allowed) == len(checked) == len(listed)
    assert [allowed.text(None, document_id(each)) for each in listed] == list(listed.values())


async def test_relay_paginates_reviews_by_the_id_of_the_product(workspace: Workspace, site: Site) -> None:
    accepted(workspace, RELAY)
    relay = texts(workspace)
    product = await stocked_product(site, await site.token(SystemRole.ADMIN))
    written = []
    for rating in (3, 5):
        create, author = relay["ProductPageReviewCreateMutation"], await site.token()
        written.append((await site.do(create, author, productId=product["id"], rating=rating))["review"]["id"])
    read, after = [], None
    for has_next in (True, False):
        page = await site.value(relay["ProductPageReviewsQuery"], id=product["id"], first=1, after=after)
        (edge,) = page["reviews"]["edges"]
        read.append(edge["node"]["id"])
        after = page["reviews"]["pageInfo"]["endCursor"]
        assert page["reviews"]["pageInfo"]["hasNextPage"] is has_next
    assert sorted(read) == sorted(written)


def test_the_lint_refuses_a_field_without_a_description(workspace: Workspace) -> None:
    workspace.replace("schema.graphql", "type Query {", "type Query {\n  heaviest: Int")
    assert 'Description is required for field "heaviest"' in refused(workspace, LINT)


def test_codegen_refuses_a_field_that_the_schema_lacks(workspace: Workspace) -> None:
    workspace.replace("documents/storefront.graphql", "totalCount", "totalSum")
    assert 'Cannot query field "totalSum"' in refused(workspace, CODEGEN)


def test_codegen_refuses_a_scalar_that_the_configuration_lacks(workspace: Workspace) -> None:
    workspace.replace("schema.graphql", "type Query {", "scalar Weight\n\ntype Query {\n  heaviest: Weight")
    assert "Unknown scalar type Weight" in refused(workspace, CODEGEN)


def test_typescript_refuses_an_enum_member_that_the_schema_lacks(workspace: Workspace) -> None:
    workspace.replace("purchase.ts", '"CARD"', '"CHEQUE"')
    accepted(workspace, CODEGEN)
    assert '"CHEQUE"' in refused(workspace, TYPES)


def test_typescript_refuses_a_subscription_that_ignores_missed_events(workspace: Workspace) -> None:
    workspace.replace("subscriptions.ts", "    if (!stockChanged) return refetch();\n", "")
    accepted(workspace, CODEGEN)
    assert "'stockChanged' is possibly 'null'" in refused(workspace, TYPES)


def test_relay_refuses_a_field_that_the_schema_lacks(workspace: Workspace) -> None:
    workspace.replace("relay/Catalogue.ts", "totalCount", "totalSum")
    assert "has no field `totalSum`" in refused(workspace, RELAY)
