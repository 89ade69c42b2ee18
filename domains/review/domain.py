"""The declaration of the review domain."""

from typing import Final

from domains.catalog.service import CatalogService
from domains.kernel.domain import Dependencies, Domain, events_in
from domains.kernel.events import EventQueue
from domains.kernel.nodes import NodeTable
from domains.kernel.permissions import PermissionResource
from domains.review import events, invariants, personal_data
from domains.review.service import ReviewService

REVIEWS: Final = NodeTable("reviews")


def build(dependencies: Dependencies) -> ReviewService:
    """Reviews of the catalog's products."""
    return ReviewService(dependencies.get(CatalogService))


DOMAIN: Final = Domain(
    name="review",
    build=build,
    queue=EventQueue.PRODUCT,
    invariants=(*invariants.INVARIANTS, *invariants.ROW_INVARIANTS),
    events=events_in(events),
    permissions=(PermissionResource.REVIEWS,),
    export_person=personal_data.export_person,
    erase_person=personal_data.erase_person,
    merge_person=personal_data.merge_person,
)
