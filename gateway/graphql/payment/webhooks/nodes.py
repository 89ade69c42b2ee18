"""The types of webhooks that `node` finds."""

from typing import Final

from domains.payment.domain import PAYMENT_WEBHOOKS
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.payment.webhooks.loaders import load_webhooks
from gateway.graphql.payment.webhooks.queries import MAY_READ
from gateway.graphql.payment.webhooks.types import PaymentWebhook

NODES: Final[list[AnyNodeType]] = [NodeType(PaymentWebhook, PAYMENT_WEBHOOKS, load_webhooks, MAY_READ)]
