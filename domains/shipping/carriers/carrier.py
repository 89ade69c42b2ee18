"""The port of carriers, which adapters implement, and the accounts that companies connect with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from domains.kernel.values.secret import Secret
from domains.shipping.carriers.requests import LabelRequest, RateRequest
from domains.shipping.carriers.results import (
    BoughtLabel,
    CarrierRate,
    Purchase,
    TrackingEvent,
    TrackingUpdate,
    Voiding,
)


@dataclass(frozen=True, slots=True)
class CarrierCredential:
    """A setting of a company's account at a carrier. A secret one is stored encrypted and never shown again."""

    name: str
    description: str
    is_secret: bool = False
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class CarrierAccount:
    """A company's account at a carrier: the address of its API, and its credentials by name.

    `endpoint` is None for the adapter's own address.
    """

    endpoint: str | None = None
    configuration: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)


class Carrier(Protocol):
    """Quotes, labels and tracking of a company's account at a carrier.

    A request that the carrier does not answer raises TimeoutError or another OSError. A refusal of a purchase or of a
    void is returned with its reason, never raised.
    """

    async def rates(self, request: RateRequest) -> Sequence[CarrierRate]:
        """The prices of a parcel by service; empty when the carrier does not take it. Raises CarrierRefusal."""
        ...

    async def buy(self, request: LabelRequest) -> Purchase:
        """Buy a label. The same reference again returns the same label, however late: it is bought once.

        A reference that was voided before it arrived is REFUSED.
        """
        ...

    async def find(self, reference: UUID) -> Purchase | None:
        """Look a purchase up by its reference; None when the carrier has not received it."""
        ...

    async def void(self, reference: UUID) -> Voiding:
        """Void a label, whose cost is refunded; one that was voided before is VOIDED again.

        A reference that the carrier does not know is closed: a purchase that arrives later under it is REFUSED.
        """
        ...

    async def track(self, tracking_number: str) -> Sequence[TrackingEvent]:
        """What the carrier knows of a parcel, oldest first; empty for one that it does not know."""
        ...

    async def document(self, request: LabelRequest, label: BoughtLabel) -> bytes | None:
        """The label as PDF, the same bytes each time; None for a carrier whose labels are made elsewhere."""
        ...

    async def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Sequence[TrackingUpdate]:
        """Verify the signature over the raw body and read its events; names of headers are compared without case.

        Raises WebhookSignatureInvalid for a signature that is missing, wrong or too old, and WebhookMalformed for a
        signed body that cannot be read.
        """
        ...


class CarrierAdapter(Protocol):
    """A kind of carrier that is installed; a company connects to it with accounts of its own."""

    @property
    def name(self) -> str:
        """The name by which carriers refer to the adapter, such as MOCK."""
        ...

    @property
    def fields(self) -> Sequence[CarrierCredential]:
        """What a company gives to connect; empty for an adapter without accounts."""
        ...

    @property
    def is_built_in(self) -> bool:
        """Whether it makes no request to the outside."""
        ...

    @property
    def quotes_rates(self) -> bool:
        """Whether it prices parcels, so that methods with live rates can use it."""
        ...

    @property
    def sells_labels(self) -> bool:
        """Whether labels can be bought from it."""
        ...

    @property
    def takes_typed_labels(self) -> bool:
        """Whether staff type the tracking number and the cost of a label, which was made elsewhere."""
        ...

    def connect(self, account: CarrierAccount) -> Carrier:
        """The carrier with the account of a company. No request is made."""
        ...

    async def close(self) -> None:
        """Close the connections to the carrier."""
        ...
