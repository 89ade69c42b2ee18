"""The webhook endpoints of a company: create, change, enable, disable, test and delete them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.ports import DecryptionFailed, Encryption
from domains.kernel.text.validation import LINE_LENGTH, Required, optional_text
from domains.kernel.validation import collect_errors
from domains.kernel.values import encrypted_secrets
from domains.kernel.values.secret import Secret
from domains.kernel.values.urls import optional_url
from domains.webhook import data, sql
from domains.webhook.bodies import API_VERSION
from domains.webhook.client import WebhookTransport
from domains.webhook.errors import (
    TooManyWebhookEndpoints,
    WebhookAddressRefused,
    WebhookEndpointInactive,
    WebhookEndpointNotFound,
)
from domains.webhook.events import (
    WebhookEndpointCreated,
    WebhookEndpointDeleted,
    WebhookEndpointDisabled,
    WebhookEndpointEnabled,
    WebhookEndpointUpdated,
)
from domains.webhook.models import (
    EndpointChanges,
    IssuedSecret,
    WebhookDelivery,
    WebhookDisabledReason,
    WebhookEndpoint,
)
from domains.webhook.signatures import new_secret
from domains.webhook.topics import PING, checked_topics

MAX_ENDPOINTS: Final = 20
TRYING: Final = timedelta(days=3)
"""For how long a delivery is tried; an endpoint that fails for as long is disabled."""
OVERLAP: Final = timedelta(hours=24)
OLDEST_FIRST: Final = Sort("created_at", datetime)


class Endpoints:
    """The endpoints of companies, with their encrypted secrets."""

    def __init__(self, transport: WebhookTransport, encryption: Encryption) -> None:
        self._transport = transport
        self._encryption = encryption

    async def find_page(
        self, db: Reader, args: PageArgs, *, is_active: bool | None = None, sort: Sort = OLDEST_FIRST
    ) -> Page[WebhookEndpoint]:
        """A page of the endpoints, the oldest first by default. Raises as `fetch_page`."""
        where: Any = {} if is_active is None else {"is_active": is_active}
        return await fetch_page(data.webhook_endpoint, db, args, sort=sort, where=where)

    async def find(self, db: Reader, endpoint_id: UUID) -> WebhookEndpoint:
        """An endpoint. Raises WebhookEndpointNotFound. One statement."""
        endpoint = await data.webhook_endpoint.find_unique(db, id=endpoint_id)
        if endpoint is None:
            raise WebhookEndpointNotFound
        return endpoint

    async def find_many(self, db: Reader, ids: Collection[UUID]) -> list[WebhookEndpoint]:
        """The endpoints of these ids, in no order. One statement."""
        return await data.webhook_endpoint.find_many(db, where={"id": {"in": list(ids)}})

    async def create(self, tx: Tx, new: EndpointChanges) -> IssuedSecret:
        """Create an endpoint, which gets the events from now on, and its secret.

        Raises, for all fields at once, Required, TooLong, InvalidInput, WebhookAddressRefused and as
        `checked_topics`; then TooManyWebhookEndpoints. Emits WebhookEndpointCreated. Four statements.
        """
        row: Any = {"description": "", **self._checked({"url": None, "topics": None, **new})}
        await sql.lock_endpoints(tx)
        if await data.webhook_endpoint.count(tx) >= MAX_ENDPOINTS:
            raise TooManyWebhookEndpoints(MAX_ENDPOINTS)
        secret = new_secret()
        row |= {"id": new_id(), "api_version": API_VERSION, "encrypted_secrets": self._encrypted(secret, None)}
        endpoint = await data.webhook_endpoint.create(tx, row)
        await sql.listen(tx, endpoint.id)
        tx.emit(WebhookEndpointCreated(endpoint_id=endpoint.id))
        return IssuedSecret(endpoint, secret)

    async def update(self, tx: Tx, endpoint_id: UUID, changes: EndpointChanges) -> WebhookEndpoint:
        """Change an endpoint. Raises WebhookEndpointNotFound, and as `create`.

        Emits WebhookEndpointUpdated when anything changes. Two statements.
        """
        current = await self._locked(tx, endpoint_id)
        row = self._checked(changes)
        changed = sorted(name for name, value in row.items() if getattr(current, name) != value)
        return await self._update(tx, current, row, changed) if changed else current

    async def delete(self, tx: Tx, endpoint_id: UUID) -> None:
        """Delete an endpoint with its deliveries. Raises WebhookEndpointNotFound. Emits WebhookEndpointDeleted."""
        await self._locked(tx, endpoint_id)
        await data.webhook_endpoint.delete(tx, id=endpoint_id)
        tx.emit(WebhookEndpointDeleted(endpoint_id=endpoint_id))

    async def rotate_secret(self, tx: Tx, endpoint_id: UUID) -> IssuedSecret:
        """Give an endpoint another secret. For a day, requests are signed with the previous one too.

        Raises WebhookEndpointNotFound. Emits WebhookEndpointUpdated. Two statements.
        """
        current, secret = await self._locked(tx, endpoint_id), new_secret()
        try:
            previous = encrypted_secrets.decrypted(current.encrypted_secrets, self._encryption)["current"]
        except DecryptionFailed:  # its key is gone; the new secret mends the endpoint
            previous = None
        row = {
            "encrypted_secrets": self._encrypted(secret, previous),
            "previous_until": None if previous is None else tx.clock.now() + OVERLAP,
        }
        return IssuedSecret(await self._update(tx, current, row, ["secret"]), secret)

    async def enable(self, tx: Tx, endpoint_id: UUID) -> WebhookEndpoint:
        """Enable an endpoint, which gets the events from now on; one that is enabled stays as it is.

        Raises WebhookEndpointNotFound. Emits WebhookEndpointEnabled. Three statements.
        """
        current = await self._locked(tx, endpoint_id)
        if current.is_active:
            return current
        row: Any = {"is_active": True, "disabled_at": None, "disabled_reason": None, "failing_since": None}
        endpoint = await data.webhook_endpoint.update(tx, id=endpoint_id, data=row)
        await sql.listen(tx, endpoint_id)
        tx.emit(WebhookEndpointEnabled(endpoint_id=endpoint_id))
        return endpoint

    async def disable(self, tx: Tx, endpoint_id: UUID, reason: WebhookDisabledReason) -> WebhookEndpoint:
        """Disable an endpoint: nothing more is sent to it, and what waits fails. A disabled one stays as it is.

        Raises WebhookEndpointNotFound. Emits WebhookEndpointDisabled. Two statements.
        """
        current = await self._locked(tx, endpoint_id)
        if not current.is_active:
            return current
        row: Any = {"is_active": False, "disabled_at": tx.clock.now(), "disabled_reason": reason}
        endpoint = await data.webhook_endpoint.update(tx, id=endpoint_id, data=row)
        tx.emit(WebhookEndpointDisabled(endpoint_id=endpoint_id, disabled_reason=reason.value))
        return endpoint

    async def test(self, tx: Tx, endpoint_id: UUID) -> WebhookDelivery:
        """Send a `ping` to an endpoint, as the deliveries of events are sent. Two statements.

        Raises WebhookEndpointNotFound, WebhookEndpointInactive.
        """
        endpoint, now = await self._locked(tx, endpoint_id), tx.clock.now()
        if not endpoint.is_active:
            raise WebhookEndpointInactive
        delivery = await data.webhook_delivery.create(
            tx,
            {
                "id": new_id(),
                "endpoint_id": endpoint_id,
                "event_id": new_id(),
                "topic": PING,
                "version": 1,
                "aggregate_id": endpoint_id,
                "sequence": 0,
                "payload": {},
                "occurred_at": now,
                "next_attempt_at": now,
                "expires_at": now + TRYING,
            },
        )
        tx.on_commit(self._transport.wake)
        return delivery

    def secrets_of(self, endpoint: WebhookEndpoint, now: datetime) -> Sequence[Secret]:
        """The secrets that sign now: the current one, and until its end the previous one. Raises DecryptionFailed."""
        secrets = encrypted_secrets.decrypted(endpoint.encrypted_secrets, self._encryption)
        is_overlapping = endpoint.previous_until is not None and endpoint.previous_until > now
        names = ("current", "previous") if is_overlapping else ("current",)
        return [secrets[name] for name in names if name in secrets]

    async def _locked(self, tx: Tx, endpoint_id: UUID) -> WebhookEndpoint:
        endpoint = await data.webhook_endpoint.find_unique(tx, id=endpoint_id, lock=True)
        if endpoint is None:
            raise WebhookEndpointNotFound
        return endpoint

    async def _update(self, tx: Tx, current: WebhookEndpoint, row: Any, changed: list[str]) -> WebhookEndpoint:
        endpoint = await data.webhook_endpoint.update(tx, id=current.id, data=row)
        tx.emit(WebhookEndpointUpdated(endpoint_id=current.id, changed=changed))
        return endpoint

    def _encrypted(self, secret: Secret, previous: Secret | None) -> str:
        secrets = {"current": secret} if previous is None else {"current": secret, "previous": previous}
        return encrypted_secrets.encrypted(secrets, self._encryption)

    def _checked(self, changes: EndpointChanges) -> dict[str, Any]:
        """The columns that are given."""
        row: dict[str, Any] = {}
        with collect_errors() as errors:
            with errors:
                if "url" in changes:
                    row["url"] = self._address(changes["url"])
            with errors:
                if "description" in changes:
                    text = optional_text(changes["description"], field=("description",), max_length=LINE_LENGTH)
                    row["description"] = text or ""
            with errors:
                if "topics" in changes:
                    row["topics"] = checked_topics(changes["topics"])
        return row

    def _address(self, value: str | None) -> str:
        try:
            url = optional_url(value, field=("url",))
        except InvalidInput:
            raise WebhookAddressRefused from None
        if url is None:
            raise Required("Give the address of the endpoint.", field=("url",))
        if urlsplit(url).fragment or not self._transport.client.is_allowed(url):
            raise WebhookAddressRefused
        return url
