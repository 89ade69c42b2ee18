"""The messages of errors about units: one of them is in the singular."""

import pytest

from domains.kernel.errors import DomainError
from domains.order.editing.errors import LinePacked, LineRefunded
from domains.order.errors import GiftCardsSpent, RefundQuantityTooLarge
from domains.order.fulfilment.errors import OverShipped, UnitsElsewhere
from domains.order.returned_units.errors import UnitsNotDelivered
from domains.returns import errors
from domains.returns.refunds.errors import MoreThanRefundable, UnitsNotShipped

ONE = [
    (errors.ReturnQuantityTooLarge(2, 1), "1 unit of this line can be returned, not 2."),
    (errors.ReturnWindowEnded(1, None, 0), "Units can be returned within 1 day after"),
    (errors.TooManyOpenReturns(1), "The order has 1 open return request."),
    (errors.TooManyReturns(1), "The order has 1 return request,"),
    (errors.MoreThanRequested(2, 1), "1 unit was requested, not 2."),
    (errors.MoreThanApproved(2, 1), "1 approved unit of this item has not come yet, not 2."),
    (errors.MoreThanReceived(2, 1), "1 received unit of this item was not inspected yet, not 2."),
    (MoreThanRefundable(2, 1), "1 unit of this item can be refunded, not 2."),
    (UnitsNotShipped("Cup", 1, field=()), "Of 'Cup', 1 unit is still to be shipped"),
    (LinePacked(1), "1 unit of this line is packed or shipped,"),
    (LineRefunded(1), "1 unit of this line was refunded,"),
    (RefundQuantityTooLarge(1, 0), "1 unit cannot be refunded: 0 of this line are left."),
    (GiftCardsSpent(1, 0), "1 gift card cannot be taken back: 0 of this line are unspent."),
    (OverShipped(1, 0), "1 unit cannot be packed: 0 of this line are left."),
    (
        UnitsElsewhere("A", 2, 1, "MAIN", field=()),
        "The warehouse MAIN has 1 unit of 'A' for this order that is not packed",
    ),
    (UnitsNotDelivered("A", 1), "The shipments of this order have delivered 1 unit of A that is not returned yet."),
]


@pytest.mark.parametrize(("error", "text"), ONE, ids=[type(error).__name__ for error, _ in ONE])
def test_messages_name_one_unit_in_the_singular(error: DomainError, text: str) -> None:
    assert str(error).startswith(text)
