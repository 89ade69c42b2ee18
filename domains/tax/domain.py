"""The declaration of the tax domain."""

from typing import Final

from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.tax import events, invariants
from domains.tax.service import TaxService

TAX_CLASSES: Final = NodeTable("tax_classes")
TAX_RATES: Final = NodeTable("tax_rates")


def build(dependencies: Dependencies) -> TaxService:
    """The taxes of companies, by classes of goods and places."""
    return TaxService(dependencies.get(CompanyService), dependencies.settings, dependencies.clock)


DOMAIN: Final = Domain(
    name="tax",
    build=build,
    queue=EventQueue.PAYMENT,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    events=events_in(events),
)
