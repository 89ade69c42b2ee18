"""TABLE: a carrier whose prices are those of the shipping methods' own tables; its labels are made elsewhere."""

from collections.abc import Sequence
from typing import Final

from domains.shipping.carriers.carrier import Carrier, CarrierAccount, CarrierCredential
from gateway.providers.carriers.unsupported import UnsupportedCarrier


class TableAdapter:
    """Names a carrier for methods with prices of their own. It sells no labels."""

    name: Final = "TABLE"
    fields: Sequence[CarrierCredential] = ()
    is_built_in: Final = True
    quotes_rates: Final = False
    sells_labels: Final = False
    takes_typed_labels: Final = False

    def connect(self, account: CarrierAccount) -> Carrier:  # noqa: ARG002
        """The carrier."""
        return UnsupportedCarrier()

    async def close(self) -> None:
        """Nothing is open."""
