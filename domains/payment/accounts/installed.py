"""The providers of an installation as a company sees them in its settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from domains.payment.providers.provider import CredentialField, Credentials


@dataclass(frozen=True, slots=True)
class InstalledProvider:
    """A provider, and the company's account there. One that is built in has no fields and needs no account.

    `is_enabled` says whether it takes new payments of the company once it is connected.
    """

    name: str
    fields: Sequence[CredentialField]
    credentials: Credentials
    is_enabled: bool

    @property
    def is_connected(self) -> bool:
        """Whether all credentials are set, and readable."""
        return all(self.is_set(field) for field in self.fields)

    @property
    def takes_payments(self) -> bool:
        """Whether the company can take new payments by it."""
        return self.is_connected and self.is_enabled

    @property
    def publishable_key(self) -> str | None:
        """The credential that everyone may know; None when there is none."""
        return next((self.shown(field) for field in self.fields if field.is_public), None)

    def is_set(self, field: CredentialField) -> bool:
        """Whether the company has given a credential."""
        given = self.credentials.secrets if field.is_secret else self.credentials.settings
        return field.name in given

    def shown(self, field: CredentialField) -> str | None:
        """The value of a credential; None for a secret one, and for one that is not set."""
        return None if field.is_secret else self.credentials.settings.get(field.name)
