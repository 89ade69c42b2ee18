"""What is stored of a method that a provider keeps: the token encrypted, and what its customer knows it by."""

from typing import Final
from uuid import UUID

from domains.kernel.ports import Encryption
from domains.kernel.text.validation import UNSTORABLE, normalize_text
from domains.kernel.values.secret import Secret
from domains.payment.data import SavedPaymentMethodCreate, SavedPaymentMethodRow, SavedPaymentMethodUpdate
from domains.payment.providers.requests import MethodToken, ProviderCustomer
from domains.payment.providers.results import KeptMethod

MAX_TEXT: Final = 255  # characters of a text of the provider


def stored(user_id: UUID, provider: str, method: KeptMethod, encryption: Encryption) -> SavedPaymentMethodCreate:
    """The columns of a kept method. What a provider tells of it is cut to fit, never refused."""
    month, year = method.expiry_month, method.expiry_year
    has_expiry = month is not None and year is not None and 1 <= month <= 12 and 0 < year < 10_000
    last4 = method.last4 if method.last4 and len(method.last4) == 4 and method.last4.isascii() else None
    return {
        "user_id": user_id,
        "provider": provider,
        "type": method.type,
        "encrypted_token": encryption.encrypt(method.token.reveal().encode()).decode(),
        "token_digest": digests(provider, method, encryption)[0],
        "provider_customer_id": method.customer_id,
        "brand": _text(method.brand),
        "last_4": last4 if last4 and last4.isdigit() else None,
        "expiry_month": month if has_expiry else None,
        "expiry_year": year if has_expiry else None,
        "label": _text(method.label),
    }


def changes_of(columns: SavedPaymentMethodCreate) -> SavedPaymentMethodUpdate:
    """The columns of a method that is stored already: what the provider may tell anew, and the newest key."""
    return {
        "encrypted_token": columns["encrypted_token"],
        "token_digest": columns["token_digest"],
        "provider_customer_id": columns["provider_customer_id"],
        "brand": columns["brand"],
        "last_4": columns["last_4"],
        "expiry_month": columns["expiry_month"],
        "expiry_year": columns["expiry_year"],
        "label": columns["label"],
    }


def digests(provider: str, method: KeptMethod, encryption: Encryption) -> list[str]:
    """The digests that recognize the token of a method, that of the newest key first."""
    return list(encryption.digests(f"{provider}:{method.token.reveal()}".encode()))


def is_unchanged(row: SavedPaymentMethodRow, columns: SavedPaymentMethodCreate) -> bool:
    """Whether a row has these columns already, under the newest key."""
    return all(getattr(row, name) == value for name, value in columns.items() if name != "encrypted_token")


def token_of(row: SavedPaymentMethodRow, encryption: Encryption) -> Secret:
    """The provider's token. Raises DecryptionFailed."""
    return Secret(encryption.decrypt(row.encrypted_token.encode()).decode())


def instrument_of(row: SavedPaymentMethodRow, encryption: Encryption) -> MethodToken:
    """The method as a payment instrument. Raises DecryptionFailed."""
    return MethodToken(token_of(row, encryption), ProviderCustomer(row.user_id, row.provider_customer_id))


def _text(text: str | None) -> str | None:
    return normalize_text(UNSTORABLE.sub("", text)[:MAX_TEXT]) or None if text else None
