"""PayPal fulfils the contract of payment providers, by what PayPal's OpenAPI files allow."""

from tests.domains.payment.provider_contract import ProviderContract


class TestPayPal(ProviderContract):
    pass
