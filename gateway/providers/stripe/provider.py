"""The STRIPE payment provider: what a company gives to connect its account, and the account's payments."""

import asyncio
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from domains.kernel.clock import Clock
from domains.kernel.errors import InvalidInput
from domains.kernel.values.secret import Secret
from domains.payment.providers.provider import CredentialField, Credentials, PaymentProvider

if TYPE_CHECKING:
    from gateway.providers.stripe.client import SharedHttpClient

NAME: Final = "STRIPE"
SECRET_KEY: Final = re.compile(r"[sr]k_\w+", re.ASCII)
WEBHOOK_SECRET: Final = re.compile(r"whsec_[\w+/=-]+", re.ASCII)
FIELDS: Final = (
    CredentialField(
        "secret_key",
        "The secret key of the account, `sk_live_…`, or a restricted key that may write payment intents, refunds, "
        "customers, setup intents and payment methods, and read charges, disputes and events. A key of the test "
        "mode, `sk_test_…`, moves no money.",
        is_secret=True,
    ),
    CredentialField(
        "webhook_secret",
        "The signing secret of the webhook endpoint, `whsec_…`, which Stripe shows after the endpoint is created.",
        is_secret=True,
    ),
    CredentialField(
        "publishable_key",
        "The publishable key, `pk_live_…`, with which Stripe.js runs in the browser.",
        is_public=True,
    ),
)


class StripeAdapter:
    """Connects companies to their accounts at Stripe. All accounts share the connections of one HTTP client.

    `base_url` is that of another server in place of Stripe, as tests and the demo have it. Stripe's library is
    imported when the first account connects, so that an installation without Stripe does not load it.
    """

    name = NAME
    fields: Sequence[CredentialField] = FIELDS

    def __init__(self, clock: Clock, base_url: str | None = None) -> None:
        self._clock = clock
        self._base_url = base_url
        self._http: SharedHttpClient | None = None

    def connect(self, credentials: Credentials) -> PaymentProvider:
        """The payments of a company's account. Raises InvalidInput when a secret is missing or none of Stripe's."""
        secret_key = _require(credentials, "secret_key", SECRET_KEY)
        webhook_secret = _require(credentials, "webhook_secret", WEBHOOK_SECRET)
        http = self.load()
        from gateway.providers.stripe.client import make_client  # noqa: PLC0415 - see the class
        from gateway.providers.stripe.payments import StripePayments  # noqa: PLC0415 - same

        return StripePayments(make_client(secret_key, http, self._base_url), webhook_secret, self._clock)

    async def prepare(self) -> None:
        """Import Stripe's library in a thread, which takes a second the first time."""
        if self._http is None:
            await asyncio.to_thread(self.load)

    def load(self) -> "SharedHttpClient":
        """Import Stripe's library and open the HTTP client: a second, best spent in a thread when a server starts."""
        from gateway.providers.stripe.client import SharedHttpClient  # noqa: PLC0415 - see the class

        if self._http is None:
            self._http = SharedHttpClient()
        return self._http

    async def close(self) -> None:
        """Close the connections to Stripe; no account can be used afterwards."""
        if self._http is not None:
            await self._http.close_async()


def _require(credentials: Credentials, name: str, form: re.Pattern[str]) -> Secret:
    secret = credentials.secrets.get(name)
    if secret is None or not form.fullmatch(secret.reveal()):
        raise InvalidInput(f"`{name}` is not one of Stripe. Copy it from Stripe's dashboard.", field=(name,))
    return secret
