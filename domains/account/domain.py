"""The declaration of the account domain."""

from collections.abc import Sequence
from typing import Final

from domains.account import events, invariants, personal_data
from domains.account.service import AccountService
from domains.activity.service import ActivityService
from domains.auth.emails.company_mailer import CompanyMailer
from domains.auth.service import AuthService
from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, Subscription, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable

ADDRESSES: Final = NodeTable("addresses", owner="user_id")


def build(dependencies: Dependencies) -> AccountService:
    """Address books, profiles and histories of users."""
    mailer = CompanyMailer(dependencies.mailer, dependencies.get(CompanyService))
    return AccountService(
        dependencies.get(AuthService), dependencies.get(ActivityService), mailer, dependencies.clock
    )


def subscriptions(account: AccountService) -> Sequence[Subscription]:
    """Notifies users of changes that staff make to their addresses."""
    return (Subscription("account.notices", account.notices.topics, account.notices.send),)


DOMAIN: Final = Domain(
    name="account",
    build=build,
    queue=EventQueue.USER,
    invariants=invariants.ROW_INVARIANTS,
    subscriptions=subscriptions,
    events=events_in(events),
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
