"""The e-mails about accounts. Codes and tokens are never part of a link (ASVS 14.2.1)."""

from datetime import timedelta
from typing import Final

from domains.auth.emails.company_mailer import CompanyMailer
from domains.kernel.database import Tx

IF_NOT_YOU: Final = "If this was not you, reset your password now: all sessions of your account then end."
IF_NOT_REQUESTED: Final = "If you did not ask for this, contact us."
CODE_LIFETIME: Final = "It is valid for ten minutes."


class AccountEmails:
    """Writes and sends the e-mails about accounts."""

    def __init__(self, mailer: CompanyMailer) -> None:
        self._mailer = mailer

    async def registration_code(self, tx: Tx, to: str, digits: str) -> None:
        """The code that confirms the address of a new account."""
        await self._mailer.send(
            tx,
            to,
            "Your code: confirm your e-mail address",
            f"Your code is {digits}. {CODE_LIFETIME}\n\n"
            "If you did not register, someone else entered your address. Ignore this e-mail, and do not share "
            "the code.",
        )

    async def already_registered(self, tx: Tx, to: str) -> None:
        """To the owner of an account when someone registers with its address or changes another account to it."""
        await self._mailer.send(
            tx,
            to,
            "You already have an account",
            "Someone tried to use this address for an account, but you already have one. If it was you, log in with "
            "this address, or reset the password if you have forgotten it. Otherwise you can ignore this e-mail.",
        )

    async def email_change_code(self, tx: Tx, to: str, digits: str) -> None:
        """The code that confirms the new address of an account."""
        await self._mailer.send(
            tx,
            to,
            "Your code: confirm your new e-mail address",
            f"Your code is {digits}. {CODE_LIFETIME}\n\nIf you did not ask for this code, ignore this e-mail.",
        )

    async def cart_code(self, tx: Tx, to: str, digits: str) -> None:
        """The code that confirms a guest's address for their cart."""
        await self._mailer.send(
            tx,
            to,
            "Your code: confirm your e-mail address",
            f"Your code is {digits}. {CODE_LIFETIME}\n\n"
            "Enter it in the shop to use promotions that belong to your address. If you are not shopping here, "
            "someone else entered your address: ignore this e-mail and do not share the code.",
        )

    async def reset_token(self, tx: Tx, to: str, token: str, lifetime: timedelta) -> None:
        """The token that lets the owner of the mailbox set a new password."""
        await self._mailer.send(
            tx,
            to,
            "Reset your password",
            f"To set a new password, enter this token in the shop:\n\n{token}\n\n"
            f"It can be used once, within {_duration(lifetime)}. If you did not ask for it, ignore this e-mail: "
            "your password does not change.",
        )

    async def no_account(self, tx: Tx, to: str) -> None:
        """To an address without an account for which a password reset was requested."""
        await self._mailer.send(
            tx,
            to,
            "No account with this address",
            "Someone asked to reset the password of an account with this address, but there is none. If it was you, "
            "you may have registered with another address. Otherwise you can ignore this e-mail.",
        )

    async def invitation(self, tx: Tx, to: str, token: str | None, lifetime: timedelta) -> None:
        """To a new member of staff, with a token to set a first password unless they have one."""
        instructions = (
            f"To set your password, enter this token in the shop:\n\n{token}\n\n"
            f"It can be used once, within {_duration(lifetime)}; after that, ask for a password reset."
            if token
            else "Log in with your account."
        )
        await self._mailer.send(tx, to, "You are invited", f"You were added to the staff. {instructions}")

    async def password_changed(self, tx: Tx, to: str) -> None:
        """That the password was changed (ASVS 6.3.7)."""
        await self._mailer.send(
            tx, to, "Your password was changed", f"The password of your account was changed.\n\n{IF_NOT_YOU}"
        )

    async def email_changed(self, tx: Tx, to: str, new_email: str) -> None:
        """To the old address: that the account has a new address (ASVS 6.3.7)."""
        await self._mailer.send(
            tx,
            to,
            "Your e-mail address was changed",
            f"The e-mail address of your account is now {new_email}; this address is no longer used.\n\n"
            "If this was not you, contact us at once.",
        )

    async def session_family_ended(self, tx: Tx, to: str) -> None:
        """That a session was ended because a refresh token was used twice."""
        await self._mailer.send(
            tx,
            to,
            "A session was ended",
            "A refresh token of one of your sessions was used twice, so it may have been stolen. "
            f"The session was ended; log in again.\n\n{IF_NOT_YOU}",
        )

    async def role_changed(self, tx: Tx, to: str) -> None:
        """That staff assigned another role."""
        await self._mailer.send(
            tx,
            to,
            "Your role was changed",
            "Our staff assigned another role to your account, so your permissions have changed."
            f"\n\n{IF_NOT_REQUESTED}",
        )

    async def disabled(self, tx: Tx, to: str) -> None:
        """That staff disabled the account."""
        await self._mailer.send(
            tx,
            to,
            "Your account was disabled",
            f"Our staff disabled your account. You can no longer log in.\n\n{IF_NOT_REQUESTED}",
        )

    async def enabled(self, tx: Tx, to: str) -> None:
        """That staff enabled the account."""
        await self._mailer.send(
            tx, to, "Your account was enabled", "Our staff enabled your account. You can log in again."
        )


def _duration(lifetime: timedelta) -> str:
    minutes = int(lifetime.total_seconds() // 60)
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"
