"""Signatures of webhooks: HMAC-SHA256 over time and raw body, `t=<seconds>,v1=<hex>`, as Stripe writes them."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from domains.kernel.values.secret import Secret
from domains.payment.errors import WebhookSignatureInvalid

TOLERANCE: Final = timedelta(seconds=300)
MAX_HEADER: Final = 1_000  # characters: a time and a few signatures


def header_of(headers: Mapping[str, str], wanted: str) -> str | None:
    """A header of a webhook, by its name in small letters; the names that are given are in any case."""
    return next((value for name, value in headers.items() if name.lower() == wanted), None)


def sign(body: bytes, secret: Secret, at: datetime) -> str:
    """The signature of a body that is sent at a time."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={_digest(body, secret, seconds)}"


def verify(signature: str | None, body: bytes, secret: Secret, now: datetime) -> None:
    """Raise WebhookSignatureInvalid unless the body was signed with the secret within TOLERANCE of now.

    Of several v1 signatures, as while a secret is replaced, one must match; each is compared in constant time.
    """
    if signature is None or len(signature) > MAX_HEADER:
        raise WebhookSignatureInvalid("The webhook has no signature, or one that is too long.")
    parts = [part.strip().partition("=") for part in signature.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12):
        raise WebhookSignatureInvalid("The signature of the webhook has no valid time.")
    expected = _digest(body, secret, times[0]).encode()
    given = [value.encode() for name, _, value in parts if name == "v1"]
    if not any(hmac.compare_digest(expected, each) for each in given):
        raise WebhookSignatureInvalid("The signature of the webhook does not match its body.")
    if abs(now.timestamp() - int(times[0])) > TOLERANCE.total_seconds():
        raise WebhookSignatureInvalid("The signature of the webhook is older than the tolerance, or in the future.")


def _digest(body: bytes, secret: Secret, seconds: str) -> str:
    return hmac.digest(secret.reveal().encode(), seconds.encode() + b"." + body, "sha256").hex()
