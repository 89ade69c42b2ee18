"""Batch functions of tax classes and rates."""

from collections.abc import Sequence
from uuid import UUID

from domains.tax.models import TaxClass, TaxRate
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import one_per_key


async def load_tax_classes(context: Context, keys: Sequence[UUID]) -> Sequence[TaxClass | None]:
    """Tax classes by id."""
    rows = await context.services.tax.classes.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_tax_rates(context: Context, keys: Sequence[UUID]) -> Sequence[TaxRate | None]:
    """Tax rates by id."""
    rows = await context.services.tax.rates.find_many(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


async def load_classes_of_products(context: Context, keys: Sequence[UUID]) -> Sequence[TaxClass | None]:
    """The tax classes of products, None for the default one. One statement for the products, one for the classes."""
    services, reader = context.services, context.reader
    of_products = await services.catalog.products.tax_class_ids(reader, keys)
    class_ids = {class_id for class_id in of_products.values() if class_id is not None}
    rows = await services.tax.classes.find_many(reader, class_ids) if class_ids else []
    classes = {row.id: row for row in rows}
    return [None if (class_id := of_products.get(key)) is None else classes.get(class_id) for key in keys]
