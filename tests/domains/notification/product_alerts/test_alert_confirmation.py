"""A guest's alert is created by the code that the owner of the mailbox was sent."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.auth.emails.verification_codes import ATTEMPTS, LIFETIME
from domains.auth.errors import InvalidCode
from domains.auth.rate_limits.mail_limits import MAX_MAILS, TooManyMails
from domains.kernel.clock import FixedClock
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.notification.product_alerts.errors import AlertAddressFixedByAccount
from tests.domains.catalog.conftest import MakeCustomer
from tests.domains.notification.product_alerts.conftest import DROP, Alerts

GUS = "gus@example.com"


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_a_guest_is_told_after_confirming_the_address(alerts: Alerts, clock: FixedClock) -> None:
    tea = await alerts.product(name="Tea", stock=1)
    code_id = await alerts.request("Gus@Example.com ", tea, kind=DROP, target_price=Decimal(9), language="fr")
    (mail,) = await alerts.told()
    assert (mail.kind, mail.recipient, mail.variables["product"]) == ("ALERT_CONFIRMATION", GUS, {"name": "Tea"})
    await alerts.price(tea, "5")
    assert await alerts.tell(tea) == 0
    alert = await alerts.confirm(code_id, f" {await alerts.code()} ")
    assert (alert.email, alert.user_id, alert.language, alert.price) == (GUS, None, "fr", Decimal(10))
    assert await alerts.tell(tea) == 1
    assert [(each.kind, each.recipient) for each in await alerts.told()][1:] == [("PRICE_DROP", GUS)]


async def test_a_code_is_stored_sealed_and_valid_once(alerts: Alerts, owner: Any, company: UUID) -> None:
    code_id = await alerts.request(GUS, await alerts.product())
    code = await alerts.code()
    stored = await owner.fetchval("select code from product_alert_codes where company_id = $1", company)
    assert (len(code), len(stored), code in stored) == (6, 64, False)
    first = await asyncio.gather(*(alerts.confirm(code_id, code) for _ in range(3)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in first) == ["InvalidCode", "InvalidCode", "ProductStockAlertRow"]


@pytest.mark.parametrize(("late", "is_valid"), [(timedelta(seconds=1), True), (timedelta(0), False)])
async def test_a_code_expires_after_ten_minutes(
    alerts: Alerts, clock: FixedClock, late: timedelta, is_valid: bool
) -> None:
    code_id = await alerts.request(GUS, await alerts.product())
    clock.advance(LIFETIME - late)
    (outcome,) = await asyncio.gather(alerts.confirm(code_id, await alerts.code()), return_exceptions=True)
    assert isinstance(outcome, InvalidCode) is not is_valid


async def test_five_parallel_wrong_codes_void_the_code(alerts: Alerts) -> None:
    code_id = await alerts.request(GUS, await alerts.product())
    code = await alerts.code()
    wrong = await asyncio.gather(
        *(alerts.confirm(code_id, other_than(code)) for _ in range(ATTEMPTS)), return_exceptions=True
    )
    assert {type(each) for each in wrong} == {InvalidCode}
    for each in (code_id, new_id()):
        with pytest.raises(InvalidCode):
            await alerts.confirm(each, code)


async def test_the_mails_to_a_mailbox_are_limited_whatever_the_product(alerts: Alerts) -> None:
    products = [await alerts.product(f"P{number}") for number in range(2)]
    for number in range(MAX_MAILS):
        await alerts.request(f"gus+{number}@example.com", products[number % 2])
    with pytest.raises(TooManyMails):
        await alerts.request(GUS, products[0])
    assert len(await alerts.told()) == MAX_MAILS


async def test_a_user_gives_no_address_and_a_guest_a_valid_one(alerts: Alerts, make_customer: MakeCustomer) -> None:
    ann, tea = await make_customer(), await alerts.product()
    with pytest.raises(InvalidInput):
        await alerts.request("not an address", tea)
    for actor in (ann,):
        with pytest.raises(AlertAddressFixedByAccount):
            await alerts.parts.confirmation.request(alerts.database, actor, None, None, GUS)
    assert await alerts.told() == []


async def test_confirming_takes_back_an_unsubscription_but_no_complaint(
    alerts: Alerts, owner: Any, company: UUID
) -> None:
    for category, reason in (("ALERTS", "UNSUBSCRIBED"), ("NEWS", "UNSUBSCRIBED"), (None, "COMPLAINT")):
        await owner.execute(
            "insert into notification_suppressions (id, company_id, channel, address, category, reason) "
            "values ($1, $2, 'EMAIL', $3, $4, $5)",
            new_id(),
            company,
            GUS,
            category,
            reason,
        )
    code_id = await alerts.request("gus+tea@example.com", await alerts.product())
    await alerts.confirm(code_id, await alerts.code())
    left = await owner.fetch("select reason from notification_suppressions where company_id = $1", company)
    assert sorted(row["reason"] for row in left) == ["COMPLAINT", "UNSUBSCRIBED"]
