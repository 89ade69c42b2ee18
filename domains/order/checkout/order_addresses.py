"""The addresses of a new order: where it is shipped, and where its invoice goes."""

from dataclasses import dataclass
from typing import Self

from domains.order.data import OrderAddressCreate
from domains.tax.models import Destination


@dataclass(frozen=True, slots=True)
class OrderAddresses:
    """The shipping address, None for an order that is collected or not shipped, and the billing address."""

    shipping: OrderAddressCreate | None
    billing: OrderAddressCreate

    @classmethod
    def of(cls, shipping: OrderAddressCreate | None, billing: OrderAddressCreate | None) -> Self:
        """The addresses of an order; the billing address is the shipping address by default. One must be given."""
        address = billing or shipping
        if address is None:
            raise ValueError("An order has an address.")
        return cls(shipping, address)

    @property
    def rows(self) -> list[OrderAddressCreate]:
        """Each address once, that of the delivery first."""
        if self.shipping is None or self.shipping is self.billing:
            return [self.billing]
        return [self.shipping, self.billing]

    @property
    def first(self) -> OrderAddressCreate:
        """The shipping address, otherwise the billing address."""
        return self.billing if self.shipping is None else self.shipping

    def place(self, vat_number: str | None) -> Destination:
        """The place of the first address, with the buyer's VAT number there."""
        address = self.first
        return Destination(address["country"], address.get("province"), address["postal_code"] or None, vat_number)

    def without_shipping(self) -> Self:
        """The addresses of an order that its buyer collects."""
        return type(self)(None, self.billing)
