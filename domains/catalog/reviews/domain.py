"""The declaration of the reviews."""

from typing import Final

from domains.catalog.reviews.service import ReviewService
from domains.kernel.domain import Domain, Parts
from domains.kernel.permissions import PermissionResource


def build(_parts: Parts) -> ReviewService:
    """Reviews of products."""
    return ReviewService()


DOMAIN: Final = Domain(name="reviews", build=build, permissions=(PermissionResource.REVIEWS,))
