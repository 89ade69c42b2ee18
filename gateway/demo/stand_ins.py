"""Payments of the demo at stand-ins of Stripe and PayPal on this machine, and never at the real ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self
from urllib.parse import urlsplit

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.values.secret import Secret
from domains.order.payments.payments import PaymentData
from domains.order.payments.refund_lines import NewRefund
from domains.payment.accounts.accounts import AccountChanges
from domains.payment.models import Payment, PaymentStatus
from domains.payment.providers.requests import HostedCheckout, MethodToken, PaymentInstrument
from gateway.demo.payments import Buyer, CreatedOrder, Pay
from gateway.services import Services
from gateway.settings import Settings

LOCAL: Final = {"localhost", "127.0.0.1", "::1"}
STRIPE: Final = "STRIPE"
PAYPAL: Final = "PAYPAL"
# What the stand-ins accept, and nobody else.
CREDENTIALS: Final = {
    STRIPE: {
        "secret_key": "sk_test_stand_in",
        "webhook_secret": "whsec_of_the_stand_in",
        "publishable_key": "pk_test_stand_in",
    },
    PAYPAL: {
        "client_id": "AeA1QIZXiflr1_-client",
        "client_secret": "ECYYrrSHdKfk_Q0EdvzdGkzj58a66kKaUQ5dZAEv",
        "webhook_id": "8PT597110X687430LKGECATA",
        "environment": "SANDBOX",
    },
}
PAYS: Final = "pm_card_visa"
IS_DISPUTED: Final = "pm_card_createDispute"
RETURN_URL: Final = "http://127.0.0.1/return"
REFUND: Final = Decimal("5.00")


@dataclass(frozen=True, slots=True)
class StandInUrls:
    """Where the stand-ins of Stripe and PayPal are on this machine; None where the demo asks neither."""

    stripe: str | None = None
    paypal: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The addresses in the settings, without those of other machines."""
        return cls(_local(settings.stripe_url), _local(settings.paypal_url))


class StandInPayments:
    """Connects the demo's own shop to the stand-ins, and pays orders there as a buyer does."""

    def __init__(self, services: Services, db: Database, staff: Actor, urls: StandInUrls) -> None:
        self._services = services
        self._db = db
        self._staff = staff
        self._system = Actor.system(staff.company_id)
        self._urls = urls

    @property
    def ways(self) -> Sequence[Pay]:
        """The ways to pay at the stand-ins that there are, each for an order of its own."""
        stripe: list[Pay] = [self._refunded_at_stripe, self._disputed_at_stripe] if self._urls.stripe else []
        return [*stripe, self._at_paypal] if self._urls.paypal else stripe

    async def connect(self, tx: Tx) -> None:
        """Connect the shop to the stand-ins that there are; its own provider stays MOCK."""
        for provider, url in ((STRIPE, self._urls.stripe), (PAYPAL, self._urls.paypal)):
            if url is not None:
                credentials = {name: Secret(value) for name, value in CREDENTIALS[provider].items()}
                await self._services.payment.accounts.update(tx, provider, AccountChanges(credentials=credentials))

    async def _refunded_at_stripe(self, buyer: Buyer, created: CreatedOrder) -> None:
        """Pay by a test card of Stripe; a part is refunded."""
        payment = await self._start(buyer, created, STRIPE, MethodToken(Secret(PAYS)))
        if payment.status is PaymentStatus.SUCCEEDED:
            refund = NewRefund(amount=REFUND, reason="Arrived late")
            await self._services.order.refunds.refund(self._db, self._staff, created.order.id, refund)

    async def _disputed_at_stripe(self, buyer: Buyer, created: CreatedOrder) -> None:
        """Pay by the test card whose payments are disputed at once."""
        payment = await self._start(buyer, created, STRIPE, MethodToken(Secret(IS_DISPUTED)))
        await self._services.order.reconciliation.look_up(self._db, self._system, payment)

    async def _at_paypal(self, buyer: Buyer, created: CreatedOrder) -> None:
        """Approve the payment on the page of PayPal, and return to the shop."""
        payment = await self._start(buyer, created, PAYPAL, HostedCheckout())
        if payment.next_action_url is not None:
            await _approve(payment.next_action_url)
            confirmation = self._services.order.confirmation
            await confirmation.confirm(self._db, buyer.actor, payment.id, token=created.token)

    async def _start(
        self, buyer: Buyer, created: CreatedOrder, provider: str, instrument: PaymentInstrument
    ) -> Payment:
        given = PaymentData(instrument=instrument, provider=provider, return_url=RETURN_URL, token=created.token)
        payments = self._services.order.payments
        return (await payments.start(self._db, buyer.actor, created.order.id, given)).payment


async def _approve(url: str) -> None:
    """Approve a payment on a page of a stand-in. Raises ValueError for a page of another machine."""
    import httpx2  # noqa: PLC0415 - a shop without stand-ins does not load it

    if _local(url) is None:
        raise ValueError("The demo opens pages of this machine only.")
    async with httpx2.AsyncClient() as client:
        await client.post(url, follow_redirects=False)


def _local(url: str | None) -> str | None:
    """An address, if it is on this machine."""
    return url if url and urlsplit(url).hostname in LOCAL else None
