"""The root fields and nodes of the webhook domain."""

from typing import Final

from gateway.graphql.webhook.mutations import WebhookMutation
from gateway.graphql.webhook.nodes import NODES
from gateway.graphql.webhook.queries import WebhookQuery

__all__ = ["MUTATIONS", "NODES", "QUERIES"]

QUERIES: Final = (WebhookQuery,)
MUTATIONS: Final = (WebhookMutation,)
