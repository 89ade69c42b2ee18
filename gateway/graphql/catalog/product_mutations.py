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
from gateway.graphql.catalog.variants import inputs as variant_inputs
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires

PRODUCTS = PermissionResource.PRODUCTS
MAY_CREATE = requires(PRODUCTS, PermissionAction.CREATE)
MAY_UPDATE = requires(PRODUCTS, PermissionAction.UPDATE)
MAY_DELETE = requires(PRODUCTS, PermissionAction.DELETE)
INPUT = ()


@strawberry.type
class ProductMutation:
    """Mutations of products and variants."""

    @command(MAY_CREATE)
    async def product_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProductCreateInput,
            strawberry.argument(
                description="The fields of the new product; name, category and base price are required."
            ),
        ],
    ) -> payloads.ProductCreatePayload:
        """Create a product with its attributes, variants and initial stock, all or nothing."""
        with collect_errors() as each:
            with each:
                product = await info.context.services.catalog.create_product(tx, conversions.new_product(input))
            with each:
                counts = _counts(input)
        await _set_initial_stock(info, tx, counts)
        return payloads.ProductCreatePayload(product=present(Product, product))

    @command(MAY_UPDATE)
    async def product_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProductUpdateInput,
            strawberry.argument(description="The id of the product, and the fields to change."),
        ],
    ) -> payloads.ProductUpdatePayload:
        """Change the given fields of a product. Carts get a new price at once; orders keep theirs."""
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
        """Archive a product, because orders refer to it. Its slug and SKUs cannot be used again."""
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
        """Show a product to customers: `isActive` becomes true."""
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
        """Hide a product from customers: `isActive` becomes false. Staff still see it."""
        product = await info.context.services.catalog.products.unpublish(tx, input.id)
        return payloads.ProductUnpublishPayload(product=present(Product, product))

    @command(MAY_UPDATE)
    async def product_attributes_set(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProductAttributesSetInput,
            strawberry.argument(description="The product, and the complete list of its attributes."),
        ],
    ) -> payloads.ProductAttributesSetPayload:
        """Replace the attributes of a product. Those that its category requires must be among them."""
        values = conversions.attribute_values(input.attributes)
        product = await info.context.services.catalog.products.set_attributes(tx, input.product_id, values)
        return payloads.ProductAttributesSetPayload(product=present(Product, product))

    @command(MAY_UPDATE)
    async def product_variant_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            variant_inputs.ProductVariantCreateInput,
            strawberry.argument(description="The product, and the fields of its new variant; the SKU is required."),
        ],
    ) -> payloads.ProductVariantCreatePayload:
        """Add a variant to a product, with its initial stock."""
        with collect_errors() as each:
            with each:
                catalog, new_variant = info.context.services.catalog, conversions.new_variant(input)
                variant = await catalog.variants.create(tx, input.product_id, new_variant)
            with each:
                counts = _count(input.sku, input.stock, INPUT)
        await _set_initial_stock(info, tx, counts)
        return payloads.ProductVariantCreatePayload(variant=present(ProductVariant, variant))

    @command(MAY_UPDATE)
    async def product_variant_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            variant_inputs.ProductVariantUpdateInput,
            strawberry.argument(description="The id of the variant, and the fields to change."),
        ],
    ) -> payloads.ProductVariantUpdatePayload:
        """Change the given fields of a variant. Carts get a new price at once; orders keep theirs."""
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
            variant_inputs.ProductVariantDeleteInput,
            strawberry.argument(
                description="The id of a variant that was never stocked, ordered or put into a cart."
            ),
        ],
    ) -> payloads.ProductVariantDeletePayload:
        """Delete a variant that was never stocked or sold; set `isActive` to false for others."""
        catalog = info.context.services.catalog
        product_id = await catalog.variants.delete(tx, input.id)
        product = await catalog.products.find(tx, info.context.actor, product_id)
        return payloads.ProductVariantDeletePayload(product=present(Product, product))


def _counts(input: inputs.ProductCreateInput) -> list[StockCount]:
    """The initial stock of a new product's SKUs in the input. Raises SkuRequired and OutOfRange, for all at once."""
    counts: list[StockCount] = []
    with collect_errors() as each:
        with each:
            if input.stock and not input.sku:
                raise SkuRequired(
                    "Stock belongs to a SKU: give the product one, or stock to its variants.", field=(*INPUT, "stock")
                )
            counts += _count(input.sku, input.stock, INPUT)
        for index, variant in enumerate(input.variants or ()):
            with each:
                counts += _count(variant.sku, variant.stock, (*INPUT, "variants", str(index)))
    return counts


def _count(sku: str | None, stock: int | None, path: Sequence[str]) -> list[StockCount]:
    if not stock or not sku:
        return []
    require_level(stock, field=(*path, "stock"))
    return [StockCount(sku, stock)]


async def _set_initial_stock(info: Info, tx: Tx, counts: Sequence[StockCount]) -> None:
    """Set the initial stock, which requires a permission of its own."""
    if not counts:
        return
    if not info.context.actor.can(PermissionResource.INVENTORY, PermissionAction.UPDATE):
        raise PermissionDenied("Setting stock requires the permission INVENTORY:UPDATE.")
    await info.context.services.inventory.ledger.set(
        tx, counts, movement_type=MovementType.PURCHASE, reason="First stock"
    )
