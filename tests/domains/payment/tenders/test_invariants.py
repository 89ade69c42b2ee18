"""The doctor finds gift cards, store credit and payments with them that were changed outside the domain."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.payment.tenders.invariants import INVARIANTS
from tests.domains.payment.gift_cards.issuer import Issuer

SWEPT = "What is left on an expired gift card is booked within an hour"
# Each with the statement that repairs what it broke.
BREAKS = {
    "Each gift card was issued once in the ledger, with its initial amount": (
        "update gift_cards set initial_amount = initial_amount + 1 where company_id = $1",
        "update gift_cards set initial_amount = initial_amount - 1 where company_id = $1",
    ),
    "Each balance of gift cards and store credit belongs to one, in its currency": (
        "update store_credits set currency = 'USD' where company_id = $1",
        "update store_credits set currency = 'EUR' where company_id = $1",
    ),
    "A payment by gift card or store credit is of one, in its currency": (
        "update payments set tender_id = id where company_id = $1 and provider = 'GIFT_CARD'",
        (
            "update payments p set tender_id = g.id from gift_cards g "
            "where p.company_id = $1 and g.company_id = $1 and p.provider = 'GIFT_CARD'"
        ),
    ),
    SWEPT: (
        "update gift_cards set expires_at = now() - interval '2 hours' where company_id = $1",
        "update gift_cards set expires_at = null where company_id = $1",
    ),
}


@pytest.mark.parametrize("rule", [invariant.rule for invariant in INVARIANTS])
async def test_the_doctor_finds_what_was_changed_outside(
    issuer: Issuer, owner: Any, order: UUID, customer: UUID, rule: str
) -> None:
    card = await issuer.card()
    await issuer.do(lambda tx: issuer.payments.store_credits.issue(tx, customer, Decimal(5), "sorry"))
    await issuer.spend(order, "19.90", [card], customer)
    assert await issuer.broken() == []
    breaks, repairs = BREAKS[rule]
    await owner.execute(breaks, issuer.actor.company_id)
    assert await issuer.broken() == [rule]
    await owner.execute(repairs, issuer.actor.company_id)
    assert await issuer.broken() == []
