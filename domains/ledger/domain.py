"""The declaration of the ledger domain."""

from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.prisma.privileges import APPEND_ONLY, NEVER_DELETED
from domains.ledger import invariants, personal_data
from domains.ledger.service import LedgerService

LEDGER_ACCOUNTS: Final = NodeTable("ledger_accounts")
LEDGER_ENTRIES: Final = NodeTable("ledger_entries")


def build(dependencies: Dependencies) -> LedgerService:
    """The ledger."""
    return LedgerService(dependencies.get(CompanyService))


DOMAIN: Final = Domain(
    name="ledger",
    build=build,
    queue=EventQueue.PAYMENT,
    invariants=invariants.INVARIANTS,
    money_tables=("ledger_entries", "ledger_lines", "ledger_balances"),
    privileges={
        "ledger_accounts": NEVER_DELETED,
        "ledger_balances": NEVER_DELETED,
        "ledger_entries": APPEND_ONLY,
        "ledger_lines": APPEND_ONLY,
    },
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
