"""The payment service with a ledger, outside the platform."""

from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.ports import Encryption
from domains.kernel.settings import SettingsCache
from domains.ledger.service import LedgerService
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService
from tests.domains.notification.mailbox import Mailbox


def payment_service(providers: Providers, clock: Clock, encryption: Encryption | None = None) -> PaymentService:
    """Payments by these providers; without an encryption, nothing is encrypted."""
    cache = SettingsCache(clock)
    company = CompanyService(clock, cache)
    return PaymentService(providers, cache, company, LedgerService(company), encryption or Mailbox(), clock)
