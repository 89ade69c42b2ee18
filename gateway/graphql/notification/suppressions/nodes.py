"""Suppressions that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.notification.domain import SUPPRESSIONS
from domains.notification.models import NotificationSuppression as SuppressionModel
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.notification.suppressions.queries import READ_USERS
from gateway.graphql.notification.suppressions.types import NotificationSuppression


async def load_suppressions(context: Context, keys: Sequence[UUID]) -> Sequence[SuppressionModel | None]:
    """Suppressions by id."""
    rows = await context.services.notification.suppressions.find_by_id(context.reader, keys)
    return one_per_key(keys, rows, lambda row: row.id)


NODES: Final[list[AnyNodeType]] = [NodeType(NotificationSuppression, SUPPRESSIONS, load_suppressions, READ_USERS)]
