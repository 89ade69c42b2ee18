"""The objects about notifications that `node` finds."""

from typing import Final

from domains.notification.domain import NOTIFICATIONS
from gateway.graphql.core.fields import AUTHENTICATED
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.notification.loaders import load_visible_notifications
from gateway.graphql.notification.types import Notification

NODES: Final[list[AnyNodeType]] = [NodeType(Notification, NOTIFICATIONS, load_visible_notifications, AUTHENTICATED)]
