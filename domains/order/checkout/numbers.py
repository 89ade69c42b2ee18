"""Order numbers: a counter per company, incremented in a transaction of its own, so that orders do not wait."""

from typing import Final

from domains.kernel.database import Tx
from domains.kernel.errors import Busy

# The commit does not wait for the disk: a crash that loses the counter also loses everything that was committed after
# it, with the order of this number.
NEXT: Final = """
insert into order_counters (company_id, last_number) values ($1, 1)
on conflict (company_id) do update set last_number = order_counters.last_number + 1
returning last_number, set_config('synchronous_commit', 'off', true)
"""
KEY: Final = "orders_company_id_order_number_key"


class NumberTaken(Busy):
    """Another order has this number, from an earlier pattern. The next attempt gets another number."""

    def __init__(self) -> None:
        super().__init__("Another order already has this number. Try again.")


async def next_number(tx: Tx) -> int:
    """The next counter value of the company. One statement. An unused number leaves a gap."""
    number: int = await tx.fetch_value(NEXT, tx.company_id)
    return number
