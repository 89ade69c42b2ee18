"""The events of the webhook domain. They are not sent to webhooks themselves."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from domains.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointEvent(Event):
    """The base of the events about one endpoint."""

    endpoint_id: UUID

    @property
    def aggregate_id(self) -> UUID:
        """The endpoint."""
        return self.endpoint_id


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointCreated(WebhookEndpointEvent):
    """A webhook endpoint was created."""

    topic: ClassVar[str] = "webhook_endpoint.created"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointUpdated(WebhookEndpointEvent):
    """A webhook endpoint changed; `changed` names the fields, a new secret by the word alone."""

    topic: ClassVar[str] = "webhook_endpoint.updated"
    changed: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointEnabled(WebhookEndpointEvent):
    """A disabled webhook endpoint was enabled."""

    topic: ClassVar[str] = "webhook_endpoint.enabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointDisabled(WebhookEndpointEvent):
    """A webhook endpoint was disabled: for FAILING three days, being GONE (410), or BY_STAFF."""

    topic: ClassVar[str] = "webhook_endpoint.disabled"
    disabled_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpointDeleted(WebhookEndpointEvent):
    """A webhook endpoint was deleted with its deliveries."""

    topic: ClassVar[str] = "webhook_endpoint.deleted"
