"""The stories of the demo: parcels in every state, a hold with notes, edits, returns, an exchange and invoices."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from domains.shipping.shipments.models import ShipmentStatus
from gateway.demo.edits import ADDED, CHEAPER, DROPPED, KEPT, RAISED
from gateway.demo.parcels import FAR, HELD, HOLD_REASON, JOURNEYS, NEAR, NOTES
from gateway.demo.returns import EXCHANGED, FEE, REFUNDED, REFUNDED_UNITS, REJECTED, REJECTION, WAITING, WISHED
from gateway.demo.stories import SELLER
from gateway.infra.postgres import connected
from tests.gateway.demo.test_orders import ask, log_in

MINE = """{ orders(first: 50) { nodes { orderNumber heldAt items { sku } orderNotes { note isInternal }
  shipments { number status events { status } } invoices { language } } } }"""
PARCELS = """
select s.status::text, w.code, count(t.id) as events, s.carrier_id is not null as is_carried, o.status::text as whole
from shipments s join orders o on o.id = s.order_id join warehouses w on w.id = s.warehouse_id
left join shipment_tracking t on t.shipment_id = s.id
where o.id in (select l.order_id from order_items l where l.sku = any($1)) and s.tracking_number like 'DEMO%'
group by s.id, w.code, o.status order by s.tracking_number
"""
EDITED = """
select o.total, e.total_before, e.total_after, o.amount_captured, o.amount_repaid, o.payment_status::text
from order_edits e join orders o on o.id = e.order_id
where exists (select 1 from order_items i where i.order_id = o.id and i.sku = $1)
"""
DROPPED_UNITS = "select quantity, dropped_quantity from order_items where sku = $1 and dropped_quantity > 0"
RETURNS = """
select r.status::text, i.quantity, i.received, i.restocked, i.damaged, f.amount, f.fee, r.rejection_reason,
  x.status::text as exchange, (select string_agg(l.sku, ',') from order_items l where l.order_id = x.id) as wished
from return_requests r join return_items i on i.return_request_id = r.id
left join return_refunds f on f.return_request_id = r.id left join orders x on x.id = f.exchange_order_id
where i.product_sku = $1
"""
INVOICES = "select kind::text, language, document::text from invoices"


async def rows_of(url: str, statement: str, *values: Any) -> list[dict[str, Any]]:
    async with connected(url) as connection:
        return [dict(row) for row in await connection.fetch(statement, *values)]


async def test_an_order_goes_in_two_parcels_from_two_warehouses(url: str) -> None:
    rows = await rows_of(url, PARCELS, [*NEAR, *FAR])
    assert [tuple(row.values()) for row in rows if row["whole"] == "SHIPPED"] == [
        ("DELIVERED", "BREMEN", 3, True, "SHIPPED"),
        ("IN_TRANSIT", "STOKE", 5, True, "SHIPPED"),
    ]


async def test_parcels_are_in_every_state(url: str) -> None:
    rows = await rows_of(url, "select distinct status::text from shipments")
    without = {ShipmentStatus.CANCELLED, ShipmentStatus.EXCEPTION}
    assert {row["status"] for row in rows} == set(ShipmentStatus) - without
    found = {}
    for journey in JOURNEYS:
        (row,) = [each for each in await rows_of(url, PARCELS, list(journey.units)) if each["events"]]
        assert row["events"] == len(journey.events)
        found[row["status"]] = row["whole"]
    assert found == {
        "OUT_FOR_DELIVERY": "SHIPPED",
        "READY_FOR_PICKUP": "SHIPPED",
        "RETURNED_TO_SENDER": "CANCELLED",
        "LOST": "CANCELLED",
    }


async def test_the_customer_sees_their_parcels_the_hold_and_one_note(client: httpx.AsyncClient) -> None:
    orders = (await ask(client, MINE, await log_in(client, 1)))["orders"]["nodes"]
    (held,) = [each for each in orders if each["heldAt"]]
    assert {item["sku"] for item in held["items"]} == set(HELD)
    shown = [note for note, is_internal in NOTES if not is_internal]
    assert held["orderNotes"] == [{"note": note, "isInternal": False} for note in shown]
    (parted,) = [each for each in orders if len(each["shipments"]) == 2]
    assert [each["status"] for each in parted["shipments"]] == ["DELIVERED", "IN_TRANSIT"]
    assert [each["number"] for each in parted["shipments"]] == [f"{parted['orderNumber']}-{n}" for n in (1, 2)]
    assert [each["language"] for each in parted["invoices"]] == ["de"]


async def test_staff_see_why_an_order_is_on_hold_and_all_notes(client: httpx.AsyncClient) -> None:
    query = "{ orders(filter: {isOnHold: true}) { nodes { holdReason orderNotes { note isInternal } } } }"
    (held,) = (await ask(client, query, await log_in(client, 0)))["orders"]["nodes"]
    assert held == {
        "holdReason": HOLD_REASON,
        "orderNotes": [{"note": note, "isInternal": is_internal} for note, is_internal in NOTES],
    }


async def test_a_guest_follows_a_parcel_with_the_right_address_only(client: httpx.AsyncClient, url: str) -> None:
    (row,) = await rows_of(
        url,
        "select o.order_number, o.email from orders o join shipments s on s.order_id = o.id "
        "where s.status = 'OUT_FOR_DELIVERY'",
    )
    query = '{ trackShipment(number: "%s", email: "%s") { status events { status } } }'
    for number in (row["order_number"], f"{row['order_number']}-1"):
        (parcel,) = (await ask(client, query % (number, row["email"])))["trackShipment"]
        assert parcel["status"] == "OUT_FOR_DELIVERY"
        assert len(parcel["events"]) == 3
    assert await ask(client, query % (row["order_number"], "other@example.com")) == {"trackShipment": []}


async def test_an_edited_order_was_refunded_and_another_has_an_amount_due(url: str) -> None:
    (down,) = await rows_of(url, EDITED, ADDED)
    assert down["total"] == down["total_after"] < down["total_before"] == down["amount_captured"]
    assert (down["amount_repaid"], down["payment_status"]) == (down["total_before"] - down["total_after"], "PAID")
    (up,) = await rows_of(url, EDITED, RAISED)
    assert up["amount_captured"] == up["total_before"] < up["total_after"] == up["total"]
    assert up["payment_status"] == "PARTIALLY_PAID"
    items = await rows_of(url, DROPPED_UNITS, DROPPED)
    assert items == [{"quantity": CHEAPER[DROPPED], "dropped_quantity": CHEAPER[DROPPED] - KEPT}]


async def test_returns_are_refunded_waiting_rejected_and_exchanged(url: str) -> None:
    (done,) = await rows_of(url, RETURNS, REFUNDED)
    assert (done["status"], done["received"]) == ("PROCESSED", REFUNDED_UNITS)
    assert (done["restocked"], done["damaged"]) == (1, 1)
    assert (done["fee"], done["amount"] > 0, done["exchange"]) == (FEE, True, None)
    (waiting,) = await rows_of(url, RETURNS, WAITING)
    assert (waiting["status"], waiting["received"], waiting["amount"]) == ("PENDING", 0, None)
    (rejected,) = await rows_of(url, RETURNS, REJECTED)
    assert (rejected["status"], rejected["rejection_reason"]) == ("REJECTED", REJECTION)
    (exchanged,) = await rows_of(url, RETURNS, EXCHANGED)
    assert (exchanged["status"], exchanged["restocked"], exchanged["exchange"]) == ("PROCESSED", 1, "PAID")
    assert (exchanged["wished"], exchanged["fee"]) == (WISHED, Decimal(0))


async def test_invoices_and_credit_notes_are_issued_in_the_languages_of_the_buyers(url: str) -> None:
    rows = await rows_of(url, INVOICES)
    assert {(row["kind"], row["language"]) for row in rows} >= {
        ("INVOICE", "en"),
        ("INVOICE", "de"),
        ("INVOICE", "fr"),
        ("CREDIT_NOTE", "fr"),
    }
    assert all(SELLER["legal_name"] in row["document"] for row in rows)


@pytest.mark.parametrize("language", ["de", "fr"])
async def test_the_customer_downloads_invoices(client: httpx.AsyncClient, url: str, language: str) -> None:
    token = await log_in(client, 1)
    (row, *_) = await rows_of(url, "select id from invoices where language = $1 and kind = 'INVOICE'", language)
    path = f"/invoices/{row['id']}.pdf"
    answer = await client.get(path, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert (await client.get(path)).status_code == 404
