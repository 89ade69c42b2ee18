"""The shop of the tests of buyers."""

from tests.domains.notification.orders.conftest import mailbox, shop, told

__all__ = ["mailbox", "shop", "told"]
