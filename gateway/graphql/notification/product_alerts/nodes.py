"""Product alerts that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.notification.domain import PRODUCT_ALERTS
from domains.notification.product_alerts.models import ProductStockAlert as AlertModel
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.notification.product_alerts.types import ProductStockAlert


async def load_visible_alerts(context: Context, keys: Sequence[UUID]) -> Sequence[AlertModel | None]:
    """Product alerts by id, as the actor may see them."""
    alerts = context.services.notification.product_alerts.alerts
    return one_per_key(keys, await alerts.find_by_id(context.reader, context.actor, keys), lambda row: row.id)


NODES: Final[list[AnyNodeType]] = [NodeType(ProductStockAlert, PRODUCT_ALERTS, load_visible_alerts)]
