"""Saved payment methods of an erased person: nothing identifies them, and the provider is told when it answers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.values.secret import Secret
from domains.payment.models import SavedMethodType
from domains.payment.providers.results import KeptMethod
from tests.domains.order.storefront import Storefront
from tests.gateway import people
from tests.gateway.people import personal_data
from tests.gateway.site import services_of

CARD = SavedMethodType.CARD


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: Any, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


@pytest.mark.parametrize("in_company", [True, False])
async def test_an_erased_person_is_forgotten_at_the_provider_later(shop: Storefront, *, in_company: bool) -> None:
    subject = await people.register(shop)
    await people.live(shop, subject)
    company = await shop.services.company.current(shop.database.reader(shop.company_id))
    await personal_data(shop).erase(subject.email, company if in_company else None)
    rows = "select forget_at, label, alias from payment_methods where company_id = $1"
    (row,) = await shop.owner.fetch(rows, shop.company_id)
    assert (row["forget_at"] is None, row["label"], row["alias"]) == (False, None, None)
    assert await shop.services.payment.forgotten_methods.forget_due(shop.database, shop.system) == 1
    assert await shop.owner.fetch(rows, shop.company_id) == []


async def test_a_method_that_is_kept_after_the_erasure_is_only_forgotten(shop: Storefront) -> None:
    """A payment was on its way while its customer was erased."""
    subject = await people.register(shop)
    await people.live(shop, subject)
    await personal_data(shop).erase(subject.email)
    saved, late = shop.services.payment.saved_methods, KeptMethod(Secret("pm_late"), CARD, "cus", label=subject.word)
    assert await shop.run(lambda tx: saved.keep(tx, subject.user_id, "MOCK", late)) is None
    assert await people.tables_with(shop.owner, subject.traces) == set()
    assert await shop.services.payment.forgotten_methods.forget_due(shop.database, shop.system) == 2
