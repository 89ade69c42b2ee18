"""The declaration of the account domain."""

from typing import Final

from domains.account import events, invariants, personal_data
from domains.account.service import AccountService
from domains.activity.service import ActivityService
from domains.auth.service import AuthService
from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable

ADDRESSES: Final = NodeTable("addresses", owner="user_id")


def build(dependencies: Dependencies) -> AccountService:
    """Address books, profiles and histories of users."""
    return AccountService(dependencies.get(AuthService), dependencies.get(ActivityService), dependencies.clock)


DOMAIN: Final = Domain(
    name="account",
    build=build,
    queue=EventQueue.USER,
    invariants=invariants.ROW_INVARIANTS,
    events=events_in(events),
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
