"""MANUAL: staff buy labels elsewhere, and type their tracking number and cost."""

from collections.abc import Sequence
from typing import Final

from domains.shipping.carriers.carrier import Carrier, CarrierAccount, CarrierCredential
from domains.shipping.carriers.requests import LabelRequest
from domains.shipping.carriers.results import BoughtLabel, CarrierOutcome, Purchase
from gateway.providers.carriers.unsupported import UnsupportedCarrier


class ManualCarrier(UnsupportedCarrier):
    """Records what staff type, and keeps nothing of it."""

    async def buy(self, request: LabelRequest) -> Purchase:
        """The label as it was typed."""
        if request.typed is None:
            return Purchase(CarrierOutcome.REFUSED, reason="The tracking number and the cost are not typed.")
        return Purchase(CarrierOutcome.APPROVED, BoughtLabel(request.typed.tracking_number, request.typed.cost))


class ManualAdapter:
    """Takes labels that were made elsewhere. It has no prices of its own."""

    name: Final = "MANUAL"
    fields: Sequence[CarrierCredential] = ()
    is_built_in: Final = True
    quotes_rates: Final = False
    sells_labels: Final = True
    takes_typed_labels: Final = True

    def connect(self, account: CarrierAccount) -> Carrier:  # noqa: ARG002
        """The carrier."""
        return ManualCarrier()

    async def close(self) -> None:
        """Nothing is open."""
