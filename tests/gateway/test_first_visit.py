"""The README's examples on the whole platform: imports, a customer browses, an administrator manages the shop."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from domains.auth.models import NewAccount
from domains.role.models import SystemRole
from gateway.bootstrap import Platform, running
from gateway.infra.migrations import migrate
from gateway.server import application
from gateway.settings import load
from tests.conditions import mailed_code

FIXTURES = Path(__file__).parents[1] / "domains" / "feed" / "fixtures"
PASSWORD = "lamplight on wet slate"
ADMIN, CUSTOMER = "owner@example.com", "visitor@example.com"


@dataclass(slots=True)
class Visitor:
    """A visitor, with a token after login."""

    client: httpx.AsyncClient
    token: str = ""

    async def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        response = await self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        answer = response.json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def do(self, mutation: str, **variables: Any) -> Any:
        """The payload of a mutation without errors."""
        (payload,) = (await self.ask(mutation, **variables)).values()
        assert payload["errors"] == []
        return payload

    async def log_in(self, email: str) -> None:
        login = """mutation ($email: String!, $password: String!) {
          login(input: {email: $email, password: $password}) { auth { accessToken } errors { message } } }"""
        payload = await self.do(login, email=email, password=PASSWORD)
        self.token = payload["auth"]["accessToken"]


@pytest.fixture
async def platform(empty_database: str, tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform on a database of its own, with nothing in it but what the migrations put there."""
    await migrate(empty_database)
    settings = load({}, commerce_home=tmp_path, access_log=False)
    async with running(settings, empty_database) as platform:
        yield platform


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(platform))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


@pytest.fixture
async def administrator(platform: Platform, client: httpx.AsyncClient) -> Visitor:
    """The administrator that `commerce create-admin` creates, logged in, with both product files imported."""
    company = await platform.services.company.default_company(platform.database.reader(None))
    account = NewAccount(email=ADMIN, password=PASSWORD)
    await platform.services.auth.provisioning.create(platform.database, company.id, account, SystemRole.SUPER_ADMIN)
    admin = Visitor(client)
    await admin.log_in(ADMIN)
    for file in sorted(FIXTURES.glob("*.csv")):
        headers = {"authorization": f"Bearer {admin.token}", "content-type": "text/csv"}
        response = await client.post("/import/products", content=file.read_bytes(), headers=headers)
        assert response.status_code == 200, response.text
    return admin


async def test_a_customer_registers_logs_in_browses_filters_and_searches(
    administrator: Visitor, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    visitor = Visitor(client)
    assert administrator.token
    registered = await visitor.do(
        """mutation ($email: String!, $password: String!) {
          register(input: {email: $email, password: $password, firstName: "Vera", lastName: "Field"}) {
            mailSent ticket auth { accessToken } errors { message } } }""",
        email=CUSTOMER,
        password=PASSWORD,
    )
    assert (registered["mailSent"], registered["auth"]) == (True, None)
    code = await mailed_code(tmp_path, CUSTOMER)
    await visitor.do(
        """mutation ($email: String!, $ticket: String!, $code: String!) {
          emailVerify(input: {email: $email, ticket: $ticket, code: $code}) {
            auth { user { email role { code } } } errors { message } } }""",
        email=CUSTOMER,
        ticket=registered["ticket"],
        code=code,
    )
    await visitor.log_in(CUSTOMER)
    assert (await visitor.ask("{ me { email emailVerified } }"))["me"] == {"email": CUSTOMER, "emailVerified": True}

    tree = (await visitor.ask("{ categoryTree { id name } }"))["categoryTree"]
    tableware = next(category["id"] for category in tree if category["name"] == "Tableware")
    page = await visitor.ask(
        """query ($category: ID!) {
          products(filter: {categoryIds: [$category], inStock: true, price: {max: "20"}},
                   sortBy: {field: PRICE, direction: ASC}) {
            totalCount nodes { slug price { amount currency } variants { sku stock } category { name } }
            facets { brands { value count } } } }""",
        category=tableware,
    )
    mug = page["products"]["nodes"][0]
    assert (mug["slug"], mug["price"]) == ("stoneware-mug", {"amount": "14.50", "currency": "EUR"})
    assert {"value": "Kiln Street", "count": page["products"]["totalCount"]} in page["products"]["facets"]["brands"]
    found = await visitor.ask('{ products(search: "stonware") { nodes { slug } } }')
    assert "stoneware-mug" in [node["slug"] for node in found["products"]["nodes"]]


async def test_an_administrator_manages_catalogue_users_and_roles(
    administrator: Visitor, client: httpx.AsyncClient
) -> None:
    admin = administrator
    lamps = (
        await admin.do(
            'mutation { categoryCreate(input: {name: "Lamps"}) { category { id slug } errors { message } } }'
        )
    )["category"]
    made = await admin.do(
        """mutation ($category: ID!) {
          productCreate(input: {name: "Reading lamp", categoryId: $category, basePrice: "49.90", sku: "LAMP-1",
            stock: 5, isActive: true}) { product { slug stock isInStock } errors { message } } }""",
        category=lamps["id"],
    )
    assert (made["product"]["slug"], made["product"]["stock"]) == ("reading-lamp", 5)
    permissions = (await admin.ask("{ permissions(first: 100) { nodes { id resource action } } }"))["permissions"]
    reading = [each["id"] for each in permissions["nodes"] if (each["resource"], each["action"]) == ("USERS", "READ")]
    role = await admin.do(
        """mutation ($ids: [ID!]!) {
          roleCreate(input: {name: "Front desk", priority: 10, permissionIds: $ids}) {
            role { id code } errors { message } } }""",
        ids=reading,
    )
    invited = await admin.do(
        """mutation ($role: ID!) {
          userInvite(input: {email: "desk@example.com", roleId: $role, firstName: "Dee"}) {
            user { id role { code } } errors { message } } }""",
        role=role["role"]["id"],
    )
    assert invited["user"]["role"]["code"] == role["role"]["code"]
    listed = (await admin.ask('{ users(search: "desk") { totalCount nodes { email } } }'))["users"]
    assert listed == {"totalCount": 1, "nodes": [{"email": "desk@example.com"}]}
    response = await client.get("/export/products.csv", headers={"authorization": f"Bearer {admin.token}"})
    assert b"reading-lamp,Reading lamp," in response.content
