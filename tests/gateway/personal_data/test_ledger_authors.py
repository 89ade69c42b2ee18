"""Staff who posted to the ledger: their entries are exported, and stay without them when they are erased."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.ledger.models import AdjustmentLine, LedgerEntry, LedgerSide, NewAdjustment
from tests.domains.actors import EVERYTHING
from tests.domains.order.storefront import Storefront
from tests.gateway import people
from tests.gateway.people import Subject, personal_data
from tests.gateway.site import services_of

D, C = LedgerSide.DEBIT, LedgerSide.CREDIT
AUTHORS = "select performed_by, reason from ledger_entries where company_id = $1"


@pytest.fixture
async def shop(database: Database, clock: FixedClock, company: Any, owner: Any) -> AsyncIterator[Storefront]:
    made = Storefront(services_of(clock, database), database, clock, company, owner)
    yield made
    assert await made.broken() == []


async def adjust(shop: Storefront, subject: Subject) -> LedgerEntry:
    lines = [AdjustmentLine("6000", D, Decimal(1)), AdjustmentLine("1000", C, Decimal(1))]
    new = NewAdjustment(lines=lines, reason="A bank fee")
    actor = replace(subject.actor, grants=EVERYTHING)
    posted: LedgerEntry = await shop.run(lambda tx: shop.services.ledger.adjustments.create(tx, new), actor)
    return posted


@pytest.mark.parametrize("in_company", [True, False])
async def test_an_adjustment_stays_without_its_author(shop: Storefront, *, in_company: bool) -> None:
    subject = await people.register(shop)
    posted = await adjust(shop, subject)
    data, company = personal_data(shop), await shop.services.company.current(shop.database.reader(shop.company_id))
    exported = (await data.export(subject.email))["companies"][company.slug]["ledger"]["ledger_entries"]
    assert [(each["id"], each["reason"]) for each in exported] == [(str(posted.id), "A bank fee")]
    await data.erase(subject.email, company if in_company else None)
    (row,) = await shop.owner.fetch(AUTHORS, shop.company_id)
    assert ((row["performed_by"] == subject.user_id), row["reason"]) == (not in_company, "A bank fee")
    erased = "select erased_at is not null from users where id = $1"
    assert await shop.owner.fetchval(erased, row["performed_by"]) is True
