"""The declaration of the company domain."""

from typing import Final

from domains.company import events, invariants
from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource

COMPANIES: Final = NodeTable("companies", is_shared=True)


def build(dependencies: Dependencies) -> CompanyService:
    """The companies of the installation."""
    return CompanyService(dependencies.clock, dependencies.settings, dependencies.money_tables)


DOMAIN: Final = Domain(
    name="company",
    build=build,
    queue=EventQueue.COMPANY,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    events=events_in(events),
    permissions=(PermissionResource.SETTINGS,),
)
