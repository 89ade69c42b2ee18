"""The export of orders and the timeline of one: their content, and no cell is a formula."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import QueryParams

from domains.kernel.errors import InvalidInput, NotFound
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order import export
from domains.order.models import AddressFields, OrderFilter, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from gateway.commands.timelines.orders import find, lines_of
from gateway.http.file_routes.order_routes import EXPORT, filter_of
from gateway.settings import Settings
from tests.domains.actors import member
from tests.domains.order.storefront import DECLINED, Storefront


async def rows(shop: Storefront, wanted: OrderFilter | None = None) -> list[dict[str, str]]:
    chunks = [chunk async for chunk in shop.services.order.export.csv(shop.database.reader(shop.company_id), wanted)]
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode(), newline="")))


async def test_every_line_is_a_row_and_the_first_contains_the_order(shop: Storefront) -> None:
    await shop.stock("A", 5, "10.00")
    await shop.stock("B", 5, "2.50")
    ada = await shop.customer()
    await shop.fill(ada, ("A", 2), ("B", 1))
    order = (await shop.place(ada)).order
    await shop.pay(ada, order)
    first, second = await rows(shop)
    assert (first["Number"], first["Status"], first["Total"], first["Currency"], first["Line SKU"]) == (
        order.order_number,
        "PAID",
        "22.50",
        "EUR",
        "A",
    )
    assert (first["Ship to"], first["City"], first["Line total"]) == ("Ada Lovelace", "London", "20.00")
    assert (second["Number"], second["Total"], second["Line SKU"], second["Line quantity"]) == (
        order.order_number,
        "",
        "B",
        "1",
    )


async def test_text_of_customers_is_never_a_formula(shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.fill(ada, ("A", 1))
    evil = AddressFields(
        full_name="\ufeff=HYPERLINK(1)",
        address_line_1="+1",
        city="@x",
        postal_code="-1",
        country="AE",
        address_line_2="\t=",
        company_name="=Evil",
    )
    await shop.place(ada, shipping=evil, notes="\uff1d1+1;=2")
    (row,) = await rows(shop)
    cells = [row[name] for name in ("Ship to", "Address", "City", "Postal code", "Notes", "Address 2", "Company")]
    assert cells == ["'=HYPERLINK(1)", "'+1", "'@x", "'-1", "'\uff1d1+1;'=2", "'=", "'=Evil"]


async def test_the_export_is_read_in_pages(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE_SIZE", 2)
    await shop.stock("A", 5)
    ada = await shop.customer()
    numbers = [(await shop.buy(ada, ("A", 1))).order_number for _ in range(5)]
    with counting() as count:
        assert [row["Number"] for row in await rows(shop)] == numbers
    assert count.data == 3 * 3 + 1


async def test_the_export_contains_refunds_promotions_and_the_end_of_an_order(shop: Storefront) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    await shop.promotion(code="TEN", discount_value=Decimal(10))
    await shop.fill(ada, ("A", 1))
    await shop.apply(ada, "TEN")
    order = await shop.pay(ada, (await shop.place(ada)).order)
    await shop.services.order.refunds.refund(shop.database, shop.system, order.id, NewRefund(amount=Decimal(2)))
    await shop.services.order.cancel_order(shop.database, ada, order.id)
    await shop.buy(ada, ("A", 1))
    first, second = await rows(shop)
    assert [(row["Promotions"], row["Refunded"]) for row in (first, second)] == [("TEN", "9.00"), ("", "0.00")]
    assert (first["Cancelled at"], second["Cancelled at"]) == (shop.clock.now().isoformat(timespec="seconds"), "")


async def test_the_export_is_filtered_like_the_list(shop: Storefront, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE_SIZE", 1)
    await shop.stock("A", 5)
    ada = await shop.customer()
    early = await shop.buy(ada, ("A", 1))
    shop.clock.advance(timedelta(minutes=5))
    paid, late = await shop.pay(ada, await shop.buy(ada, ("A", 1))), await shop.buy(ada, ("A", 1))
    at = paid.created_at.isoformat().replace("+00:00", "Z")

    async def numbers(query: str) -> list[str]:
        return [row["Number"] for row in await rows(shop, filter_of(QueryParams(query), "Europe/Berlin"))]

    assert await numbers("") == [order.order_number for order in (early, paid, late)]
    assert await numbers(f"createdFrom={at}&isPaid=false") == [late.order_number]
    assert await numbers(f"createdBefore={at}") == [early.order_number]
    assert await numbers("status=PAID&status=SHIPPED") == [paid.order_number]
    local = paid.created_at.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None).isoformat()
    assert await numbers(f"createdFrom={local}&isPaid=false") == [late.order_number]
    assert await numbers("createdFrom=2020-01-01&createdBefore=2020-01-02") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=2026-01-01T00:00:00Z", "There is no filter from. "),
        ("createdFrom=20260101", "or a day such as 2026-11-21"),
        ("createdFrom=yesterday", "or a day such as 2026-11-21"),
        ("status=PAYED", "A status is one of PENDING, .*, not PAYED"),
        ("isPaid=1", "Give true or false"),
    ],
)
def test_an_unknown_filter_is_refused(query: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        filter_of(QueryParams(query), "Europe/Berlin")


def test_exporting_requires_the_permission(shop: Storefront) -> None:
    def may(action: PermissionAction) -> bool:
        return EXPORT.admits(member(shop.company_id, "X", 1, frozenset({Grant(PermissionResource.ORDERS, action)})))

    assert [may(action) for action in (PermissionAction.READ, PermissionAction.EXPORT, PermissionAction.MANAGE)] == [
        False,
        True,
        True,
    ]


async def test_the_timeline_lists_all_changes_in_order(shop: Storefront, admin_url: str, tmp_path: Path) -> None:
    await shop.stock("A", 5)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 2))
    with pytest.raises(Exception, match="declined"):
        await shop.pay(ada, order, DECLINED)
    await shop.pay(ada, order)
    await shop.services.order.cancel_order(shop.database, ada, order.id, reason="Too late")
    slug = f"shop-{shop.company_id.hex}"
    timeline = await find(Settings(commerce_home=tmp_path), admin_url, order.order_number, slug)
    lines = "\n".join(lines_of(timeline))
    assert lines.startswith(f"Order {order.order_number} ({order.id}) of customer {ada.user_id}")
    assert re.search(r"FAILED \(CARD_DECLINED\) 20\.00 EUR, card ending in 0002", lines)
    assert re.search(r"SUCCEEDED 20\.00 EUR, card ending in 4242", lines)
    assert re.search(rf"PAID -> CANCELLED by USER {ada.user_id}: Too late", lines)
    assert "RELEASE of 2 x A: free +2, reserved -2" in lines
    assert (timeline.is_consistent, timeline.is_settled) == (True, True)
    assert lines.endswith("ok   The total was captured.")
    moves = [line.split("order    ")[1].split(" by ")[0] for line in lines.splitlines() if "  order    " in line]
    assert moves == [
        "PENDING",
        "PENDING -> PAYMENT_PENDING",
        "PAYMENT_PENDING -> PENDING",
        "PENDING -> PAYMENT_PENDING",
        "PAYMENT_PENDING -> PAID",
        "PAID -> CANCELLED",
        "CANCELLED -> REFUNDED",
    ]
    with pytest.raises(NotFound):
        await find(Settings(commerce_home=tmp_path), admin_url, "no-such-number", slug)


async def test_the_timeline_reports_that_an_order_waits_for_acceptance(
    shop: Storefront, admin_url: str, tmp_path: Path
) -> None:
    await shop.owner.execute(
        "update order_settings set accept_unpaid_up_to = null where company_id = $1", shop.company_id
    )
    await shop.stock("A", 5)
    ada = await shop.customer()
    order = await shop.accept(ada, await shop.buy(ada, ("A", 2)))
    timeline = await find(
        Settings(commerce_home=tmp_path), admin_url, order.order_number, f"shop-{shop.company_id.hex}"
    )
    waits = f"  by INVOICE, to be accepted until {order.expires_at:%Y-%m-%d %H:%M:%S}: "
    assert waits + "`orderStatusUpdate` to CONFIRMED accepts it" in list(lines_of(timeline))
    await shop.accept(await shop.staff(), order)
    timeline = await find(
        Settings(commerce_home=tmp_path), admin_url, order.order_number, f"shop-{shop.company_id.hex}"
    )
    assert "waits to be accepted until" not in "\n".join(lines_of(timeline))


async def test_the_timeline_of_an_order_of_a_closed_company_is_available(
    shop: Storefront, admin_url: str, tmp_path: Path
) -> None:
    await shop.stock("A", 5)
    order = await shop.buy(await shop.customer(), ("A", 1))
    await shop.owner.execute("update companies set is_active = false where id = $1", shop.company_id)
    timeline = await find(
        Settings(commerce_home=tmp_path), admin_url, order.order_number, f"shop-{shop.company_id.hex}"
    )
    assert timeline.order.id == order.id


async def test_the_timeline_contains_manual_payments_and_finds_unassigned_captures(
    shop: Storefront, admin_url: str, tmp_path: Path
) -> None:
    await shop.stock("A", 5)
    ada, clerk = await shop.customer(), await shop.staff()
    order = await shop.accept(ada, await shop.buy(ada, ("A", 1)))
    slug, settings = f"shop-{shop.company_id.hex}", Settings(commerce_home=tmp_path)
    timeline = await find(settings, admin_url, order.order_number, slug)
    assert list(lines_of(timeline))[-1] == "ok   It is not paid, and nothing was captured."
    for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
        await shop.run(partial(shop.services.order.update_status, actor=clerk, order_id=order.id, status=status))
    await shop.run(
        partial(shop.services.order.manual_payments.mark_paid, actor=clerk, order_id=order.id, reference="Van 3")
    )
    lines = "\n".join(lines_of(await find(settings, admin_url, order.order_number, slug)))
    assert f"order    SHIPPED by USER {clerk.user_id}: Payment received: Van 3" in lines
    assert "payment  SUCCEEDED by hand 10.00 EUR, INVOICE, payment " in lines
    taken = await shop.owner.fetchval("update orders set paid_at = null where id = $1 returning updated_at", order.id)
    timeline = await find(settings, admin_url, order.order_number, slug)
    assert not timeline.is_settled
    assert "BAD  The order is not paid, but 10.00 EUR were captured" in "\n".join(lines_of(timeline))
    await shop.owner.execute("update orders set paid_at = $2 where id = $1", order.id, taken)
