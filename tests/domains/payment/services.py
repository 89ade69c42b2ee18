"""The payment service with a ledger, outside the platform."""

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.settings import SettingsCache
from domains.ledger.service import LedgerService
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService


def payment_service(providers: Providers, clock: Clock) -> PaymentService:
    """Payments by these providers."""
    cache = SettingsCache(clock)
    return PaymentService(providers, cache, LedgerService(CompanyService(clock, cache)), clock)
