"""Push devices: browsers and apps in which a user asked for notifications."""

import re
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from domains.auth.events import SessionEnded, SessionFamilyEnded, UserDisabled
from domains.auth.models import Origin
from domains.auth.policy import require_user_id
from domains.auth.service import AuthService
from domains.auth.sessions.sessions import truncate_user_agent
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Reader, Tx
from domains.kernel.events import Envelope
from domains.kernel.ids import new_id
from domains.kernel.pagination.keyset import Sort, fetch_page
from domains.kernel.pagination.pages import Page, PageArgs
from domains.kernel.ports import DecryptionFailed, Encryption
from domains.kernel.text.validation import optional_text, require_bounded_length
from domains.kernel.validation import collect_errors
from domains.kernel.values import encrypted_secrets
from domains.kernel.values.secret import Secret
from domains.notification import data
from domains.notification.models import Notification
from domains.notification.notifications import DEVICE_ID, Unreadable
from domains.notification.push_devices import sql
from domains.notification.push_devices.errors import (
    PushDeviceNotFound,
    PushEndpointRefused,
    PushKeyInvalid,
    PushKeysNotApplicable,
    PushTokenInvalid,
)
from domains.notification.push_devices.models import NewPushDevice, PushDevice, PushProvider

MOST_DEVICES: Final = 20
"""The highest number of devices of a user; of more, the longest unused ones are deleted."""
ADDRESS_LENGTH: Final = 2_000
NAME_LENGTH: Final = 100
KEY_OCTETS: Final[Mapping[str, int]] = {"p256dh": 65, "auth": 16}  # RFC 8291: a point of P-256, and a secret
KEY_LENGTH: Final = 100
NEWEST_FIRST: Final = Sort("last_used_at", datetime, "desc")
_TOKEN: Final = re.compile(r"[\x21-\x7e]{20,2000}")


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """Where a push notification goes: the endpoint with the keys of a browser, or the token of an app without."""

    address: str = field(repr=False)
    keys: Mapping[str, str] = field(repr=False)


class PushDevices:
    """Registers, lists and removes the devices of users, and finds the addresses of notifications."""

    topics: Final = (SessionEnded.topic, SessionFamilyEnded.topic, UserDisabled.topic)

    def __init__(self, auth: AuthService, encryption: Encryption, is_allowed: Callable[[str], bool]) -> None:
        self._auth = auth
        self._encryption = encryption
        self._is_allowed = is_allowed

    async def register(self, tx: Tx, actor: Actor, origin: Origin, new: NewPushDevice) -> PushDevice:
        """Register a device for the actor, or renew it. Two statements.

        A device of another user moves to the actor, and is then a new one. Of more than 20 the longest unused are
        deleted. Raises Unauthenticated, and for all fields at once TooLong, InvalidInput and the errors of addresses
        and keys.
        """
        user_id = require_user_id(actor)
        name, secrets = self._validated(new)
        values = (
            new_id(),
            actor.session_id,
            new.provider,
            sha256(new.address.encode()).hexdigest(),
            encrypted_secrets.encrypted(secrets, self._encryption),
            name,
            truncate_user_agent(origin).user_agent,
        )
        return await sql.store(tx, user_id, values, most=MOST_DEVICES)

    async def remove(self, tx: Tx, actor: Actor, device_id: UUID) -> None:
        """Remove a device of the actor's. One statement. Raises Unauthenticated and PushDeviceNotFound."""
        where: Any = {"id": device_id, "user_id": require_user_id(actor)}
        if not await data.push_device.delete_many(tx, where=where):
            raise PushDeviceNotFound

    async def find_own(self, db: Reader, actor: Actor, page: PageArgs) -> Page[PushDevice]:
        """A page of the actor's devices, last used first. Raises Unauthenticated."""
        where: Any = {"user_id": require_user_id(actor)}
        return await fetch_page(data.push_device, db, page, sort=NEWEST_FIRST, where=where)

    async def find_by_id(self, db: Reader, actor: Actor, ids: Sequence[UUID]) -> list[PushDevice]:
        """The actor's devices of these ids, in no order. One statement, none for a guest."""
        if actor.user_id is None:
            return []
        return await data.push_device.find_many(db, where={"id": {"in": list(ids)}, "user_id": actor.user_id})

    async def address_of(self, db: Reader, notification: Notification) -> DeviceAddress | None:
        """The address of the device of a notification; None when it was removed or is another user's by now.

        None also when the session of the device was ended, perhaps in another company: sessions are of all companies,
        and the event of the end is of one. Two statements at most. Raises Unreadable when no key decrypts it.
        """
        device_id = notification.metadata.get(DEVICE_ID)
        if device_id is None or notification.user_id is None:
            return None
        where: Any = {"id": UUID(device_id), "user_id": notification.user_id}
        device = await data.push_device.find_first(db, where=where)
        if device is None or not await self._is_logged_in(db, device):
            return None
        try:
            secrets = encrypted_secrets.decrypted(device.encrypted_address, self._encryption)
        except DecryptionFailed as error:
            raise Unreadable(str(error)) from error
        parts = {name: secret.reveal() for name, secret in secrets.items()}
        return DeviceAddress(parts.pop("address"), parts)

    async def _is_logged_in(self, db: Reader, device: PushDevice) -> bool:
        """Whether nobody ended the session of a device; true of one without a session."""
        session_id = device.session_id
        return session_id is None or bool(await self._auth.sessions.find_unended(db, device.user_id, [session_id]))

    async def end(self, tx: Tx, event: Envelope) -> None:
        """Delete the devices of sessions that ended, and all of a user who was disabled. Three statements at most."""
        user_id = UUID(str(event.payload["user_id"]))
        if event.topic == UserDisabled.topic:
            await data.push_device.delete_many(tx, where={"user_id": user_id})
            return
        devices = await data.push_device.find_many(tx, where={"user_id": user_id})
        sessions = {each.session_id for each in devices if each.session_id is not None}
        if not sessions or tx.company_id is None:
            return
        user = Actor(ActorKind.USER, tx.company_id, user_id)
        active = {each.id for each in await self._auth.sessions.find_by_id(tx, user, list(sessions))}
        if ended := sessions - active:
            await data.push_device.delete_many(tx, where={"user_id": user_id, "session_id": {"in": list(ended)}})

    def _validated(self, new: NewPushDevice) -> tuple[str | None, dict[str, Secret]]:
        """The name, and what is encrypted."""
        keys, name = {"p256dh": new.p256dh, "auth": new.auth}, None
        is_browser = new.provider is PushProvider.WEB_PUSH
        with collect_errors() as errors:
            with errors:
                self._require_address(new.address, is_browser=is_browser)
            for key, text in keys.items():
                with errors:
                    (_require_key if is_browser else _require_none)(key, text)
            with errors:
                name = optional_text(new.name, field=("name",), max_length=NAME_LENGTH)
        given = {"address": new.address, **{key: text for key, text in keys.items() if text is not None}}
        return name, {each: Secret(text) for each, text in given.items()}

    def _require_address(self, address: str, *, is_browser: bool) -> None:
        require_bounded_length(address, field=("address",), max_length=ADDRESS_LENGTH)
        if is_browser and (len(address) > ADDRESS_LENGTH or not self._is_allowed(address)):
            raise PushEndpointRefused
        if not is_browser and not _TOKEN.fullmatch(address):
            raise PushTokenInvalid


async def forget(tx: Tx, notification: Notification) -> None:
    """Delete the device of a notification, which does not exist any more. One statement."""
    where: Any = {"id": UUID(notification.metadata[DEVICE_ID]), "user_id": notification.user_id}
    await data.push_device.delete_many(tx, where=where)


def _require_key(name: str, text: str | None) -> None:
    """Raise PushKeyInvalid for a text that is no key of a browser."""
    given = (text or "")[: KEY_LENGTH + 1].rstrip("=")
    try:
        octets = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except (NotBase64, ValueError):
        octets = b""
    is_alphabet = re.fullmatch(r"[\w-]*", given, re.ASCII) is not None
    is_point = name != "p256dh" or octets[:1] == b"\x04"
    if not is_alphabet or len(octets) != KEY_OCTETS[name] or not is_point:
        raise PushKeyInvalid(name)


def _require_none(name: str, text: str | None) -> None:
    if text is not None:
        raise PushKeysNotApplicable(name)
