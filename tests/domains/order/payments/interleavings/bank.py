"""The provider of an interleaving: what its buyers, their banks and the shop's dashboard do there, and its books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from domains.kernel.clock import FixedClock
from domains.kernel.values.secret import Secret
from domains.payment.accounts.accounts import AccountChanges
from domains.payment.models import Payment
from domains.payment.providers.provider import Credentials, ProviderAdapter
from domains.payment.providers.requests import PaymentInstrument
from tests.domains.order.storefront import Storefront


@dataclass(frozen=True)
class Held:
    """What the provider holds of a payment, in the order's currency."""

    captures: int = 0
    captured: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    charged_back: Decimal = Decimal(0)

    @property
    def left(self) -> Decimal:
        """What the shop has of it."""
        return self.captured - self.refunded - self.charged_back


class Bank(Protocol):
    """A provider that can be looked into."""

    name: str
    adapters: Sequence[ProviderAdapter]
    instruments: Mapping[str, PaymentInstrument]

    async def open(self, shop: Storefront) -> None:
        """Begin new books, and connect the shop to the provider."""

    def clock(self) -> FixedClock:
        """The clock of the provider, which the next shop has too."""

    async def held(self, payment: Payment) -> Held:
        """What the provider's books have."""

    async def answer(self, payment: Payment, *, succeeds: bool) -> None:
        """The buyer approves or refuses on the page of the provider or of the bank."""

    async def refund(self, payment: Payment, amount: Decimal) -> None:
        """Refund from the provider's dashboard, where that much is left."""

    async def dispute(self, payment: Payment) -> None:
        """The buyer's bank takes back what is left of a payment."""

    async def end_dispute(self, payment: Payment, *, is_won: bool) -> None:
        """A dispute ends, where the provider tells so."""

    async def webhook(self, payment: Payment, pick: int) -> tuple[bytes, dict[str, str]] | None:
        """One of the webhooks that the provider sends, of any age; None when it has none."""

    def complaints(self) -> list[str]:
        """What the provider would not have accepted."""

    def lose_answers(self, count: int) -> None:
        """Carry the next requests out without an answer; none is lost any more for 0."""


async def connect(shop: Storefront, provider: str, given: Credentials) -> None:
    """Connect the shop to its account at a provider, and take its payments there."""
    named = dict(given.secrets) | {name: Secret(text) for name, text in given.settings.items()}
    changes = AccountChanges(credentials=named)
    await shop.run(lambda tx: shop.services.payment.accounts.update(tx, provider, changes))
    await shop.run(lambda tx: shop.services.payment.settings.update(tx, {"payment_provider": provider}))
