"""The demo's orders of several weeks in every status, promotions of every type, and the example purchase."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

from domains.order.models import OrderStatus
from domains.promotion.models import DiscountType
from gateway.demo.content import read_promotions
from gateway.demo.coupons import CAMPAIGN, LETTERS, PREFIX, SHARED_CODE
from gateway.demo.loader import LOGINS, Demo
from gateway.demo.orders import DAYS, final_status
from gateway.demo.welcome import CODE, purchases_for, queries_for
from gateway.infra.postgres import connected

FATES = Counter(final_status(place) for place in range(DAYS + 1))


async def ask(client: httpx.AsyncClient, query: str, token: str | None = None) -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = (await client.post("/graphql", json={"query": query}, headers=headers)).json()
    assert "errors" not in answer, answer
    return answer["data"]


async def log_in(client: httpx.AsyncClient, place: int) -> str:
    data = await ask(client, queries_for(LOGINS[place:])[-1])
    return str(data["login"]["auth"]["accessToken"])


def test_promotions_are_of_every_type_with_and_without_code() -> None:
    given = [promotion.promotion for promotion in read_promotions()]
    assert {promotion["discount_type"] for promotion in given} == set(DiscountType)
    assert {promotion.get("is_automatic", False) for promotion in given} == {True, False}
    assert sum(promotion.get("is_exclusive") is True for promotion in given) == 1
    assert sum(promotion["type"] == "WELCOME" for promotion in given) == 1


async def test_orders_are_in_every_final_state_and_distributed_over_weeks(url: str) -> None:
    async with connected(url) as connection:
        rows = await connection.fetch("select status, created_at from orders")
        found = await connection.fetchrow(
            "select count(distinct user_id) as customers, count(*) - count(user_id) as guests from orders"
        )
    statuses = Counter(OrderStatus(row["status"]) for row in rows)
    assert set(statuses) == set(FATES) == set(OrderStatus) - {OrderStatus.PAYMENT_PENDING}
    now = datetime.now(UTC)
    assert max(row["created_at"] for row in rows) <= now
    assert timedelta(days=DAYS) <= now - min(row["created_at"] for row in rows) < timedelta(days=DAYS + 1)
    assert (found["customers"], found["guests"] >= 5) == (8, True)


async def test_histories_have_the_dates_of_their_orders(url: str) -> None:
    async with connected(url) as connection:
        late = await connection.fetchval(
            """select count(*) from order_status_history h join orders o on o.id = h.order_id
               where h.created_at not between o.created_at and o.created_at + interval '9 days'
                  or h.created_at > now()"""
        )
        changes = await connection.fetchval("select count(*) from order_status_history")
    assert late == 0
    assert changes > 5 * sum(FATES[status] for status in (OrderStatus.DELIVERED, OrderStatus.REFUNDED))


async def test_stock_movements_match_the_orders(url: str) -> None:
    async with connected(url) as connection:
        moved = dict(await connection.fetch("select type, count(*) from stock_movements group by type"))
        sold = await connection.fetchval(
            "select sum(l.quantity) from shipment_lines l join shipments s on s.id = shipment_id "
            "where shipped_at is not null"
        )
        shipped = await connection.fetchval("select sum(units_shipped) from orders")
        gone = await connection.fetchval("select sum(quantity) from stock_movements where type = 'SALE'")
        unsold = await connection.fetchval("select count(*) from inventory_items where available_stock < 0")
    assert {"RESERVATION", "RELEASE", "SALE"} <= moved.keys()
    assert (gone, shipped, unsold) == (sold, sold, 0)


async def test_promotions_were_redeemed_with_and_without_code(url: str) -> None:
    async with connected(url) as connection:
        used = await connection.fetch("select code from promotions where current_usage_count > 0")
        carts = await connection.fetchval("select count(distinct cart_id) from cart_items")
        carried = await connection.fetchval("select count(*) from cart_promotions")
    codes = {row["code"] for row in used}
    assert {None, CODE, "WELCOME10", "LIGHTHOUSE25"} <= codes
    assert (carts, carried) == (3, 1)


async def test_a_coupon_was_used_and_a_campaign_has_unique_codes(url: str) -> None:
    async with connected(url) as connection:
        used = await connection.fetchval("select usage_count from coupons where code = $1", SHARED_CODE)
        letters = await connection.fetch(
            "select code from coupon_codes where coupon_id = (select id from coupons where name = $1)", CAMPAIGN
        )
    assert used > 0
    assert len({row["code"] for row in letters}) == LETTERS
    assert all(row["code"].startswith(f"{PREFIX}-") for row in letters)


async def test_goods_are_taxed_by_class_in_three_countries(client: httpx.AsyncClient) -> None:
    lines = [
        await line_of(client, slug) for slug in ("breakwater-coffee-250-g", "pour-over-coffee-dripper", "harbour-mug")
    ]
    added = await ask(client, f"mutation {{ cartItemsAdd(input: {{items: [{', '.join(lines)}]}}) {{ cartToken }} }}")
    token, shown = added["cartItemsAdd"]["cartToken"], {}
    for place in ('country: "GB"', 'country: "DE"', 'country: "CA", province: "QC"'):
        change = f'cartDestinationUpdate(input: {{cartToken: "{token}", {place}}})'
        totals = "totals { discounts { name } taxes { name rate } }"
        cart = (await ask(client, f"mutation {{ {change} {{ cart {{ {totals} }} }} }}"))["cartDestinationUpdate"][
            "cart"
        ]
        shown[place] = [(tax["name"], Decimal(tax["rate"])) for tax in cart["totals"]["taxes"]]
        assert [each["name"] for each in cart["totals"]["discounts"]] == ["Coffee corner"]
    assert list(shown.values()) == [
        [("VAT", Decimal("0.2")), ("VAT", Decimal(0))],
        [("USt", Decimal("0.19")), ("USt", Decimal("0.07"))],
        [("QST", Decimal("0.09975")), ("GST", Decimal("0.05")), ("GST", Decimal(0))],
    ]


async def line_of(client: httpx.AsyncClient, slug: str) -> str:
    """One unit of a product, of its first variant if it has any, as a line to add."""
    product = (await ask(client, f'{{ product(slug: "{slug}") {{ id variants {{ id }} }} }}'))["product"]
    variant = f', variantId: "{product["variants"][0]["id"]}"' if product["variants"] else ""
    return f'{{productId: "{product["id"]}", quantity: 1{variant}}}'


async def test_the_printed_example_purchase_works(client: httpx.AsyncClient, demo: Demo) -> None:
    token, purchase = await log_in(client, 1), await demo.purchase()
    assert purchase is not None
    ordering, paying = purchases_for(purchase)
    ordered = await ask(client, ordering, token)
    assert [step["errors"] for step in ordered.values()] == [[], [], []]
    order = ordered["orderCreate"]["order"]
    paid = await ask(client, paying.replace("ID OF THE ORDER", order["id"]), token)
    assert paid["orderPay"] == {"order": {"status": "PAID"}, "errors": []}


async def test_some_orders_were_paid_on_delivery_and_one_invoice_is_open(url: str) -> None:
    async with connected(url) as connection:
        paid_on_delivery = await connection.fetch(
            "select o.status from orders o join payments p on p.order_id = o.id where p.provider = 'MANUAL' "
            "and p.method = 'CASH_ON_DELIVERY' and o.paid_at = o.delivered_at"
        )
        owed = await connection.fetchval(
            "select count(*) from orders "
            "where status = 'CONFIRMED' and payment_method = 'INVOICE' and paid_at is null"
        )
    assert (len(paid_on_delivery) >= 2, owed) == (True, 1)


async def test_promotions_and_stock_have_every_status_of_the_filters(client: httpx.AsyncClient) -> None:
    token = await log_in(client, 0)
    for status, codes in (("EXPIRED", ["SUMMER20"]), ("SCHEDULED", ["SOLSTICE"])):
        found = await ask(client, f"{{ promotions(filter: {{status: {status}}}) {{ nodes {{ code }} }} }}", token)
        assert [node["code"] for node in found["promotions"]["nodes"]] == codes
    low = await ask(client, "{ lowStock { nodes { availableStock reorderPoint location } } }", token)
    assert any(node["availableStock"] > 0 and node["location"] for node in low["lowStock"]["nodes"])
    customer = await log_in(client, 1)
    mine = await ask(client, "{ me { addresses { city isDefault } } }", customer)
    assert mine["me"]["addresses"] == [{"city": "Stoke", "isDefault": True}]
