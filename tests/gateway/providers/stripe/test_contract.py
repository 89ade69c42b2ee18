"""The STRIPE provider fulfils the contract of payment providers, against a localstripe server."""

from tests.domains.payment.provider_contract import ProviderContract


class TestStripe(ProviderContract):
    pass
