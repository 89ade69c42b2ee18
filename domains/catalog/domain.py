"""The declaration of the catalog domain."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domains.catalog import events, invariants
from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.domain import Domain, Job, Parts, events_in
from domains.kernel.permissions import PermissionResource


def build(parts: Parts) -> CatalogService:
    """Products, variants and categories, priced in the company's currency."""
    return CatalogService(parts.of(CompanyService), parts.clock)


def jobs(catalog: CatalogService) -> Sequence[Job]:
    """Keep view counts and the search index current."""
    return (
        Job("count product views", timedelta(seconds=30), catalog.fold_views),
        Job("reindex products", timedelta(seconds=30), catalog.reindex_outdated),
        Job("delete unused search terms", timedelta(hours=6), catalog.tidy_terms),
    )


DOMAIN: Final = Domain(
    name="catalog",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    jobs=jobs,
    events=events_in(events),
    permissions=(PermissionResource.PRODUCTS, PermissionResource.CATEGORIES),
    money_tables=("products",),
)
