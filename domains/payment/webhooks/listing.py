"""Listing of events at providers, which finds those that webhooks have missed."""

from datetime import datetime, timedelta
from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Database
from domains.kernel.transactions.cleanup import raise_if_cancelled
from domains.payment import data
from domains.payment.accounts.accounts import PaymentAccounts
from domains.payment.errors import ProviderNotConfigured
from domains.payment.providers.operations import answer
from domains.payment.providers.registry import Providers
from domains.payment.webhooks import sql
from domains.payment.webhooks.webhooks import PaymentWebhooks

OVERLAP: Final = timedelta(minutes=30)
"""Providers may list an event some time after it happened; one that is known is stored once."""
FIRST_WINDOW: Final = timedelta(days=1)
MAX_LISTS: Final = 10


class EventListing:
    """Lists the events of a company's providers, and stores those about its payments as webhooks do."""

    def __init__(
        self, providers: Providers, accounts: PaymentAccounts, webhooks: PaymentWebhooks, clock: Clock
    ) -> None:
        self._without_account = sorted(providers.built_in)
        self._accounts = accounts
        self._webhooks = webhooks
        self._clock = clock

    async def run(self, db: Database, actor: Actor) -> int:
        """List the events of each provider of the actor's company since the last time; how many were not known.

        Providers with an account are asked, and those without accounts while a payment is open. One that fails does
        not stop the others: it is asked again the next time, and all failures are raised together at the end.
        """
        found, failures = 0, []
        for provider in await sql.providers_to_list(db.reader(actor.company_id), self._without_account):
            try:
                found += await self._list(db, actor, provider)
            except ProviderNotConfigured:
                continue  # an account of a provider that is not installed any more
            except Exception as error:  # noqa: BLE001 - all of them are raised when the others are done
                raise_if_cancelled()
                error.add_note(f"provider {provider}")
                failures.append(error)
        if failures:
            raise ExceptionGroup("Some providers did not list their events.", failures)
        return found

    async def _list(self, db: Database, actor: Actor, name: str) -> int:
        reader, now = db.reader(actor.company_id), self._clock.now()
        provider = await self._accounts.opened(reader, name)
        cursor = await data.payment_event_cursor.find_unique(reader, provider=name)
        since = cursor.listed_to - OVERLAP if cursor else now - FIRST_WINDOW
        found = 0
        for _ in range(MAX_LISTS):
            events = await answer(provider.events_since(since), None)
            if events is None:
                raise TimeoutError(f"{name} did not list its events.")
            found += await self._webhooks.store_listed(db, actor, name, events)
            is_last = not events or events[-1].occurred_at <= since  # a short list may have followers as well
            since = now if is_last else events[-1].occurred_at
            await self._move(db, actor, name, since)
            if is_last:
                break
        return found

    async def _move(self, db: Database, actor: Actor, provider: str, listed_to: datetime) -> None:
        """Remember up to when events have been listed; a cursor that another run has moved further stays."""
        await db.run_statement(lambda tx: sql.move_cursor(tx, provider, listed_to), actor)
