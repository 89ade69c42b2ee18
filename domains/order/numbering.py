"""Order numbers: the next of the sequence, written by the company's pattern."""

from datetime import datetime

from domains.company.order_numbers import render
from domains.kernel.database import Tx
from domains.order import queries


async def next_number(tx: Tx, pattern: str, at: datetime) -> str:
    """A number that no other order has; one that is not used leaves a gap. Nobody waits for anybody."""
    return render(pattern, await queries.next_in_sequence(tx), at)
