"""The registry of payment providers by name."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from domains.kernel.ports import Encryption
from domains.payment.providers.provider import PaymentProvider, ProviderAdapter
from domains.payment.providers.return_urls import ReturnUrls


class Providers:
    """The providers of an installation that take payments: built-in ones and adapters.

    A company connects to an adapter with an account, whose secrets `encryption` encrypts. Buyers are sent back to
    pages of `return_origins` only, if there are any. The first built-in provider is the default for companies whose
    settings name none. A payment stays with the provider that it was created with, also when the company changes to
    another. Those that are `closed` take no new payments in this installation.
    """

    def __init__(
        self,
        default: PaymentProvider,
        *others: PaymentProvider,
        adapters: Sequence[ProviderAdapter] = (),
        encryption: Encryption | None = None,
        closed: Collection[str] = (),
        return_origins: Sequence[str] = (),
    ) -> None:
        if adapters and encryption is None:
            raise ValueError("Accounts at payment providers have secrets, which must be encrypted.")
        self.default = default.name
        self.return_urls: Final = ReturnUrls(return_origins)
        self.adapters: Final[Mapping[str, ProviderAdapter]] = {adapter.name: adapter for adapter in adapters}
        self.names = sorted(
            {default.name, *(provider.name for provider in others), *self.adapters}.difference(closed)
        )
        self.built_in: Final[Mapping[str, PaymentProvider]] = {each.name: each for each in (default, *others)}
        self.closed: Final = frozenset(closed)
        self._encryption = encryption

    @property
    def encryption(self) -> Encryption:
        """The encryption of the accounts' secrets. Raises LookupError when no adapter is installed."""
        if self._encryption is None:
            raise LookupError("No payment provider is installed whose accounts have secrets.")
        return self._encryption
