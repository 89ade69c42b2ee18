"""The payment service with a ledger, outside the platform."""

from domains.auth.emails.company_mailer import CompanyMailer
from domains.company.service import CompanyService
from domains.kernel.clock import Clock
from domains.kernel.ports import Mailer
from domains.kernel.settings import SettingsCache
from domains.ledger.service import LedgerService
from domains.payment.providers.registry import Providers
from domains.payment.service import PaymentService
from tests.domains.auth.conftest import Mailbox


def payment_service(providers: Providers, clock: Clock, mailer: Mailer | None = None) -> PaymentService:
    """Payments by these providers; mail is dropped without a mailer."""
    cache = SettingsCache(clock)
    company = CompanyService(clock, cache)
    mail = CompanyMailer(mailer or Mailbox(), company)
    return PaymentService(providers, cache, company, LedgerService(company), mail, clock)
