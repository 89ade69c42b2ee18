"""A shop whose orders are edited; all invariants are checked after every test."""

import pytest

from tests.domains.order.editing.editor import Editor
from tests.domains.order.storefront import Storefront


@pytest.fixture
async def editor(shop: Storefront) -> Editor:
    """Staff of a shop with A at 10.00, B at 4.00 and U, whose stock is not counted, at 2.50 EUR."""
    await shop.stock("A", 20)
    await shop.stock("B", 20, "4.00")
    await shop.stock("U", None, "2.50")
    return Editor(shop, await shop.staff())
