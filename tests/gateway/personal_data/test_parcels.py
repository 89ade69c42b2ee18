"""Parcels of buyers: exported with their orders, and erased for good, whatever their carriers tell later."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.monitoring.statement_counts import counting
from domains.order.models import Order
from domains.shipping.carriers.results import TrackingEvent, TrackingUpdate
from domains.shipping.shipments.models import Shipment
from domains.shipping.shipments.personal_data import erase_parcels, export_parcels
from domains.shipping.tracking.models import TrackingSource, TrackingStatus
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.tracking.parcels import HOUR, Parcels
from tests.gateway import people
from tests.gateway.people import Subject, personal_data
from tests.gateway.site import services_of

T = TrackingStatus
NUMBER = "MOCK0001"
EVENTS = """
select status::text, location, description from shipment_tracking where shipment_id = $1 order by timestamp, location
"""


@dataclass
class Buyer:
    """A buyer to whom a shipment was delivered, of which the carrier and staff wrote the name."""

    subject: Subject
    parcels: Parcels
    order: Order
    shipment: Shipment

    async def events(self) -> list[tuple[str, str, str]]:
        """The status, location and description of each event."""
        return [tuple(row) for row in await self.parcels.shop.owner.fetch(EVENTS, self.shipment.id)]


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: Any, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.fixture
async def buyer(shop: Storefront) -> Buyer:
    subject, parcels = await people.register(shop), await Parcels.opened(shop)
    await shop.fill(subject.actor, ("A", 1))
    placed = await shop.place(subject.actor, shipping=subject.home)
    order = await shop.pay(subject.actor, placed.order)
    made = Buyer(subject, parcels, order, await parcels.ship(order, number=NUMBER))
    now, word = shop.clock.now(), subject.word
    await parcels.entered(
        made.shipment, T.IN_TRANSIT, timestamp=now, location=f"With {word}", description=f"To {word}"
    )
    await parcels.told(NUMBER, T.IN_TRANSIT, now, f"{word} Row")
    await parcels.told(NUMBER, T.DELIVERED, now, f"Porch of {word}")
    await parcels.follow(order)
    assert (await shop.order(order.id)).status.value == "DELIVERED"
    return made


async def test_the_export_has_the_parcels_and_not_what_they_cost_the_shop(shop: Storefront, buyer: Buyer) -> None:
    await shop.owner.execute("update shipments set cost = 4.2, currency = 'EUR' where id = $1", buyer.shipment.id)
    exported = await personal_data(shop).export(buyer.subject.email)
    (found,) = exported["companies"].values()
    (shipment,) = found["order"]["shipments"]
    assert shipment["tracking_number"] == NUMBER
    assert {"cost", "currency", "created_by", "origin"} & shipment.keys() == set()
    assert [line["quantity"] for line in found["order"]["shipment_lines"]] == [1]
    word = buyer.subject.word
    assert sorted(event["location"] for event in found["order"]["shipment_tracking"]) == [
        f"Porch of {word}",
        f"With {word}",
        f"{word} Row",
    ]
    with counting() as count:
        await export_parcels(shop.database.reader(shop.company_id), [buyer.order.id])
    assert count.data == 4


async def test_an_export_ends_after_the_latest_events(
    shop: Storefront, buyer: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domains.shipping.shipments.personal_data.MAX_EVENTS", 2)
    found = await export_parcels(shop.database.reader(shop.company_id), [buyer.order.id])
    word = buyer.subject.word
    assert [each["location"] for each in found["shipment_tracking"]] == [f"{word} Row", f"Porch of {word}"]


async def test_an_erasure_leaves_the_proof_of_delivery_and_no_words(shop: Storefront, buyer: Buyer) -> None:
    other = await buyer.parcels.sent(("B", 1), number="MOCK0002")
    await buyer.parcels.told("MOCK0002", T.IN_TRANSIT, shop.clock.now(), "Bonn")
    await personal_data(shop).erase(buyer.subject.email)
    assert await people.tables_with(shop.owner, buyer.subject.traces) == set()
    events = await buyer.events()
    assert sorted(status for status, _, _ in events) == ["DELIVERED", "IN_TRANSIT", "IN_TRANSIT"]
    assert {text for _, _, text in events} == {"Erased"}
    assert all(location.startswith("Erased ") for _, location, _ in events)
    shipment = await buyer.parcels.shipment(buyer.shipment)
    assert (shipment.status.value, shipment.tracking_number) == ("DELIVERED", NUMBER)
    assert [tuple(row) for row in await shop.owner.fetch(EVENTS, other[1].id)] == [
        ("IN_TRANSIT", "Bonn", "It moved.")
    ]


async def test_what_a_carrier_tells_again_or_later_has_no_words(shop: Storefront, buyer: Buyer) -> None:
    now, word, parcels = shop.clock.now(), buyer.subject.word, buyer.parcels
    await personal_data(shop).erase(buyer.subject.email)
    before = await buyer.events()
    assert await parcels.told(NUMBER, T.DELIVERED, now, f"Porch of {word}") == 0
    assert await buyer.events() == before
    for _ in range(2):
        await parcels.told(NUMBER, T.RETURN_TO_SENDER, now + HOUR / 120, f"{word} Depot")
    assert (await buyer.events())[len(before) :] == [("RETURN_TO_SENDER", "", "")]
    assert await people.tables_with(shop.owner, buyer.subject.traces) == set()


async def test_an_event_that_is_stored_before_an_erasure_ends_is_erased(shop: Storefront, buyer: Buyer) -> None:
    async with shop.database.transaction(shop.system) as tx:
        await shop.services.shipping.tracking_records.store(tx, *told(shop, buyer))
        erasing = asyncio.create_task(personal_data(shop).erase(buyer.subject.email))
        await asyncio.sleep(0.3)
        assert not erasing.done()
    await erasing
    assert len(await buyer.events()) == 4
    assert await people.tables_with(shop.owner, buyer.subject.traces) == set()


async def test_an_event_that_comes_while_an_erasure_runs_is_stored_without_words(
    shop: Storefront, buyer: Buyer
) -> None:
    records = shop.services.shipping.tracking_records
    async with shop.database.transaction(shop.system) as tx:
        await erase_parcels(tx, [buyer.order.id])
        storing = asyncio.create_task(shop.run(lambda other: records.store(other, *told(shop, buyer))))
        await asyncio.sleep(0.3)
        assert not storing.done()
    await storing
    assert len(await buyer.events()) == 4
    assert f"{buyer.subject.word}" not in str(await buyer.events())


async def test_the_gateway_erases_no_events_of_parcels_of_others(shop: Storefront, buyer: Buyer) -> None:
    before = await buyer.events()
    erased = await shop.run(lambda tx: tx.fetch_value("select erase_shipment_events($1)", [buyer.order.id]))
    assert (erased, await buyer.events()) == (0, before)


def told(shop: Storefront, buyer: Buyer) -> tuple[Any, list[TrackingUpdate], TrackingSource]:
    """What a carrier tells of the parcel, with the buyer's name."""
    event = TrackingEvent(T.OUT_FOR_DELIVERY, shop.clock.now(), f"To {buyer.subject.word}", buyer.subject.word)
    return buyer.parcels.carrier_id, [TrackingUpdate(NUMBER, event)], TrackingSource.WEBHOOK
