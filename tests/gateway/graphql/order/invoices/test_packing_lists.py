"""Picking lists, packing lists and packing slips over HTTP: what is in them, and who may fetch them."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from domains.kernel.actor import Actor
from domains.kernel.errors import Busy
from domains.kernel.ids import new_id
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.order.models import Order
from domains.order.packing.packing_lists import PackingLists
from gateway.documents.typesetter import File, Typesetter
from gateway.http.file_routes import timed_routes
from gateway.timeouts import within_time
from tests.domains.actors import administrator, member
from tests.domains.order.invoices.invoicing_shop import Billing
from tests.domains.order.storefront import Storefront
from tests.gateway.site import Site

PATHS = ("/picking-list.pdf", "/picking-list.csv", "/packing-lists.pdf", "/packing-slips.pdf")


@pytest.fixture
async def billing(shop: Storefront) -> Billing:
    made = await Billing.opened(shop)
    await shop.stock("=B", 20)
    return made


@pytest.fixture
async def warehouse_id(billing: Billing) -> Any:
    return await billing.shop.owner.fetchval(
        "select id from warehouses where company_id = $1", billing.shop.company_id
    )


async def order_of(billing: Billing, *wanted: tuple[str, int]) -> Any:
    return await billing.shop.pay(billing.ada, await billing.shop.buy(billing.ada, *wanted))


async def get(site: Site, who: Any, path: str) -> Any:
    return await site.send("GET", who, path)


def text_of(answer: Any) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


async def picked(site: Site, billing: Billing, warehouse_id: Any, rest: str = "") -> list[list[str]]:
    answer = await get(site, billing.clerk, f"/picking-list.csv?warehouse={warehouse_id}{rest}")
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.text)))[1:]


async def test_a_picking_list_sums_up_what_paid_orders_wait_for(
    site: Site, billing: Billing, warehouse_id: Any
) -> None:
    first = await order_of(billing, ("A", 2), ("=B", 1))
    await order_of(billing, ("A", 3))
    await billing.shop.buy(billing.ada, ("A", 7))  # not paid
    await billing.shop.owner.execute(
        "update inventory_levels l set location = 'R1-07' from inventory_items i "
        "where l.company_id = $1 and i.id = l.inventory_id and i.sku = 'A'",
        billing.shop.company_id,
    )
    assert await picked(site, billing, warehouse_id) == [["A", "Thing A", "R1-07", "5"], ["'=B", "Thing =B", "", "1"]]
    assert [row[3] for row in await picked(site, billing, warehouse_id, f"&order={first.id}")] == ["2", "1"]
    text = text_of(await get(site, billing.clerk, f"/picking-list.pdf?warehouse={warehouse_id}"))
    assert [each for each in ("Picking list", "R1-07", "Thing A") if each not in text] == []


async def test_what_is_shipped_or_on_hold_is_not_picked(site: Site, billing: Billing, warehouse_id: Any) -> None:
    await billing.shipped()
    held = await order_of(billing, ("A", 3))
    await billing.shop.owner.execute("update orders set held_at = now() where id = $1", held.id)
    assert await picked(site, billing, warehouse_id) == []
    await billing.shop.owner.execute("update orders set held_at = null where id = $1", held.id)
    assert [row[3] for row in await picked(site, billing, warehouse_id)] == ["3"]


async def test_packing_lists_have_a_document_for_each_order(site: Site, billing: Billing) -> None:
    orders = [await order_of(billing, ("A", 2)), await order_of(billing, ("=B", 4))]
    path = "/packing-lists.pdf?" + "&".join(f"order={order.id}" for order in orders)
    answer = await get(site, billing.clerk, path)
    first, second = PdfReader(io.BytesIO(answer.content)).pages
    assert f"Packing list {orders[0].order_number}" in first.extract_text()
    assert "Thing =B" in second.extract_text()
    assert "Page 1 / 1" in second.extract_text()


async def packed(billing: Billing, order: Order, warehouse_id: Any, units: int) -> UUID:
    """A pending shipment with units of the first line of an order."""
    shipment_id, owner, company_id = new_id(), billing.shop.owner, billing.shop.company_id
    await owner.execute(
        "insert into shipments (id, company_id, order_id, position, warehouse_id, destination_id, updated_at) "
        "select $1, company_id, id, 1, $4, shipping_address_id, now() from orders where company_id = $2 and id = $3",
        *(shipment_id, company_id, order.id, warehouse_id),
    )
    await owner.execute(
        "insert into shipment_lines (id, company_id, shipment_id, order_id, order_item_id, sku, quantity) "
        "select $1, company_id, $2, order_id, id, sku, $4 from order_items where order_id = $3 order by id limit 1",
        *(new_id(), shipment_id, order.id, units),
    )
    return shipment_id


async def test_packing_slips_have_the_units_of_their_shipments(
    site: Site, billing: Billing, warehouse_id: Any
) -> None:
    orders = [await order_of(billing, ("A", 5)), await order_of(billing, ("A", 6))]
    shipments = [await packed(billing, order, warehouse_id, 3) for order in orders]
    text = text_of(await get(site, billing.clerk, f"/shipments/{shipments[0]}/packing-slip.pdf"))
    shown = (f"Packing slip {orders[0].order_number}-1", "Thing A", "United Kingdom", "Łódź Trading")
    assert [each for each in shown if each not in text] == []
    path = "/packing-slips.pdf?" + "&".join(f"shipment={each}" for each in shipments)
    first, second = PdfReader(io.BytesIO((await get(site, billing.clerk, path)).content)).pages
    assert f"{orders[0].order_number}-1" in first.extract_text()
    assert f"{orders[1].order_number}-1" in second.extract_text()


async def test_bad_parameters_are_refused(site: Site, billing: Billing, warehouse_id: Any) -> None:
    wrong = [
        "/picking-list.csv",
        "/picking-list.csv?warehouse=x",
        f"/picking-list.csv?warehouse={warehouse_id}&colour=red",
        "/packing-lists.pdf",
        "/packing-slips.pdf?order=1",
        "/packing-lists.pdf?" + "&".join(f"order={new_id()}" for _ in range(101)),
    ]
    assert [(await get(site, billing.clerk, path)).status_code for path in wrong] == [400] * 6
    unknown = [
        f"/picking-list.csv?warehouse={new_id()}",
        f"/packing-lists.pdf?order={new_id()}",
        f"/packing-slips.pdf?shipment={new_id()}",
        f"/shipments/{new_id()}/packing-slip.pdf",
    ]
    assert [(await get(site, billing.clerk, path)).status_code for path in unknown] == [404] * 4


async def test_lists_need_the_permission_of_their_company(
    site: Site, billing: Billing, warehouse_id: Any, other_company: Any
) -> None:
    order = await order_of(billing, ("A", 2))
    nobody = member(
        site.company_id, "CLERK", 10, frozenset({Grant(PermissionResource.SETTINGS, PermissionAction.READ)})
    )
    for path in PATHS:
        asked = f"{path}?warehouse={warehouse_id}" if "picking" in path else f"{path}?order={order.id}"
        assert (await get(site, None, asked)).status_code == 401
        assert (await get(site, nobody, asked)).status_code == 403
        assert (await get(site, billing.ada, asked)).status_code == 403
    stranger: Actor = administrator(other_company)
    assert (await get(site, stranger, f"/picking-list.csv?warehouse={warehouse_id}")).status_code == 404
    assert (await get(site, stranger, f"/packing-lists.pdf?order={order.id}")).status_code == 404


async def test_documents_of_a_busy_server_are_asked_for_again(
    site: Site, billing: Billing, warehouse_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, calls = f"/picking-list.pdf?warehouse={warehouse_id}", list[str]()

    async def busy(_self: Typesetter, _file: File, *, advice: str) -> bytes:
        calls.append(advice)
        raise Busy("Too many.")

    monkeypatch.setattr(Typesetter, "pdf", busy)
    answer = await get(site, billing.clerk, path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["errors"][0]["extensions"]["code"] == "BUSY"
    assert calls == ["Choose fewer orders, or take the list as CSV."]


@pytest.mark.parametrize("path", ["/picking-list.pdf?warehouse=", "/picking-list.csv?warehouse="])
async def test_documents_are_bounded_in_time(
    site: Site, billing: Billing, warehouse_id: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def slow(*_args: Any) -> Any:
        await asyncio.sleep(60)

    monkeypatch.setattr(PackingLists, "to_pick", slow)
    monkeypatch.setattr(timed_routes, "within_time", lambda _seconds: within_time(0.05))
    answer = await get(site, billing.clerk, f"{path}{warehouse_id}")
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
