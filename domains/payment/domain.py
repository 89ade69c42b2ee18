"""The declaration of the payment domain."""

from typing import Final

from domains.kernel.domain import Domain, Parts, events_in
from domains.payment import events, invariants
from domains.payment.providers import Providers
from domains.payment.service import PaymentService


def build(parts: Parts) -> PaymentService:
    """Payments by the providers that are installed."""
    return PaymentService(parts.of(Providers), parts.settings, parts.clock)


DOMAIN: Final = Domain(
    name="payment",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    events=events_in(events),
    money_tables=("payments", "refunds"),
)
