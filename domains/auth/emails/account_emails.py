"""The e-mails about accounts that hold a secret, or that answer a request for one. See `requested_emails`."""

from datetime import timedelta

from domains.auth.emails.requested_emails import request_email
from domains.auth.events import AccountEmailRequested
from domains.kernel.database import Tx
from domains.kernel.ports import Encryption


class AccountEmails:
    """Asks for the e-mails about accounts. Codes and tokens are never part of a link (ASVS 14.2.1)."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption

    def registration_code(self, tx: Tx, to: str, digits: str) -> None:
        """The code that confirms the address of a new account."""
        self._request(tx, to, "REGISTRATION_CODE", code=digits)

    def already_registered(self, tx: Tx, to: str) -> None:
        """To the owner of an account when someone registers with its address or changes another account to it."""
        self._request(tx, to, "ALREADY_REGISTERED")

    def email_change_code(self, tx: Tx, to: str, digits: str) -> None:
        """The code that confirms the new address of an account."""
        self._request(tx, to, "EMAIL_CHANGE_CODE", code=digits)

    def cart_code(self, tx: Tx, to: str, digits: str) -> None:
        """The code that confirms a guest's address for their cart."""
        self._request(tx, to, "CART_CODE", code=digits)

    def reset_token(self, tx: Tx, to: str, token: str, lifetime: timedelta) -> None:
        """The token that lets the owner of the mailbox set a new password."""
        self._request(tx, to, "PASSWORD_RESET", token=token, lifetime_minutes=_minutes(lifetime))

    def no_account(self, tx: Tx, to: str) -> None:
        """To an address without an account for which a password reset was requested."""
        self._request(tx, to, "NO_ACCOUNT")

    def invitation(self, tx: Tx, to: str, token: str | None, lifetime: timedelta) -> None:
        """To a new member of staff, with a token to set a first password unless they have one."""
        self._request(tx, to, "STAFF_INVITATION", token=token, lifetime_minutes=_minutes(lifetime))

    def _request(self, tx: Tx, to: str, kind: str, **variables: str | int | None) -> None:
        request_email(tx, AccountEmailRequested, self._encryption, to, kind, variables)


def _minutes(lifetime: timedelta) -> int:
    return int(lifetime.total_seconds() // 60)
