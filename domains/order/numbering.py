"""Order numbers: the next of the sequence, written by the company's pattern."""

from datetime import datetime
from typing import Final

from domains.company.order_numbers import template
from domains.kernel.prisma.parts import Sql

# The number is at least so wide; `lpad` alone would cut a longer one.
NEXT: Final = """(
  select {}::text || lpad(n, greatest(length(n), {}::int), '0') || {}::text
  from (select nextval('order_numbers')::text as n) as number
)"""


def next_number(pattern: str, at: datetime) -> Sql:
    """A number that no other order has; one that is not used leaves a gap. Nobody waits for anybody."""
    before, width, after = template(pattern, at)
    return Sql(NEXT, (before, width, after))
