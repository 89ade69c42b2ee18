"""The declaration of the ledger domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, Job, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.ledger import events, invariants, personal_data
from domains.ledger.service import LedgerService

LEDGER_ACCOUNTS: Final = NodeTable("ledger_accounts")
LEDGER_ENTRIES: Final = NodeTable("ledger_entries")


def build(dependencies: Dependencies) -> LedgerService:
    """The ledger."""
    return LedgerService(dependencies.get(CompanyService))


def jobs(ledger: LedgerService) -> Sequence[Job]:
    """Adds posted entries to the sums of their days."""
    return (Job("sum ledger entries", timedelta(seconds=30), ledger.daily_sums.add_entries),)


DOMAIN: Final = Domain(
    name="ledger",
    build=build,
    queue=EventQueue.PAYMENT,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    jobs=jobs,
    events=events_in(events),
    money_tables=("ledger_entries", "ledger_lines", "ledger_balances", "ledger_daily_sums"),
    privileges={
        "ledger_accounts": NEVER_DELETED,
        "ledger_balances": NEVER_DELETED,
        "ledger_daily_sums": NEVER_DELETED,
        "ledger_entries": APPEND_ONLY,
        "ledger_lines": APPEND_ONLY,
    },
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
