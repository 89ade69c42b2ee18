"""Sort keys of orders under row security: whole numbers that PostgreSQL stores beside the status and the total.

Under row security an index is used for leakproof operators only: those of whole numbers are, those of enums and
decimals are not.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from domains.order.models import OrderStatus

# The ranks of the statuses, as the column `orders.status_rank` has them.
RANKS: Final = {status: rank for rank, status in enumerate(OrderStatus)}
# Above all stored totals; its thousandths fit into a bigint.
_MAX_TOTAL: Final = Decimal(2 * 10**15)
_BELOW_ALL: Final = Decimal(-1)


def ranks_of(statuses: Sequence[StrEnum]) -> list[int]:
    """The ranks of these statuses of one enum, in order and each once."""
    return sorted({list(type(status)).index(status) for status in statuses})


def total_key(total: Decimal) -> int:
    """A total as `orders.total_key` has it; one that no order can have is above or below all others."""
    return int(min(max(total, _BELOW_ALL), _MAX_TOTAL).scaleb(3).to_integral_value(ROUND_HALF_UP))
