"""The declaration of the promotion domain."""

from typing import Final

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.domain import Domain, Parts
from domains.kernel.permissions import PermissionResource
from domains.promotion import invariants
from domains.promotion.service import PromotionService


def build(parts: Parts) -> PromotionService:
    """Promotions on the catalog's products."""
    return PromotionService(parts.of(CatalogService), parts.of(CompanyService), parts.cache, parts.clock)


DOMAIN: Final = Domain(
    name="promotion",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    permissions=(PermissionResource.PROMOTIONS,),
    money_tables=("promotions",),
)
