"""Requests for e-mails with a secret: events whose content is encrypted, from which the mail is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import orjson

from domains.kernel.database import Tx
from domains.kernel.events import Event
from domains.kernel.ids import id_of
from domains.kernel.ports import Encryption


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailRequested(Event):
    """The base of the events that ask for an e-mail to an address, which may have no account.

    `kind` names what it says. `content` has the variables of its template, encrypted: a code or a token is among
    them. The e-mails to one address are sent in their order.
    """

    topic: ClassVar[str]
    personal: ClassVar[tuple[str, ...]] = ("email", "content")
    email: str
    kind: str
    content: str

    @property
    def aggregate_id(self) -> UUID:
        """The id of the address."""
        return id_of(self.email)


def request_email(
    tx: Tx, event: type[EmailRequested], encryption: Encryption, email: str, kind: str, variables: Mapping[str, Any]
) -> None:
    """Emit the request for an e-mail."""
    content = encryption.encrypt(orjson.dumps(dict(variables))).decode()
    tx.emit(event(email=email, kind=kind, content=content))
