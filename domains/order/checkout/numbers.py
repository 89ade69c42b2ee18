"""Order numbers: a counter per company, raised in its own transaction, so that no order waits for another."""

from typing import Final

from domains.kernel.database import Tx
from domains.kernel.errors import Busy

# A crash that loses the counter also loses everything committed after it, the order of this number included. So its
# commit need not wait for the disk.
NEXT: Final = """
insert into order_counters (company_id, last_number) values ($1, 1)
on conflict (company_id) do update set last_number = order_counters.last_number + 1
returning last_number, set_config('synchronous_commit', 'off', true)
"""
KEY: Final = "orders_company_id_order_number_key"


class NumberTaken(Busy):
    """Another order has the number, written by an earlier pattern. The next attempt has another number."""

    def __init__(self) -> None:
        super().__init__("The number of this order is taken already. Try again.")


async def next_number(tx: Tx) -> int:
    """A number that no order of the company has. One statement. A number that is not used leaves a gap."""
    number: int = await tx.fetch_value(NEXT, tx.company_id)
    return number
