"""Secrets and signatures of webhooks, by the specification Standard Webhooks: HMAC-SHA256 over id, time and body."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import Final
from uuid import UUID

from domains.kernel.values.secret import Secret

PREFIX: Final = "whsec_"
SECRET_OCTETS: Final = 32


def new_secret() -> Secret:
    """A random secret of 256 bits: `whsec_` and Base64."""
    return Secret(PREFIX + b64encode(token_bytes(SECRET_OCTETS)).decode())


def message_id(delivery_id: UUID) -> str:
    """The id of a message, which is the same in each attempt and replay."""
    return f"msg_{delivery_id.hex}"


def signed_headers(delivery_id: UUID, body: bytes, secrets: Sequence[Secret], at: datetime) -> Mapping[str, str]:
    """The headers of a request, with a signature by each secret."""
    identifier, seconds = message_id(delivery_id), str(int(at.timestamp()))
    signed = f"{identifier}.{seconds}.".encode() + body
    return {
        "webhook-id": identifier,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{_digest(secret, signed)}" for secret in secrets),
    }


def _digest(secret: Secret, signed: bytes) -> str:
    key = b64decode(secret.reveal().removeprefix(PREFIX))
    return b64encode(hmac.digest(key, signed, "sha256")).decode()
