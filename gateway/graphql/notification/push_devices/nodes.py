"""Push devices that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.notification.domain import PUSH_DEVICES
from domains.notification.push_devices.models import PushDevice as DeviceModel
from gateway.graphql.core.context import Context
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key
from gateway.graphql.notification.push_devices.types import PushDevice


async def load_own_devices(context: Context, keys: Sequence[UUID]) -> Sequence[DeviceModel | None]:
    """The devices of these ids that are the caller's."""
    devices = context.services.notification.push_devices
    return one_per_key(keys, await devices.find_by_id(context.reader, context.actor, keys), lambda row: row.id)


NODES: Final[list[AnyNodeType]] = [NodeType(PushDevice, PUSH_DEVICES, load_own_devices)]
