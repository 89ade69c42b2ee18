"""The declaration of the tax domain."""

from typing import Final

from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.tax import events, invariants
from domains.tax.service import TaxService


def build(dependencies: Dependencies) -> TaxService:
    """Tax rates from the settings of companies."""
    return TaxService(dependencies.settings)


DOMAIN: Final = Domain(
    name="tax",
    build=build,
    queue=EventQueue.PAYMENT,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    events=events_in(events),
)
