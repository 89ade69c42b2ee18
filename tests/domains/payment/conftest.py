"""Orders to pay, the MOCK provider over its real records, and cards."""

from typing import Any
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService
from gateway.infra.encryption import Cipher
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.actors import make_user
from tests.domains.notification.mailbox import Mailbox, watched
from tests.domains.payment.gift_cards.issuer import Issuer
from tests.domains.payment.payer import Payer
from tests.domains.payment.services import payment_service

WEBHOOK_SECRET = Secret("a webhook secret")
ORDER = """
insert into orders (id, company_id, order_number, email, currency, subtotal, tax_amount, shipping_cost,
  discount_amount, total, tax_rate, prices_include_tax, updated_at)
values ($1, $2, $3, 'ada@example.com', 'EUR', 19.90, 0, 0, 0, 19.90, 0, true, now())
"""


async def make_order(owner: Any, company: UUID) -> UUID:
    """An order that waits for its money."""
    order_id = new_id()
    await owner.execute(ORDER, order_id, company, order_id.hex)
    return order_id


@pytest.fixture
def provider(pool: Any, clock: FixedClock) -> MockPayments:
    """The MOCK provider."""
    return MockPayments(pool, clock, WEBHOOK_SECRET)


@pytest.fixture
def mailbox() -> Mailbox:
    """The mail that payments ask for."""
    return Mailbox()


@pytest.fixture
def payments(provider: MockPayments, clock: FixedClock, mailbox: Mailbox) -> PaymentService:
    """The service under test."""
    encryption = Cipher([b"1" * 32], b"payment accounts")
    return payment_service(Providers(provider, encryption=encryption), clock, mailbox)


@pytest.fixture
async def order(owner: Any, company: UUID) -> UUID:
    """An order of the company."""
    return await make_order(owner, company)


@pytest.fixture
def payer(database: Database, actor: Actor, payments: PaymentService, order: UUID) -> Payer:
    """A till for the order."""
    return Payer(database, actor, payments, order)


@pytest.fixture
def issuer(database: Database, actor: Actor, payments: PaymentService, owner: Any, mailbox: Mailbox) -> Issuer:
    """A company that issues gift cards and store credit."""
    return Issuer(watched(database, mailbox), actor, payments, owner)


@pytest.fixture
async def customer(owner: Any) -> UUID:
    """A user."""
    return await make_user(owner)


@pytest.fixture
async def other_customer(owner: Any) -> UUID:
    """Another user."""
    return await make_user(owner)
