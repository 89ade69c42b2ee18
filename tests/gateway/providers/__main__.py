"""`make providers`: stand-ins of Stripe and PayPal on this machine, for the demo shop, until Ctrl-C."""

import asyncio
import signal
from contextlib import suppress
from datetime import timedelta
from typing import Final

from domains.kernel.clock import SystemClock
from tests.gateway.providers.paypal.fake_paypal import FakePayPal
from tests.gateway.providers.stripe.stripe_server import StripeServer

STRIPE_PORT: Final = 8420
PAYPAL_PORT: Final = 8421
LONGEST: Final = timedelta(hours=12)


async def run() -> None:
    """Serve both and say where, at most for half a day. Nothing is kept afterwards."""
    stopped = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    async with (
        StripeServer.started(STRIPE_PORT) as stripe,
        FakePayPal.started(SystemClock(), port=PAYPAL_PORT) as paypal,
    ):
        print(  # noqa: T201 - the output of a command
            "Stand-ins of Stripe and PayPal are running. Start a new demo shop that pays there in another terminal:\n"
            f"  make run COMMERCE_HOME=.commerce/stand-ins STRIPE_URL={stripe.url} PAYPAL_URL={paypal.url}\n"
            "Ctrl-C stops them, and they forget everything.",
            flush=True,
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), LONGEST.total_seconds())


if __name__ == "__main__":
    asyncio.run(run())
