"""Sort keys of orders under row security: whole numbers that PostgreSQL stores beside the status and the total.

Row security lets an index answer leakproof operators alone: those of whole numbers are, those of enums and decimals
are not.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from domains.order.models import OrderStatus

# The ranks of the statuses, as the column `orders.status_rank` has them.
RANKS: Final = {status: place for place, status in enumerate(OrderStatus)}
# Above all totals that are stored, and its thousandths are still a bigint.
_MOST: Final = Decimal(2 * 10**15)
_NONE: Final = Decimal(-1)


def ranks_of(statuses: Sequence[OrderStatus]) -> list[int]:
    """The ranks of these statuses, in order and each once."""
    return sorted({RANKS[status] for status in statuses})


def total_key(total: Decimal) -> int:
    """A total as `orders.total_key` has it; one that no order can come to stays above or below them all."""
    return int(min(max(total, _NONE), _MOST).scaleb(3).to_integral_value(ROUND_HALF_UP))
