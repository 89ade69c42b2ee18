"""The declaration of the review domain."""

from typing import Final

from domains.catalog.service import CatalogService
from domains.kernel.domain import Domain, Parts, events_in
from domains.kernel.permissions import PermissionResource
from domains.review import events, invariants
from domains.review.service import ReviewService


def build(parts: Parts) -> ReviewService:
    """Reviews of the catalog's products."""
    return ReviewService(parts.of(CatalogService))


DOMAIN: Final = Domain(
    name="review",
    build=build,
    rules=(*invariants.INVARIANTS, *invariants.INSPECTIONS),
    events=events_in(events),
    permissions=(PermissionResource.REVIEWS,),
)
