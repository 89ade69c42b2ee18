"""MOCK: a carrier without vehicles, which prices parcels, makes labels and moves parcels on by the clock."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import asyncpg

from domains.kernel.clock import Clock
from domains.kernel.ids import random_id
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.errors import WebhookSignatureInvalid
from domains.shipping.carriers.carrier import Carrier, CarrierAccount, CarrierCredential
from domains.shipping.carriers.models import TrackingStatus
from domains.shipping.carriers.requests import LabelRequest, RateRequest
from domains.shipping.carriers.results import (
    BoughtLabel,
    CarrierOutcome,
    CarrierRate,
    CarrierRefusal,
    Purchase,
    TrackingEvent,
    TrackingUpdate,
    Voiding,
)
from gateway.providers.carriers.mock import journey, prices, sql
from gateway.providers.carriers.mock.webhooks import HEADER, event_of, read_event
from gateway.providers.webhook_signature import header_of, sign, verify

CLOSED: Final = Purchase(CarrierOutcome.REFUSED, reason="The label was voided before it was bought.")
PICKED_UP: Final = "The parcel has been picked up already."


class MockCarrier:
    """A company's account at the MOCK carrier. It uses connections of its own, never the caller's transaction.

    It keeps no address of a parcel: the label is drawn anew from what the caller knows.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, webhook_secret: Secret | None) -> None:
        self._pool = pool
        self._clock = clock
        self._webhook_secret = webhook_secret

    async def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        """The services that go there."""
        if (reason := prices.refusal(request.parcel)) is not None:
            raise CarrierRefusal(reason)
        far = prices.distance(request.origin, request.destination)
        rates = (prices.rate(service, far, request.parcel, request.currency) for service in prices.FACTORS)
        return [rate for rate in rates if rate is not None]

    async def buy(self, request: LabelRequest) -> Purchase:
        """A label at the price of its service; idempotent by the reference."""
        far = prices.distance(request.origin, request.destination)
        rate = prices.rate(request.service, far, request.parcel, request.currency)
        reason = prices.refusal(request.parcel)
        if rate is None or reason is not None:
            known = await self.find(request.reference)
            services = ", ".join(prices.FACTORS)
            refused = reason or f"There is no service {request.service} to there. The services are {services}."
            return known or Purchase(CarrierOutcome.REFUSED, reason=refused)
        (row,) = await self._pool.fetch(
            sql.BUY,
            request.reference,
            _tracking_number(),
            request.service,
            far.value,
            rate.price.amount,
            rate.price.currency,
            self._clock.now(),
        )
        return _purchase(row)

    async def find(self, reference: UUID) -> Purchase | None:
        """The stored label."""
        row = await self._pool.fetchrow(sql.FIND, reference)
        return None if row is None else _purchase(row)

    async def void(self, reference: UUID) -> Voiding:
        """Void a label whose parcel has not been picked up."""
        row = await self._pool.fetchrow(sql.FIND, reference)
        is_voidable = row is None or not self._is_picked_up(row)
        (row,) = await self._pool.fetch(sql.VOID, reference, _tracking_number(), self._clock.now(), is_voidable)
        is_voided = row["voided_at"] is not None
        return Voiding(CarrierOutcome.APPROVED) if is_voided else Voiding(CarrierOutcome.REFUSED, PICKED_UP)

    async def track(self, tracking_number: str) -> Sequence[TrackingEvent]:
        """What has happened to the parcel by now; a voided label has no parcel."""
        row = await self._pool.fetchrow(sql.TRACK, tracking_number)
        return [] if row is None or row["voided_at"] is not None else self._events(row)

    async def document(self, request: LabelRequest, label: BoughtLabel) -> bytes | None:
        """The label, drawn in a thread of its own."""
        return await asyncio.to_thread(_label_pdf, request, label)

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[TrackingUpdate]:
        """Verify the header Mock-Carrier-Signature over the raw body, and read the event."""
        if self._webhook_secret is None:
            raise WebhookSignatureInvalid("The carrier has no webhook secret.")
        verify(header_of(headers, HEADER), body, self._webhook_secret, self._clock.now())
        return [read_event(body)]

    # ---- what the carrier itself does

    async def webhook(self, tracking_number: str) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of the signed webhook about a parcel as it is now. Raises LookupError."""
        events = await self.track(tracking_number)
        if not events or self._webhook_secret is None:
            raise LookupError(f"The MOCK carrier has no parcel {tracking_number} to tell of.")
        body = event_of(TrackingUpdate(tracking_number, events[-1]))
        return body, {HEADER: sign(body, self._webhook_secret, self._clock.now())}

    def _events(self, row: asyncpg.Record) -> Sequence[TrackingEvent]:
        return journey.events(row["service"], row["distance"], row["created_at"], self._clock.now())

    def _is_picked_up(self, row: asyncpg.Record) -> bool:
        return row["cost"] is not None and any(
            event.status is TrackingStatus.PICKED_UP for event in self._events(row)
        )


class MockCarrierAdapter:
    """The MOCK carrier, to try shipping without an account anywhere."""

    name: Final = "MOCK"
    fields: Sequence[CarrierCredential] = (
        CarrierCredential(
            "webhook_secret",
            "Signs the webhooks of the carrier. Choose one to send them yourself; without it none is accepted.",
            is_secret=True,
            is_required=False,
        ),
        CarrierCredential("account_number", "Any number; it shows how accounts are stored.", is_required=False),
    )
    is_built_in: Final = True
    quotes_rates: Final = True
    sells_labels: Final = True
    takes_typed_labels: Final = False

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def connect(self, account: CarrierAccount) -> Carrier:
        """The carrier with a company's account."""
        return MockCarrier(self._pool, self._clock, account.secrets.get("webhook_secret"))

    async def close(self) -> None:
        """Nothing is open."""


def _purchase(row: asyncpg.Record) -> Purchase:
    """The purchase of a stored label; one that was voided before it was bought is refused."""
    if row["cost"] is None:
        return CLOSED
    label = BoughtLabel(row["tracking_number"], Money(row["cost"], row["currency"]))
    return Purchase(CarrierOutcome.APPROVED, label, is_voided=row["voided_at"] is not None)


def _tracking_number() -> str:
    return f"MOCK{random_id().hex[:16].upper()}"


def _label_pdf(request: LabelRequest, label: BoughtLabel) -> bytes:
    # Its library takes a fifth of the start of a process, and only labels need it.
    from gateway.providers.carriers.label_pdf import label_pdf  # noqa: PLC0415

    return label_pdf(request, label)
