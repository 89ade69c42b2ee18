"""The demo: its content, that it is loaded once, and that its printed examples work."""

import re
from uuid import UUID

import httpx
from pydantic import SecretStr

from domains.company.models import Company
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.values.secret import Secret
from domains.payment.accounts.accounts import AccountChanges
from gateway.bootstrap import wired
from gateway.commands.demo import load_if_empty
from gateway.commands.doctor import examine
from gateway.demo.content import DemoCategory, DemoProduct, read_catalogue, read_reviews
from gateway.demo.loader import LOGINS, Demo, Purchase
from gateway.demo.orders import DAYS
from gateway.demo.welcome import purchases_for, queries_for
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from gateway.settings import Settings

COUNTS = """
select (select count(*) from categories) as categories, (select count(*) from products) as products,
       (select count(*) from product_variants) as variants, (select count(*) from stock_movements) as movements,
       (select count(*) from reviews) as reviews, (select count(*) from users) as users,
       (select count(*) from outbox_events) as events, (select count(*) from orders) as orders,
       (select count(*) from carts) as carts, (select count(*) from promotions) as promotions
"""


def with_subcategories(category: DemoCategory) -> list[DemoCategory]:
    return [category, *(below for child in category.children for below in with_subcategories(child))]


CATEGORIES = [category for root in read_catalogue() for category in with_subcategories(root)]
PRODUCTS: list[DemoProduct] = [product for category in CATEGORIES for product in category.products]


def test_the_demo_has_sixty_products_in_twelve_categories() -> None:
    assert len(PRODUCTS) >= 60
    assert sum(1 for category in CATEGORIES if category.products) >= 12
    assert len({product.values["slug"] for product in PRODUCTS}) == len(PRODUCTS)
    assert sum(1 for product in PRODUCTS if product.variants) >= 30
    assert sum(1 for product in PRODUCTS if product.attributes) >= 55


def test_each_printed_purchase_has_keys_of_its_own() -> None:
    bought = Purchase(UUID(int=1), UUID(int=2))
    keys = [re.findall(r'idempotencyKey: "(.*?)"', query) for _ in range(2) for query in purchases_for(bought)]
    assert [len(found) for found in keys] == [1] * 4
    assert len({key for (key,) in keys}) == 4


def test_some_demo_products_are_out_of_stock() -> None:
    counts = dict(count for product in PRODUCTS if product.stock is not None for count in product.counts())
    empty = [sku for sku, available in counts.items() if available == 0]
    assert 3 <= len(empty) <= len(counts) / 10


def test_demo_products_are_weighed_and_measured_unless_nothing_is_shipped() -> None:
    shipped = [each for each in PRODUCTS if each.values["requires_shipping"] and not each.values["is_gift_card"]]
    weights = [variant.weight for each in shipped for variant in each.variants]
    weights += [each.values["weight"] for each in shipped if not each.variants]
    assert len(shipped) == len(PRODUCTS) - 2  # a gift card and a course
    assert all(weight and 0 < weight < 30 for weight in weights)
    assert all(each.values[side] > 0 for each in shipped for side in ("length", "width", "height"))
    (pan,) = [each for each in PRODUCTS if each.sku == "SKERRY-CAST-IRON-PAN"]
    assert [str(variant.weight) for variant in pan.variants] == ["1.9", "2.6", "3.4"]


async def counted(url: str) -> dict[str, int]:
    async with connected(url) as connection:
        return dict(await connection.fetchrow(COUNTS))


async def test_loading_the_demo_again_adds_nothing(url: str, demo: Demo) -> None:
    before = await counted(url)
    with counting() as count:
        assert await demo.is_empty() is False
        assert await demo.load() is False
    assert count.data <= 6
    assert await counted(url) == before
    assert before["products"] == len(PRODUCTS)
    assert before["users"] == len(LOGINS) + len(read_reviews()[0])
    assert before["reviews"] >= 100
    assert before["orders"] >= DAYS + 1
    assert before["promotions"] == 10


async def test_the_doctor_passes_the_demo(url: str, settings: Settings) -> None:
    assert [finding for finding in await examine(settings, url) if not finding.passed] == []


async def test_the_doctor_warns_of_demo_passwords_in_an_external_database(url: str, settings: Settings) -> None:
    own = settings.model_copy(update={"database_url": SecretStr(url)})
    (finding,) = [finding for finding in await examine(own, url) if not finding.passed]
    assert finding.subject == "No login of the demo is open"
    assert all(login.email in finding.advice for login in LOGINS)
    emails = [login.email for login in LOGINS]
    async with connected(url) as connection:
        kept = await connection.fetch("select id, password_hash from users where email = any($1)", emails)
        await connection.execute("update users set password_hash = null where email = any($1)", emails)
        assert [finding for finding in await examine(own, url) if not finding.passed] == []
        back = "update users set password_hash = $2 where id = $1"
        await connection.executemany(back, [tuple(row) for row in kept])


async def test_the_printed_examples_of_the_demo_work(client: httpx.AsyncClient) -> None:
    for query in queries_for(LOGINS):
        answer = (await client.post("/graphql", json={"query": query})).json()
        assert "errors" not in answer
        assert all(answer["data"].values())
    assert answer["data"]["login"]["errors"] == []
    token = answer["data"]["login"]["auth"]["accessToken"]
    response = await client.get("/export/products.csv", headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 200
    assert response.text.count("\r\n") > len(PRODUCTS)


async def test_every_demo_login_works(client: httpx.AsyncClient) -> None:
    query = "mutation ($input: LoginInput!) { login(input: $input) { auth { user { email role { code } } } } }"
    for login in LOGINS:
        variables = {"input": {"email": login.email, "password": login.password}}
        answer = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
        user = answer["data"]["login"]["auth"]["user"]
        assert (user["email"], user["role"]["code"]) == (login.email, login.role.value)


async def test_a_demo_product_has_an_image(client: httpx.AsyncClient) -> None:
    response = await client.get(PRODUCTS[0].values["images"][0])
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/svg+xml"
    assert PRODUCTS[0].values["name"] in response.text
    assert (await client.get("/demo/images/nothing.svg")).status_code == 404


async def test_products_on_sale_can_be_filtered(client: httpx.AsyncClient) -> None:
    query = "query ($filter: ProductFilterInput) { products(filter: $filter) { totalCount } }"
    variables = {"filter": {"attributes": [{"name": "Material", "values": ["Stoneware"]}], "inStock": True}}
    answer = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    stoneware = [
        product
        for product in PRODUCTS
        if any((value.name, value.value) == ("Material", "Stoneware") for value in product.attributes)
    ]
    assert answer["data"]["products"]["totalCount"] == len(stoneware) > 3


async def add_product(url: str, company: Company) -> None:
    async with connected(url) as connection:
        await connection.execute(
            "with made as (insert into categories (id, company_id, name, slug, updated_at)"
            " values (gen_random_uuid(), $1, 'A', 'a', now()) returning id)"
            " insert into products (id, company_id, name, slug, base_price, currency, category_id, updated_at)"
            " select gen_random_uuid(), $1, 'A', 'a', 1, 'EUR', id, now() from made",
            company.id,
        )


async def test_a_shop_with_products_keeps_its_settings(empty_database: str, settings: Settings) -> None:
    await migrate(empty_database)
    async with wired(settings, empty_database) as platform:
        company = await platform.companies.find(None)
        await add_product(empty_database, company)
        assert await Demo(platform.services, platform.database, company, platform.mock_payments).load()
    async with connected(empty_database) as connection:
        assert await connection.fetchval("select count(*) from orders") == DAYS + 1
        assert await connection.fetchval("select cash_on_delivery from payment_settings") == "NOBODY"
        assert await connection.fetchval("select count(*) from payments where capture_method = 'MANUAL'") == 0


async def test_a_shop_that_does_not_pay_by_mock_gets_no_orders(empty_database: str, settings: Settings) -> None:
    """A real provider is never asked; nothing listens at its address here."""
    await migrate(empty_database)
    stripe = settings.model_copy(update={"stripe_url": "http://127.0.0.1:1"})
    keys = {"secret_key": Secret("sk_test_a"), "webhook_secret": Secret("whsec_a"), "publishable_key": Secret("pk_a")}
    async with wired(stripe, empty_database) as platform:
        company = await platform.companies.find(None)
        payment, system = platform.services.payment, Actor.system(company.id)

        async def choose(tx: Tx) -> None:
            await payment.accounts.update(tx, "STRIPE", AccountChanges(credentials=keys))
            await payment.settings.update(tx, {"payment_provider": "STRIPE"})

        await platform.database.run(choose, system)
        assert await Demo(platform.services, platform.database, company, platform.mock_payments).load()
    async with connected(empty_database) as connection:
        assert await connection.fetchval("select count(*) from products") == len(PRODUCTS)
        assert await connection.fetchval("select count(*) from orders") == 0
        assert await connection.fetchval("select payment_provider from payment_settings") == "STRIPE"


async def test_the_demo_is_not_loaded_into_a_company_with_products(empty_database: str, settings: Settings) -> None:
    await migrate(empty_database)
    async with wired(settings, empty_database) as platform:
        company = await platform.services.company.default_company(platform.database.reader(None))
        await add_product(empty_database, company)
    assert await load_if_empty(settings, empty_database) == ""
    async with connected(empty_database) as connection:
        assert await connection.fetchval("select count(*) from products") == 1
        assert await connection.fetchval("select count(*) from users") == 0
