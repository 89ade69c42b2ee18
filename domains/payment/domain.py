"""The declaration of the payment domain."""

from dataclasses import dataclass
from typing import Final

from domains.kernel.domain import Domain, Parts
from domains.payment import invariants
from domains.payment.provider import PaymentProvider
from domains.payment.service import PaymentService


@dataclass(frozen=True, slots=True)
class PaymentAdapters:
    """The adapters of payment providers that are installed."""

    provider: PaymentProvider


def build(parts: Parts) -> PaymentService:
    """Payments by the provider that is installed."""
    return PaymentService(parts.of(PaymentAdapters).provider, parts.clock)


DOMAIN: Final = Domain(
    name="payment",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    money_tables=("payments", "refunds"),
)
