"""The declaration of the account domain."""

from collections.abc import Sequence
from typing import Final

from domains.account import events, invariants
from domains.account.service import AccountService
from domains.activity.service import ActivityService
from domains.auth.emails.company_mailer import CompanyMailer
from domains.auth.service import AuthService
from domains.company.service import CompanyService
from domains.kernel.domain import Domain, Parts, Subscription, events_in


def build(parts: Parts) -> AccountService:
    """Address books, profiles and histories of users."""
    mailer = CompanyMailer(parts.mailer, parts.of(CompanyService))
    return AccountService(parts.of(AuthService), parts.of(ActivityService), mailer, parts.clock)


def subscriptions(account: AccountService) -> Sequence[Subscription]:
    """Notifies users of changes that staff make to their addresses."""
    return (Subscription("account.notices", account.notices.topics, account.notices.send),)


DOMAIN: Final = Domain(
    name="account",
    build=build,
    rules=invariants.INSPECTIONS,
    subscriptions=subscriptions,
    events=events_in(events),
)
