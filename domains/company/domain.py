"""The declaration of the company domain."""

from typing import Final

from domains.company import events, invariants
from domains.company.service import CompanyService
from domains.kernel.domain import Domain, Parts, events_in
from domains.kernel.permissions import PermissionResource


def build(parts: Parts) -> CompanyService:
    """The companies of the installation."""
    return CompanyService(parts.clock)


DOMAIN: Final = Domain(
    name="company",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    events=events_in(events),
    permissions=(PermissionResource.SETTINGS,),
)
