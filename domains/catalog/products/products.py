"""Products: find them by id, publish and unpublish them, and set their attributes."""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.catalog import data
from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.documents.live_values import LiveValues
from domains.catalog.documents.products import ShownProduct
from domains.catalog.documents.reader import NOTHING_LIVE, ProductReader
from domains.catalog.errors import ProductNotFound
from domains.catalog.models import Product, ProductAttribute
from domains.catalog.policy import sees_drafts
from domains.catalog.products import product_commands
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx


class Products:
    """Finds products and changes what customers see of them. `CatalogService` creates, updates and deletes them."""

    def __init__(self, reader: ProductReader) -> None:
        self._reader = reader

    async def find(
        self,
        db: Reader,
        actor: Actor,
        product_id: UUID,
        live: LiveValues = NOTHING_LIVE,
        *,
        field: Sequence[str] = ("id",),
    ) -> ShownProduct:
        """A product by its id. Raises ProductNotFound, also for an archived one and, to customers, for a draft.

        `field` is the argument that its errors name.
        """
        found = await self._reader.find(db, "id", product_id, with_drafts=sees_drafts(actor), live=live)
        if found is None:
            raise ProductNotFound(product_id, field=field)
        return found

    async def find_many(
        self, db: Reader, actor: Actor, ids: Collection[UUID], live: LiveValues = NOTHING_LIVE
    ) -> list[ShownProduct]:
        """The products with these ids that the actor may see, in no order; staff get archived ones too."""
        with_drafts = sees_drafts(actor)
        return await self._reader.find_many(db, ids, with_drafts=with_drafts, listed_only=not with_drafts, live=live)

    async def publish(self, tx: Tx, product_id: UUID) -> Product:
        """Show a product to customers. Raises ProductNotFound. Emits ProductUpdated."""
        return await product_commands.update(tx, None, product_id, {"is_active": True})

    async def unpublish(self, tx: Tx, product_id: UUID) -> Product:
        """Hide a product from customers. Raises ProductNotFound. Emits ProductUpdated."""
        return await product_commands.update(tx, None, product_id, {"is_active": False})

    async def set_attributes(self, tx: Tx, product_id: UUID, attributes: Sequence[AttributeValue]) -> Product:
        """Replace the attributes of a product.

        Raises ProductNotFound, AttributeMissing, AttributeInvalid. Emits ProductUpdated.
        """
        field = ("product_id",)
        return await product_commands.update(tx, None, product_id, {"attributes": attributes}, field=field)

    async def tax_class_ids(self, db: Reader, product_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
        """The tax classes of products, None for the default one. One statement."""
        rows = await data.product.find_many(db, where={"id": {"in": list(product_ids)}})
        return {row.id: row.tax_class_id for row in rows}

    async def shipping_profile_ids(self, db: Reader, product_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
        """The shipping profiles of products, None for the default one. One statement."""
        rows = await data.product.find_many(db, where={"id": {"in": list(product_ids)}})
        return {row.id: row.shipping_profile_id for row in rows}

    async def category_ids(self, db: Reader, product_ids: Collection[UUID]) -> dict[UUID, UUID]:
        """The categories of products. One statement."""
        rows = await data.product.find_many(db, where={"id": {"in": list(product_ids)}})
        return {row.id: row.category_id for row in rows}

    async def attributes_of(self, db: Reader, product_ids: Collection[UUID]) -> list[ProductAttribute]:
        """The attributes of products, in the order they were given. One statement."""
        where: data.ProductAttributeWhere = {"product_id": {"in": list(product_ids)}}
        return await data.product_attribute.find_many(db, where=where, order_by=[{"id": "asc"}])
