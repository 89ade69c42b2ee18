"""Saved payment methods at Stripe: saved without paying, paid with, and forgotten.

The fixtures of the other tests of Stripe have a name in common with those of the database.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domains.kernel.clock import FixedClock
from domains.kernel.database import Database
from gateway.providers.stripe.provider import StripeAdapter
from tests.domains.payment.saved_methods.methods_contract import check_saved_methods, wallet_at
from tests.gateway.providers.stripe.stripe_server import StripeServer
from tests.gateway.providers.stripe.terminal import StripeTerminal


async def test_a_customer_saves_pays_with_and_forgets_methods(owner: Any, database: Database, company: UUID) -> None:
    clock = FixedClock(datetime.now(UTC).replace(microsecond=0))
    async with StripeServer.started() as stripe:
        adapter = StripeAdapter(clock, stripe.url)
        terminal = await StripeTerminal.made(stripe, adapter, clock)
        wallet = await wallet_at(terminal, owner, database, company, clock)
        left = await check_saved_methods(terminal, wallet, owner)
        assert [method.id for method in await wallet.methods()] == [left]
        await adapter.close()
