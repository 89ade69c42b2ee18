"""Returns and notes on orders: exported, erased and merged with the person who ordered."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.returns.models import ReturnRequest
from tests.domains.order.storefront import Storefront
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


async def returning(shop: Storefront, subject: Subject) -> ReturnRequest:
    """An approved return of an order of the person, who wrote about it, as staff did."""
    delivered = await delivered_to(shop, subject)
    request = await delivered.request(1, notes=f"It does not fit {subject.word}")
    clerk, notes = await shop.staff(), shop.services.order.notes
    await shop.run(lambda tx: notes.add(tx, clerk, delivered.order.id, f"Called {subject.word}"), clerk)
    return await delivered.approve(request, instructions=f"As agreed with {subject.word}")


async def test_the_export_has_the_returns_and_notes(shop: Storefront) -> None:
    subject = await people.register(shop)
    request = await returning(shop, subject)
    exported = str(await personal_data(shop).export(subject.email))
    for text in (request.rma_number, "It does not fit", "Called", "As agreed with"):
        assert text in exported, text


async def test_an_erasure_leaves_the_figures_of_a_return_and_no_words(shop: Storefront) -> None:
    subject = await people.register(shop)
    request = await returning(shop, subject)
    await personal_data(shop).erase(subject.email)
    assert await people.tables_with(shop.owner, subject.traces) == set()
    status = await shop.owner.fetchval("select status::text from return_requests where id = $1", request.id)
    assert status == "APPROVED"
    assert await shop.count("return_items") == 1


async def test_returns_move_with_a_merged_account(shop: Storefront) -> None:
    duplicate, kept = await people.register(shop), await people.register(shop)
    request = await returning(shop, duplicate)
    await personal_data(shop).merge(duplicate.email, kept.email)
    moved = await shop.services.returns.by_number(
        shop.database.reader(shop.company_id), kept.actor, request.rma_number
    )
    assert (moved.id, moved.user_id) == (request.id, kept.user_id)
