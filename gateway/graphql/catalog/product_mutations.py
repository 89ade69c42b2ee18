"""Mutations of products and variants."""

from collections.abc import Sequence
from typing import Annotated

import strawberry

from domains.catalog.errors import SkuRequired
from domains.inventory.models import MovementType, StockCount
from domains.inventory.movements import require_level
from domains.kernel.database import Tx
from domains.kernel.errors import PermissionDenied
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.validation import collect_errors
from gateway.graphql.catalog import conversions, inputs, payloads
from gateway.graphql.catalog.types import Product, ProductVariant
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires

PRODUCTS = PermissionResource.PRODUCTS
MAY_CREATE = requires(PRODUCTS, PermissionAction.CREATE)
MAY_UPDATE = requires(PRODUCTS, PermissionAction.UPDATE)
MAY_DELETE = requires(PRODUCTS, PermissionAction.DELETE)
INPUT = ()


@strawberry.type
class ProductMutation:
    """What administrators do to products."""

    @command(MAY_CREATE)
    async def product_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ProductCreateInput, strawberry.argument(description="What it is made of.")],
    ) -> payloads.ProductCreatePayload:
        """Make a product with its attributes, variants and first stock, all or nothing."""
        with collect_errors() as each:
            with each:
                product = await info.context.services.catalog.create_product(tx, conversions.new_product(input))
            with each:
                counts = _counts(input)
        await _first_stock(info, tx, counts)
        return payloads.ProductCreatePayload(product=present(Product, product))

    @command(MAY_UPDATE)
    async def product_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ProductUpdateInput, strawberry.argument(description="What to change.")],
    ) -> payloads.ProductUpdatePayload:
        """Change a product."""
        services = info.context.services
        changes = conversions.product_changes(input)
        product = await services.catalog.update_product(tx, input.id, changes)
        if "sku" in changes:
            await services.inventory.sku_assignments.rename_sku(tx, product.id, None, product.sku)
        return payloads.ProductUpdatePayload(product=present(Product, product))

    @command(MAY_DELETE)
    async def product_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ProductDeleteInput, strawberry.argument(description="The product to archive.")],
    ) -> payloads.ProductDeletePayload:
        """Delete a product: it is archived, so that orders stay whole; its slug and SKUs stay taken."""
        await info.context.services.catalog.delete_product(tx, input.id)
        return payloads.ProductDeletePayload(deleted_id=input.id)

    @command(MAY_UPDATE)
    async def product_publish(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProductPublishInput, strawberry.argument(description="The product to show to customers.")
        ],
    ) -> payloads.ProductPublishPayload:
        """Show a product to customers."""
        product = await info.context.services.catalog.products.publish(tx, input.id)
        return payloads.ProductPublishPayload(product=present(Product, product))

    @command(MAY_UPDATE)
    async def product_unpublish(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProductUnpublishInput, strawberry.argument(description="The product to hide from customers.")
        ],
    ) -> payloads.ProductUnpublishPayload:
        """Hide a product from customers."""
        product = await info.context.services.catalog.products.unpublish(tx, input.id)
        return payloads.ProductUnpublishPayload(product=present(Product, product))

    @command(MAY_UPDATE)
    async def product_attributes_set(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ProductAttributesSetInput, strawberry.argument(description="All of them.")],
    ) -> payloads.ProductAttributesSetPayload:
        """Replace the attributes of a product; what its category requires must be among them."""
        values = conversions.attribute_values(input.attributes)
        product = await info.context.services.catalog.products.set_attributes(tx, input.product_id, values)
        return payloads.ProductAttributesSetPayload(product=present(Product, product))

    @command(MAY_UPDATE)
    async def product_variant_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ProductVariantCreateInput, strawberry.argument(description="What it is made of.")],
    ) -> payloads.ProductVariantCreatePayload:
        """Add a variant to a product, with its first stock."""
        with collect_errors() as each:
            with each:
                catalog, given = info.context.services.catalog, conversions.new_variant(input)
                variant = await catalog.variants.create(tx, input.product_id, given)
            with each:
                counts = _count(input.sku, input.stock, INPUT)
        await _first_stock(info, tx, counts)
        return payloads.ProductVariantCreatePayload(variant=present(ProductVariant, variant))

    @command(MAY_UPDATE)
    async def product_variant_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[inputs.ProductVariantUpdateInput, strawberry.argument(description="What to change.")],
    ) -> payloads.ProductVariantUpdatePayload:
        """Change a variant."""
        services = info.context.services
        changes = conversions.variant_changes(input)
        variant = await services.catalog.variants.update(tx, input.id, changes)
        if "sku" in changes:
            await services.inventory.sku_assignments.rename_sku(tx, variant.product_id, variant.id, variant.sku)
        return payloads.ProductVariantUpdatePayload(variant=present(ProductVariant, variant))

    @command(MAY_UPDATE)
    async def product_variant_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProductVariantDeleteInput,
            strawberry.argument(description="A variant that was never stocked or sold; deactivate the others."),
        ],
    ) -> payloads.ProductVariantDeletePayload:
        """Delete a variant that was never stocked or sold; others are taken off sale with `isActive`."""
        catalog = info.context.services.catalog
        product_id = await catalog.variants.delete(tx, input.id)
        product = await catalog.products.find(tx, info.context.actor, product_id)
        return payloads.ProductVariantDeletePayload(product=present(Product, product))


def _counts(input: inputs.ProductCreateInput) -> list[StockCount]:
    """The initial stock of a new product's SKUs in the input. Raises InvalidInput, for all at once."""
    counts: list[StockCount] = []
    with collect_errors() as each:
        with each:
            if input.stock and not input.sku:
                raise SkuRequired(
                    "Stock belongs to a SKU: give the product one, or stock to its variants.", field=(*INPUT, "stock")
                )
            counts += _count(input.sku, input.stock, INPUT)
        for place, variant in enumerate(input.variants or ()):
            with each:
                counts += _count(variant.sku, variant.stock, (*INPUT, "variants", str(place)))
    return counts


def _count(sku: str | None, stock: int | None, path: Sequence[str]) -> list[StockCount]:
    if not stock or not sku:
        return []
    require_level(stock, field=(*path, "stock"))
    return [StockCount(sku, stock)]


async def _first_stock(info: Info, tx: Tx, counts: Sequence[StockCount]) -> None:
    """Write the first stock, which asks for a permission of its own."""
    if not counts:
        return
    if not info.context.actor.can(PermissionResource.INVENTORY, PermissionAction.UPDATE):
        raise PermissionDenied("Giving stock needs the permission INVENTORY:UPDATE.")
    await info.context.services.inventory.ledger.set(
        tx, counts, movement_type=MovementType.PURCHASE, reason="First stock"
    )
