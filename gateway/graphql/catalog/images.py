"""Images of products, variants and categories."""

from typing import Any

import strawberry

from domains.catalog import models
from gateway.graphql.core.fields import present_all

IMAGES = (
    "The complete list of images in display order, at most 250; the first is the main image. It replaces "
    "the current list; null or an empty list removes all."
)


@strawberry.input(description="An image by its URL; the file itself is not uploaded here.")
class ImageInput:
    """An image."""

    url: str = strawberry.field(
        description=(
            "An absolute http(s) URL, or a path on the shop's own host that begins with `/`; at most "
            "2,000 characters."
        )
    )
    alt_text: str | None = strawberry.field(
        default=None,
        description="What the image shows, for screen readers, at most 512 characters; null or absent for none.",
    )


@strawberry.type(description="An image of a product, variant or category.")
class Image:
    """An image."""

    url: str = strawberry.field(
        description="Location of the image: an absolute URL, or a path on the shop's own host that begins with `/`."
    )
    alt_text: str | None = strawberry.field(
        description="What the image shows, for screen readers; null when staff have not entered it."
    )
    sort_order: int = strawberry.field(
        description="The position among the images of its product or variant, from 0; 0 is the main image."
    )


def images_of(source: Any) -> list[Image]:
    """The images of a product or variant, which the model stores as URLs and alt texts."""
    return present_all(Image, models.images_of(source.images, source.image_alt_texts))
