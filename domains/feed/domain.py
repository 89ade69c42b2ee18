"""The declaration of the feed domain."""

from typing import Final

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Dependencies, Domain
from domains.kernel.events import EventQueue


def build(dependencies: Dependencies) -> FeedService:
    """Product files, read into and written from the catalog and the inventory."""
    catalog, inventory, company = (
        dependencies.get(CatalogService),
        dependencies.get(InventoryService),
        dependencies.get(CompanyService),
    )
    return FeedService(catalog, inventory, company, dependencies.clock)


DOMAIN: Final = Domain(name="feed", build=build, queue=EventQueue.PRODUCT)
