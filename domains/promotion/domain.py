"""The declaration of the promotion domain."""

from typing import Final

from domains.catalog.service import CatalogService
from domains.company.service import CompanyService
from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource
from domains.promotion import events, invariants, personal_data
from domains.promotion.coupons import events as coupon_events
from domains.promotion.coupons import invariants as coupon_invariants
from domains.promotion.service import PromotionService

PROMOTIONS: Final = NodeTable("promotions")
COUPONS: Final = NodeTable("coupons")
COUPON_CODES: Final = NodeTable("coupon_codes")
COUPON_USAGES: Final = NodeTable("coupon_usages")
CUSTOMER_SEGMENTS: Final = NodeTable("customer_segments")
CUSTOMER_SEGMENT_MEMBERS: Final = NodeTable("customer_segment_members")


def build(dependencies: Dependencies) -> PromotionService:
    """Promotions on the catalog's products."""
    return PromotionService(
        dependencies.get(CatalogService), dependencies.get(CompanyService), dependencies.cache, dependencies.clock
    )


DOMAIN: Final = Domain(
    name="promotion",
    build=build,
    queue=EventQueue.ORDER,
    invariants=(*invariants.INVARIANTS, *coupon_invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    events=(*events_in(events), *events_in(coupon_events)),
    permissions=(PermissionResource.PROMOTIONS,),
    money_tables=("promotions", "promotion_uses", "coupons", "coupon_usages"),
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
