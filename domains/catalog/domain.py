"""The declaration of the catalog domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.catalog import events, invariants
from domains.catalog.documents.reader import ReadingSettings
from domains.catalog.search import frequency_sql, index
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, Job, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource

CATEGORIES: Final = NodeTable("categories")
CATEGORY_ATTRIBUTES: Final = NodeTable("category_attributes", owner="category_id")
PRODUCTS: Final = NodeTable("products")
PRODUCT_ATTRIBUTES: Final = NodeTable("product_attributes", owner="product_id")
PRODUCT_VARIANTS: Final = NodeTable("product_variants", owner="product_id")


def build(dependencies: Dependencies) -> CatalogService:
    """Products, variants and categories, priced in the company's currency."""
    return CatalogService(
        dependencies.get(CompanyService),
        dependencies.settings,
        dependencies.clock,
        dependencies.get(ReadingSettings),
    )


def jobs(catalog: CatalogService) -> Sequence[Job]:
    """Keep view counts and the search index current."""
    return (
        Job("count product views", timedelta(seconds=30), catalog.views.add_to_counts),
        Job("reindex products", timedelta(seconds=30), index.reindex_outdated),
        Job("count words", timedelta(seconds=30), frequency_sql.count_words_when_due),
        Job("delete unused search terms", timedelta(hours=6), index.delete_unused_terms),
    )


DOMAIN: Final = Domain(
    name="catalog",
    build=build,
    queue=EventQueue.PRODUCT,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    jobs=jobs,
    events=events_in(events),
    permissions=(PermissionResource.PRODUCTS, PermissionResource.CATEGORIES),
    money_tables=("products",),
)
