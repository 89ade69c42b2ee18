"""The webhook domain's types that `node` finds."""

from typing import Final

from domains.webhook.domain import WEBHOOK_DELIVERIES, WEBHOOK_ENDPOINTS
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.webhook.loaders import load_deliveries, load_endpoints
from gateway.graphql.webhook.queries import MAY_READ
from gateway.graphql.webhook.types import WebhookDelivery, WebhookEndpoint

NODES: Final[list[AnyNodeType]] = [
    NodeType(WebhookEndpoint, WEBHOOK_ENDPOINTS, load_endpoints, MAY_READ),
    NodeType(WebhookDelivery, WEBHOOK_DELIVERIES, load_deliveries, MAY_READ),
]
