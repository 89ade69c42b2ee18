"""The registry of payment providers by name."""

from domains.payment.errors import ProviderNotConfigured
from domains.payment.manual.manual_provider import ManualProvider
from domains.payment.models import Payment
from domains.payment.provider import PaymentProvider


class Providers:
    """The providers of an installation, and MANUAL, which takes no new payments.

    The first one is the default for companies whose settings name none. A payment stays with the
    provider that it was created with, also when the company changes to another.
    """

    def __init__(self, default: PaymentProvider, *others: PaymentProvider) -> None:
        self.default = default.name
        self.names = sorted({default.name, *(provider.name for provider in others)})
        self._by_name = {provider.name: provider for provider in (ManualProvider(), default, *others)}

    def named(self, name: str) -> PaymentProvider:
        """The provider of this name. Raises ProviderNotConfigured."""
        try:
            return self._by_name[name]
        except KeyError:
            raise ProviderNotConfigured(name) from None

    def of(self, payment: Payment) -> PaymentProvider:
        """The provider of a payment. Raises ProviderNotConfigured when it was removed from the installation."""
        return self.named(payment.provider)
