"""Exchanges: a new order that replaces goods of another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domains.order.data import OrderAddressCreate
from domains.order.editing.new_lines import BuiltLines
from domains.order.models import Order, OrderTicket
from domains.order.payments.refunds import PendingRefund
from domains.order.summary import OrderFacts
from domains.tax.models import Destination

NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class ExchangeDraft:
    """The new order to be: the order that it replaces, its lines and the copies of its addresses."""

    ticket: OrderTicket
    replaced: Order
    lines: BuiltLines
    shipping: OrderAddressCreate | None
    billing: OrderAddressCreate
    place: Destination | None

    @property
    def addresses(self) -> list[OrderAddressCreate]:
        """Each address once."""
        if self.shipping is None or self.shipping is self.billing:
            return [self.billing]
        return [self.shipping, self.billing]

    @property
    def facts(self) -> OrderFacts:
        """The facts of the new order before anything is paid."""
        return OrderFacts(total=self.lines.total, ordered=self.lines.ordered, digital=self.lines.digital_units)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A new order, the order whose goods it replaces, and the refunds of that.

    The first refunds pay the new order; the others, of what it does not cost, may still have to be sent.
    """

    order: Order
    replaced: Order
    refunds: Sequence[PendingRefund]
