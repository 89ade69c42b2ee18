"""What the provider tells of a payment when it is looked up, as tests want it."""

from decimal import Decimal

import pytest

from domains.kernel.values.money import Money
from domains.order.models import Order
from domains.payment.models import Payment, TransactionStatus, TransactionType
from domains.payment.providers.requests import PaymentReference
from domains.payment.providers.results import ProviderPayment, ProviderStatus, ProviderTransaction
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.order.storefront import Storefront


def tell(monkeypatch: pytest.MonkeyPatch) -> list[ProviderTransaction]:
    """The transactions of captured payments that the provider tells from now on; tests change the list."""
    told: list[ProviderTransaction] = []

    async def find(_provider: MockPayments, payment: PaymentReference) -> ProviderPayment:
        return ProviderPayment(
            ProviderStatus.SUCCEEDED, payment.provider_id, payment.amount, transactions=tuple(told)
        )

    monkeypatch.setattr(MockPayments, "find", find)
    return told


def transaction(
    shop: Storefront, kind: TransactionType, status: TransactionStatus, amount: Decimal, name: str = "tx_1"
) -> ProviderTransaction:
    return ProviderTransaction(name, kind, status, Money(amount, "EUR"), shop.clock.now())


async def look_up(shop: Storefront, payment: Payment) -> tuple[Order, Payment]:
    return await shop.services.order.reconciliation.look_up(shop.database, shop.system, payment)
