"""An adapter for tests: accounts of the MOCK provider under another name, with credentials."""

from collections.abc import Sequence
from typing import Any, Final

from domains.kernel.clock import Clock
from domains.kernel.errors import InvalidInput
from domains.payment.providers.provider import CredentialField, Credentials, PaymentProvider
from gateway.providers.mock.mock_payments import MockPayments

FIELDS: Final = (
    CredentialField("secret_key", "The key.", is_secret=True),
    CredentialField("webhook_secret", "The secret of webhooks.", is_secret=True),
    CredentialField("publishable_key", "The key for the browser.", is_public=True),
)


class AccountPayments(MockPayments):
    """The payments of one account; it takes no cards."""

    name = "ACCOUNTS"
    accepts_cards = False

    def __init__(self, pool: Any, clock: Clock, credentials: Credentials) -> None:
        super().__init__(pool, clock, credentials.secrets["webhook_secret"])
        self.credentials = credentials


class AccountAdapter:
    """Connects accounts whose key begins with `sk_`, and counts how often."""

    name = "ACCOUNTS"
    fields: Sequence[CredentialField] = FIELDS

    def __init__(self, pool: Any, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self.connected = 0

    async def prepare(self) -> None:
        """Nothing is loaded."""

    async def close(self) -> None:
        """Nothing is open."""

    def connect(self, credentials: Credentials) -> PaymentProvider:
        """The payments of an account."""
        self.connected += 1
        if not credentials.secrets["secret_key"].reveal().startswith("sk_"):
            raise InvalidInput("`secret_key` is not one of this provider.", field=("secret_key",))
        return AccountPayments(self._pool, self._clock, credentials)
