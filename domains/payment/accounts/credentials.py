"""Credentials of accounts at payment providers: checked against the provider's fields, their secrets encrypted."""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from domains.kernel.errors import InvalidInput
from domains.kernel.ports import DecryptionFailed, Encryption
from domains.kernel.text.validation import Required
from domains.kernel.validation import collect_errors
from domains.kernel.values import encrypted_secrets
from domains.kernel.values.secret import Secret
from domains.payment.data import PaymentAccountRow
from domains.payment.errors import CredentialUnknown
from domains.payment.providers.provider import CredentialField, Credentials

log = structlog.get_logger("domains.payment")
MAX_LENGTH: Final = 500  # characters of a credential


def changed(before: Credentials, fields: Sequence[CredentialField], changes: Mapping[str, Secret]) -> Credentials:
    """The credentials with these changes.

    Raises, for all of them at once, CredentialUnknown, InvalidInput for a value that is longer than 500 characters
    or has spaces or characters that are not ASCII, and Required for one that is missing. No error repeats a value.
    """
    by_name = {field.name: field for field in fields}
    settings, secrets = dict(before.settings), dict(before.secrets)
    with collect_errors() as each:
        for name, value in changes.items():
            with each:
                field = by_name.get(name)
                if field is None:
                    raise CredentialUnknown(name, list(by_name))
                text = _require_token(name, value.reveal().strip())
                if field.is_secret:
                    secrets[name] = Secret(text)
                else:
                    settings[name] = text
        for name in by_name.keys() - settings.keys() - secrets.keys() - changes.keys():
            with each:
                raise Required(f"To connect the account, give `{name}`.", field=("credentials", name))
    return Credentials(settings, secrets)


def encrypted(credentials: Credentials, encryption: Encryption) -> str:
    """The secrets as they are stored."""
    return encrypted_secrets.encrypted(credentials.secrets, encryption)


def decrypted(account: PaymentAccountRow, encryption: Encryption) -> Credentials:
    """The credentials of a stored account. Raises DecryptionFailed."""
    return Credentials(account.settings, encrypted_secrets.decrypted(account.encrypted_secrets, encryption))


def readable(account: PaymentAccountRow, encryption: Encryption) -> Credentials:
    """The credentials of a stored account; without its secrets when no key decrypts them any more."""
    try:
        return decrypted(account, encryption)
    except DecryptionFailed:
        log.warning("the secrets of an account at a payment provider cannot be decrypted", provider=account.provider)
        return Credentials(account.settings, {})


def _require_token(name: str, text: str) -> str:
    if not (0 < len(text) <= MAX_LENGTH and text.isascii() and text.isprintable() and " " not in text):
        raise InvalidInput(
            f"`{name}` is 1 to {MAX_LENGTH} letters, digits and signs without spaces. Copy it from the provider.",
            field=("credentials", name),
        )
    return text
