"""SQL fragments over account's tables that higher domains may join."""

from typing import Final

PAID_ORDERS: Final = """(
  select company_id, order_id, user_id, mailbox, email_confirmed, paid_at from buyer_orders
  where paid_at is not null and withdrawn_at is null
)"""
"""The paid orders of buyers that were neither cancelled nor refunded in full."""
