"""What tenders pay of an amount, and that no one chooses them as a method or a provider. Pure."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.ids import new_id
from domains.payment.errors import PaymentMethodNotAccepted
from domains.payment.methods import accepted_methods, require_method
from domains.payment.models import PaymentMethod, PaymentSettings
from domains.payment.providers.recorded_provider import RECORDED, RecordedProvider
from domains.payment.providers.registry import Providers
from domains.payment.tenders.models import Tender
from domains.payment.tenders.tenders import Tenders

SYSTEM = Actor.system(UUID(int=1))

amounts = st.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100)


def tender(balance: Decimal) -> Tender:
    return Tender(PaymentMethod.GIFT_CARD, new_id(), balance, "EUR", "ABCD")


@given(amounts, st.lists(amounts.filter(bool), max_size=5))
def test_tenders_pay_in_their_order_until_nothing_is_due(due: Decimal, balances: list[Decimal]) -> None:
    tenders = [tender(balance) for balance in balances]
    spends = Tenders.spends(due, tenders)
    assert sum((spend.amount for spend in spends), Decimal(0)) == min(due, sum(balances, Decimal(0)))
    assert [spend.tender for spend in spends] == tenders[: len(spends)]
    assert all(spend.amount == spend.tender.balance for spend in spends[:-1])
    assert all(spend.amount > 0 for spend in spends)


def test_no_buyer_and_no_staff_choose_a_tender_as_the_method() -> None:
    settings = PaymentSettings("MOCK")
    assert accepted_methods(settings, SYSTEM) == [PaymentMethod.CARD]
    for method in (PaymentMethod.GIFT_CARD, PaymentMethod.STORE_CREDIT):
        with pytest.raises(PaymentMethodNotAccepted):
            require_method(settings, SYSTEM, method)


def test_no_company_chooses_recorded_payments_as_its_provider() -> None:
    default = RecordedProvider("MOCK", FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    assert Providers(default).names == ["MOCK"]
    assert RECORDED == ("MANUAL", "GIFT_CARD", "STORE_CREDIT", "EXCHANGE")
