"""The payment settings of a company: its provider, and the audience of each payment method."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.kernel.validation import ValidationErrors
from domains.payment.errors import PaymentMethodNotAccepted, ProviderUnknown
from domains.payment.methods import TENDERS, accepted_methods, require_method
from domains.payment.models import (
    CaptureMethod,
    CaptureMode,
    PaymentAudience,
    PaymentMethod,
    PaymentSettings,
    PaymentStatus,
)
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService
from gateway.providers.mock.declines import APPROVES
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.conftest import WEBHOOK_SECRET
from tests.domains.payment.payer import Payer, card
from tests.domains.payment.services import payment_service

A = PaymentAudience
DEFAULTS = PaymentSettings("MOCK", A.EVERYONE, A.CUSTOMERS, A.NOBODY)
EVENTS = (
    "select payload from outbox_events where topic = 'payment.settings_updated' and company_id = $1 order by sequence"
)


class OtherProvider(MockPayments):
    name = "OTHER"


@pytest.fixture
def payments(provider: MockPayments, pool: Any, clock: FixedClock) -> PaymentService:
    return payment_service(Providers(provider, OtherProvider(pool, clock, WEBHOOK_SECRET)), clock)


@pytest.fixture(autouse=True)
async def without_a_row(owner: Any, company: UUID) -> None:
    await owner.execute("delete from payment_settings where company_id = $1", company)


async def change(database: Database, actor: Actor, payments: PaymentService, **given: Any) -> PaymentSettings:
    return await database.run(lambda tx: payments.settings.update(tx, given), actor)


async def test_a_company_without_a_row_has_the_defaults(payments: PaymentService, reader: Reader) -> None:
    assert await payments.settings.current(reader) == DEFAULTS


async def test_settings_are_cached_for_five_seconds(
    payments: PaymentService, reader: Reader, clock: FixedClock, owner: Any, company: UUID
) -> None:
    with counting() as count:
        for _ in range(3):
            await payments.settings.current(reader)
    assert count.data == 1
    await owner.execute("insert into payment_settings (company_id, card_payments) values ($1, 'NOBODY')", company)
    clock.advance(timedelta(seconds=4))
    assert (await payments.settings.current(reader)).card_payments is A.EVERYONE
    clock.advance(timedelta(seconds=1))
    assert (await payments.settings.current(reader)).card_payments is A.NOBODY


async def test_a_change_is_visible_at_once_and_emits_one_event(
    payments: PaymentService, database: Database, actor: Actor, reader: Reader, owner: Any, company: UUID
) -> None:
    await payments.settings.current(reader)
    for _ in range(2):
        await change(database, actor, payments, invoice_payments=A.NOBODY, card_payments=A.EVERYONE)
    assert await payments.settings.current(reader) == replace(DEFAULTS, invoice_payments=A.NOBODY)
    payloads = [row["payload"] for row in await owner.fetch(EVENTS, company)]
    assert payloads == [{"company_id": str(company), "changed": ["invoice_payments"]}]


async def test_a_change_that_is_rolled_back_is_not_cached(
    payments: PaymentService, database: Database, actor: Actor, reader: Reader
) -> None:
    async def broken(tx: Tx) -> None:
        await payments.settings.update(tx, {"card_payments": A.NOBODY})
        assert (await payments.settings.current(tx)).card_payments is A.NOBODY
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(broken, actor)
    assert await payments.settings.current(reader) == DEFAULTS


async def test_parallel_changes_of_different_settings_all_take_effect(
    payments: PaymentService, database: Database, actor: Actor, reader: Reader
) -> None:
    given: list[dict[str, Any]] = [
        {"card_payments": A.CUSTOMERS},
        {"invoice_payments": A.EVERYONE},
        {"cash_on_delivery": A.CUSTOMERS},
        {"payment_provider": "OTHER"},
    ]
    await asyncio.gather(*(change(database, actor, payments, **each) for each in given))
    assert await payments.settings.current(reader) == PaymentSettings("OTHER", A.CUSTOMERS, A.EVERYONE, A.CUSTOMERS)


async def test_every_invalid_setting_is_named(payments: PaymentService, database: Database, actor: Actor) -> None:
    with pytest.raises(ValidationErrors) as caught:
        await change(database, actor, payments, payment_provider="GONE", card_payments=None)
    assert [(error.code, error.field) for error in caught.value.errors] == [
        ("PROVIDER_UNKNOWN", ("payment_provider",)),
        ("REQUIRED", ("card_payments",)),
    ]
    with pytest.raises(ProviderUnknown, match=r"Choose one of: MOCK, OTHER\."):
        await change(database, actor, payments, payment_provider="MANUAL")


async def test_a_null_provider_is_the_default_of_the_installation(
    payments: PaymentService, database: Database, actor: Actor
) -> None:
    assert (await change(database, actor, payments, payment_provider="OTHER")).payment_provider == "OTHER"
    assert (await change(database, actor, payments, payment_provider=None)).payment_provider == "MOCK"


async def test_new_payments_use_the_companys_provider_and_existing_ones_keep_theirs(
    payments: PaymentService, database: Database, actor: Actor, order: UUID
) -> None:
    async def create(tx: Tx) -> Any:
        return await payments.create(tx, order, Decimal(5), "EUR", card(APPROVES))

    first = await database.run(create, actor)
    await change(database, actor, payments, payment_provider="OTHER")
    result = await payments.operations.authorize(database.reader(actor.company_id), first, card(APPROVES))
    await database.run(lambda tx: payments.record(tx, first.id, result), actor)
    second = await database.run(create, actor)
    found = await payments.payments_by_id(database.reader(actor.company_id), [first.id, second.id])
    assert {(payment.id, payment.provider) for payment in found} == {(first.id, "MOCK"), (second.id, "OTHER")}


async def test_settings_of_another_company_are_not_visible(
    payments: PaymentService, database: Database, actor: Actor, other_company: UUID, owner: Any
) -> None:
    await owner.execute("delete from payment_settings where company_id = $1", other_company)
    await change(database, actor, payments, card_payments=A.NOBODY)
    assert await payments.settings.current(database.reader(other_company)) == DEFAULTS


# ---- payment methods

CHOSEN = [method for method in PaymentMethod if method not in TENDERS]
GUEST = Actor.anonymous(UUID(int=1))
CUSTOMER = Actor(ActorKind.USER, UUID(int=1), user_id=UUID(int=2))
STAFF = replace(CUSTOMER, grants=frozenset({Grant(PermissionResource.ORDERS, PermissionAction.UPDATE)}))


@pytest.mark.parametrize(
    ("audience", "guest", "customer"),
    [(A.EVERYONE, True, True), (A.CUSTOMERS, False, True), (A.NOBODY, False, False)],
)
def test_a_payment_method_is_offered_to_its_audience(audience: PaymentAudience, guest: bool, customer: bool) -> None:
    settings = PaymentSettings("MOCK", audience, audience, audience)
    assert accepted_methods(settings, GUEST) == (CHOSEN if guest else [])
    assert accepted_methods(settings, CUSTOMER) == (CHOSEN if customer else [])


def test_staff_choose_any_payment_method_for_others() -> None:
    settings = PaymentSettings("MOCK", A.NOBODY, A.NOBODY, A.NOBODY)
    for method in CHOSEN:
        require_method(settings, STAFF, method)
        with pytest.raises(PaymentMethodNotAccepted, match="Ask the shop how to pay"):
            require_method(settings, CUSTOMER, method)


@pytest.mark.parametrize(
    ("mode", "method"),
    [
        (CaptureMode.AUTOMATIC, CaptureMethod.AUTOMATIC),
        (CaptureMode.MANUAL, CaptureMethod.MANUAL),
        (CaptureMode.ON_SHIPMENT, CaptureMethod.MANUAL),
    ],
)
async def test_the_capture_mode_decides_whether_the_provider_captures_at_once(
    payer: Payer, payments: PaymentService, mode: CaptureMode, method: CaptureMethod
) -> None:
    payment = await payer.begin(mode=mode)
    assert payment.capture_method is method
    await payer.set_mode(CaptureMode.AUTOMATIC)
    status = PaymentStatus.SUCCEEDED if mode is CaptureMode.AUTOMATIC else PaymentStatus.AUTHORIZED
    assert (await payer.authorize(payment, APPROVES)).status is status
