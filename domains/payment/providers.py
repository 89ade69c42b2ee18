"""The providers that payments were taken by, each found by the name that its payments remember."""

from domains.payment.errors import ProviderMissing
from domains.payment.models import Payment
from domains.payment.provider import PaymentProvider


class Providers:
    """A registry of providers. What was begun with one is ended with it, whichever takes new payments meanwhile."""

    def __init__(self, *providers: PaymentProvider) -> None:
        self._by_name = {provider.name: provider for provider in providers}

    def of(self, payment: Payment) -> PaymentProvider:
        """The provider that took a payment. Raises ProviderMissing when it is not set up any more."""
        try:
            return self._by_name[payment.provider]
        except KeyError:
            raise ProviderMissing(payment.provider) from None
