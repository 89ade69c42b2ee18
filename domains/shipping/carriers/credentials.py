"""Credentials of carriers: checked against the fields of the adapter, their secrets encrypted."""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from domains.kernel.errors import InvalidInput
from domains.kernel.ports import DecryptionFailed, Encryption
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.kernel.values import encrypted_secrets
from domains.kernel.values.secret import Secret
from domains.shipping.carriers.carrier import CarrierAccount, CarrierCredential
from domains.shipping.carriers.errors import CarrierCredentialUnknown
from domains.shipping.data import CarrierRow

log = structlog.get_logger("domains.shipping")
MAX_LENGTH: Final = 500  # characters of a credential


def changed(
    before: CarrierAccount, fields: Sequence[CarrierCredential], changes: Mapping[str, Secret]
) -> CarrierAccount:
    """The account with these credentials; an empty text removes one.

    Raises, for all of them at once, CarrierCredentialUnknown, InvalidInput for a value that is longer than 500
    characters or has spaces or characters that are not ASCII, and Required for one that is missing. No error repeats
    a value.
    """
    by_name = {each.name: each for each in fields}
    values: dict[str, Secret | str] = {**before.configuration, **before.secrets}
    with collect_errors() as errors:
        for name, value in changes.items():
            with errors:
                if name not in by_name:
                    raise CarrierCredentialUnknown(name, list(by_name))
                text = _require_token(name, value.reveal().strip())
                values.pop(name, None)
                if text:
                    values[name] = Secret(text) if by_name[name].is_secret else text
        for name, each in by_name.items():
            with errors:
                is_refused = name in changes and changes[name].reveal().strip() and name not in values
                if each.is_required and name not in values and not is_refused:
                    raise Required(f"To connect the carrier, give `{name}`.", field=("credentials", name))
    return CarrierAccount(
        before.endpoint,
        {name: value for name, value in values.items() if isinstance(value, str)},
        {name: value for name, value in values.items() if isinstance(value, Secret)},
    )


def encrypted(account: CarrierAccount, encryption: Encryption) -> str:
    """The secrets as they are stored."""
    return encrypted_secrets.encrypted(account.secrets, encryption)


def decrypted(carrier: CarrierRow, encryption: Encryption) -> CarrierAccount:
    """The account of a stored carrier. Raises DecryptionFailed."""
    secrets = encrypted_secrets.decrypted(carrier.encrypted_secrets, encryption)
    return CarrierAccount(carrier.api_endpoint, carrier.configuration, secrets)


def readable(carrier: CarrierRow, encryption: Encryption) -> CarrierAccount:
    """The account of a stored carrier; without its secrets when no key decrypts them any more."""
    try:
        return decrypted(carrier, encryption)
    except DecryptionFailed:
        log.warning("the secrets of a carrier cannot be decrypted", carrier=carrier.code)
        return CarrierAccount(carrier.api_endpoint, carrier.configuration)


def _require_token(name: str, text: str) -> str:
    if len(text) > MAX_LENGTH or not text.isascii() or (text and (not text.isprintable() or " " in text)):
        raise InvalidInput(
            f"`{name}` is at most {MAX_LENGTH} letters, digits and signs without spaces. Copy it from the carrier.",
            field=("credentials", name),
        )
    return text
