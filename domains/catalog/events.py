"""What the catalogue tells others."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(Event):
    """A product came into being, perhaps as a draft."""

    topic: ClassVar[str] = "product.created"
    product_id: UUID
    slug: str

    @property
    def aggregate_id(self) -> UUID:
        """The product."""
        return self.product_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdated(Event):
    """A product, its variants or its attributes changed; `fields` names what did."""

    topic: ClassVar[str] = "product.updated"
    product_id: UUID
    fields: list[str]

    @property
    def aggregate_id(self) -> UUID:
        """The product."""
        return self.product_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDeleted(Event):
    """A product was archived: it can no longer be found or bought."""

    topic: ClassVar[str] = "product.deleted"
    product_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The product."""
        return self.product_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanged(Event):
    """A category was created, updated or moved."""

    topic: ClassVar[str] = "category.changed"
    category_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The category."""
        return self.category_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDeleted(Event):
    """A category was deleted."""

    topic: ClassVar[str] = "category.deleted"
    category_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The category."""
        return self.category_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCreated(Event):
    """A customer reviewed a product."""

    topic: ClassVar[str] = "review.created"
    review_id: UUID
    product_id: UUID
    rating: int

    @property
    def aggregate_id(self) -> UUID:
        """The review."""
        return self.review_id
