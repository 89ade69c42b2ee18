"""Saved payment methods at PayPal: saved without paying, paid with, and forgotten."""

from typing import Any
from uuid import UUID

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from tests.domains.payment.saved_methods.methods_contract import check_saved_methods, wallet_at
from tests.gateway.providers.paypal.conftest import PayPalTerminal


async def test_a_customer_saves_pays_with_and_forgets_methods(
    terminal: PayPalTerminal, owner: Any, database: Database, company: UUID, clock: FixedClock
) -> None:
    wallet = await wallet_at(terminal, owner, database, company, clock)
    left = await check_saved_methods(terminal, wallet, owner)
    assert [method.id for method in await wallet.methods()] == [left]
