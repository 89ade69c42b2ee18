"""Parcels and labels of returns: exported, and erased with the buyer from whom they come."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.monitoring.statement_counts import counting
from domains.returns.models import ParcelEvent, ReturnRequest, TrackingSource, TrackingStatus
from domains.returns.personal_data import export_person
from domains.shipping.carriers.errors import LabelVoidRefused
from domains.shipping.carriers.models import ShippingLabel
from domains.shipping.carriers.results import CarrierOutcome, Voiding
from gateway.providers.carriers.mock.carrier import MockCarrier
from tests.domains.order.storefront import Storefront
from tests.domains.returns.return_parcels import ReturnParcels
from tests.gateway import people
from tests.gateway.people import Subject, personal_data
from tests.gateway.personal_data.delivered_orders import delivered_to
from tests.gateway.site import services_of


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: Any, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    await made.stock("A", 20)
    yield made
    assert await made.broken() == []


async def sent(shop: Storefront, subject: Subject) -> ReturnRequest:
    """A return that its buyer has sent, of which buyer and staff wrote the name."""
    delivered, word = await delivered_to(shop, subject), subject.word
    request = await delivered.approve(await delivered.request(1))
    parcels, clerk = shop.services.returns.parcels, await shop.staff()
    given: Any = {"carrier_name": f"Van of {word}", "tracking_number": f"{word}-1"}
    await shop.run(lambda tx: parcels.mark_shipped(tx, subject.actor, request.id, **given), subject.actor)
    for location in (f"{word} Row", f"{word} Court"):
        event = ParcelEvent(
            status=TrackingStatus.IN_TRANSIT,
            timestamp=shop.clock.now(),
            location=location,
            description=f"From {word}",
        )
        await shop.run(
            lambda tx, event=event: parcels.add_event(tx, clerk, request.id, event, TrackingSource.MANUAL), clerk
        )
    return request


async def test_the_events_of_a_return_are_exported_and_erased(shop: Storefront) -> None:
    subject = await people.register(shop)
    request = await sent(shop, subject)
    (found,) = (await personal_data(shop).export(subject.email))["companies"].values()
    locations = [event["location"] for event in found["returns"]["return_tracking"]]
    assert locations == [f"{subject.word} Row", f"{subject.word} Court"]
    await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, subject.traces) == set()
    events = await shop.owner.fetch("select * from return_tracking where company_id = $1", shop.company_id)
    assert [(row["status"], row["description"]) for row in events] == [("IN_TRANSIT", "Erased")] * 2
    row = await shop.owner.fetchrow(
        "select carrier_name, tracking_number from return_authorizations where return_request_id = $1", request.id
    )
    assert tuple(row) == (None, None)


async def test_an_export_of_returns_has_the_latest_events_in_eight_statements(
    shop: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = await people.register(shop)
    await sent(shop, subject)
    async with shop.database.transaction(shop.system) as tx:
        person = await shop.services.auth.accounts.person(tx, subject.email)
    monkeypatch.setattr("domains.returns.personal_data.MAX_EVENTS", 1)
    with counting() as count:
        found = await export_person(shop.services.returns, shop.database.reader(shop.company_id), person)
    assert [event["location"] for event in found["return_tracking"]] == [f"{subject.word} Court"]
    assert count.data == 8


async def test_why_a_return_was_rejected_is_erased(shop: Storefront) -> None:
    subject = await people.register(shop)
    delivered = await delivered_to(shop, subject)
    request, clerk = await delivered.request(1), await shop.staff()
    endings = shop.services.returns.endings
    await shop.run(lambda tx: endings.reject(tx, clerk, request.id, f"{subject.word} wore it"), clerk)
    assert "wore it" in str(await personal_data(shop).export(subject.email))
    await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, [*subject.traces, "%wore it%"]) == set()
    kept = await shop.owner.fetchrow(
        "select status::text, rejection_reason from return_requests where id = $1", request.id
    )
    assert tuple(kept) == ("REJECTED", "Erased")


async def label_of(parcels: ReturnParcels, request: ReturnRequest) -> ShippingLabel:
    place = await parcels.place(request)
    assert place.label_id is not None
    return await parcels.depot.label(place.label_id)


async def test_the_label_of_a_return_is_valid_and_not_shown_after_an_erasure(shop: Storefront) -> None:
    subject = await people.register(shop)
    parcels = await ReturnParcels.opened(await delivered_to(shop, subject))
    request = await parcels.buy(await parcels.approved())
    reader, labels = shop.database.reader(shop.company_id), shop.services.returns.labels
    assert await labels.document(reader, parcels.depot.clerk, request.id) is not None
    await personal_data(shop).erase(subject.email)
    assert await labels.document(reader, parcels.depot.clerk, request.id) is None
    label = await label_of(parcels, request)
    assert (label.status.value, label.tracking_number is None) == ("PURCHASED", False)
    assert (await parcels.place(request)).tracking_number == label.tracking_number
    await parcels.told(
        label.tracking_number or "", TrackingStatus.IN_TRANSIT, shop.clock.now() + timedelta(minutes=1)
    )
    await parcels.handle()
    assert (await parcels.current(request)).status.value == "IN_TRANSIT"
    assert [event.description for event in await parcels.events(request)] == [""]
    assert await people.tables_with(shop.owner, subject.traces) == set()


@pytest.mark.parametrize("is_erased", [False, True])
async def test_what_a_carrier_says_of_a_label_is_stored_unless_its_buyer_was_erased(
    shop: Storefront, monkeypatch: pytest.MonkeyPatch, is_erased: bool
) -> None:
    subject = await people.register(shop)
    parcels = await ReturnParcels.opened(await delivered_to(shop, subject))
    request = await parcels.buy(await parcels.approved())
    label = await label_of(parcels, request)

    async def refuse(_carrier: MockCarrier, _reference: Any) -> Voiding:
        return Voiding(CarrierOutcome.REFUSED, reason=f"{subject.word} posted it.")

    if is_erased:
        await personal_data(shop).erase(subject.email)
    monkeypatch.setattr(MockCarrier, "void", refuse)
    with pytest.raises(LabelVoidRefused):
        await parcels.depot.void(label)
    stored = (await label_of(parcels, request)).failure_reason
    assert stored == (None if is_erased else f"{subject.word} posted it.")
    if not is_erased:
        await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, subject.traces) == set()
