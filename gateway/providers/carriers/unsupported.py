"""What carriers without an API of their own answer."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domains.payment.errors import WebhookSignatureInvalid
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


class UnsupportedCarrier:
    """The base of carriers that answer nothing: no prices, no labels, no tracking and no webhooks."""

    async def rates(self, request: RateRequest) -> Sequence[CarrierRate]:  # noqa: ARG002
        """No prices."""
        raise CarrierRefusal("The carrier has no prices of its own.")

    async def buy(self, request: LabelRequest) -> Purchase:  # noqa: ARG002
        """No labels."""
        return Purchase(CarrierOutcome.REFUSED, reason="The carrier sells no labels.")

    async def find(self, reference: UUID) -> Purchase | None:  # noqa: ARG002
        """No purchases."""
        return None

    async def void(self, reference: UUID) -> Voiding:  # noqa: ARG002
        """Nothing to void."""
        return Voiding(CarrierOutcome.APPROVED)

    async def track(self, tracking_number: str) -> Sequence[TrackingEvent]:  # noqa: ARG002
        """No tracking."""
        return ()

    async def document(self, request: LabelRequest, label: BoughtLabel) -> bytes | None:  # noqa: ARG002
        """No document."""
        return None

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[TrackingUpdate]:  # noqa: ARG002
        """No webhooks: none has a valid signature."""
        raise WebhookSignatureInvalid("The carrier sends no webhooks.")
