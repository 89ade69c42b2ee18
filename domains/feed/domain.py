"""The declaration of the feed domain."""

from typing import Final

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.feed.service import FeedService
from domains.inventory.service import InventoryService
from domains.kernel.domain import Domain, Parts


def build(parts: Parts) -> FeedService:
    """Product files, read into and written from the catalog and the inventory."""
    catalog, inventory, company = parts.of(CatalogService), parts.of(InventoryService), parts.of(CompanyService)
    return FeedService(catalog, inventory, company, parts.clock)


DOMAIN: Final = Domain(name="feed", build=build)
