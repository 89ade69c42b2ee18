"""The mails that accounts cause. Secrets are there to be typed or pasted, never in a link (ASVS 14.2.1)."""

from datetime import timedelta

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.ports import Mailer

NOT_YOU = "If this was not you, reset your password now: whoever did it is then signed out."

NOT_WANTED = "If you did not ask for this, write to us."


class Post:
    """Writes the mails, in the shop's name."""

    def __init__(self, mailer: Mailer, companies: CompanyService) -> None:
        self._mailer = mailer
        self._companies = companies

    async def registration_code(self, db: Reader, to: str, digits: str) -> None:
        """The code that confirms a new account's address."""
        await self._send(
            db,
            to,
            "Your code: confirm your e-mail address",
            f"Your code is {digits}. It is good for ten minutes.\n\n"
            "If you did not register, somebody gave your address: do nothing, and do not pass the code on.",
        )

    async def already_registered(self, db: Reader, to: str) -> None:
        """To somebody with an account, in whose name somebody tries to register or to change to their address."""
        await self._send(
            db,
            to,
            "You already have an account",
            "Somebody, perhaps you, tried to use this address for an account. You already have one: sign in with it, "
            "or reset the password if you have forgotten it. If it was not you, there is nothing to do.",
        )

    async def email_change_code(self, db: Reader, to: str, digits: str) -> None:
        """The code that confirms the new address of an account."""
        await self._send(
            db,
            to,
            "Your code: confirm your new e-mail address",
            f"Your code is {digits}. It is good for ten minutes.\n\nIf you did not ask for it, do nothing.",
        )

    async def cart_code(self, db: Reader, to: str, digits: str) -> None:
        """The code that proves a guest's address for their cart."""
        await self._send(
            db,
            to,
            "Your code: confirm your e-mail address",
            f"Your code is {digits}. It is good for ten minutes.\n\n"
            "Type it in where you shop to use what your address has earned. If you are not shopping here, somebody "
            "gave your address: do nothing, and do not pass the code on.",
        )

    async def reset_token(self, db: Reader, to: str, token: str, lifetime: timedelta) -> None:
        """The token that lets the mailbox's owner set a new password."""
        await self._send(
            db,
            to,
            "Reset your password",
            f"To set a new password, enter this token where the shop asks for it:\n\n{token}\n\n"
            f"It is good once, for {_span(lifetime)}. If you did not ask for it, do nothing: "
            "your password stays as it is.",
        )

    async def no_account(self, db: Reader, to: str) -> None:
        """To an address without an account, for which somebody asked to reset the password."""
        await self._send(
            db,
            to,
            "No account with this address",
            "Somebody, perhaps you, asked to reset the password of an account with this address. There is none. "
            "Perhaps you registered with another address. If it was not you, there is nothing to do.",
        )

    async def invitation(self, db: Reader, to: str, token: str | None, lifetime: timedelta) -> None:
        """To somebody who was made a member of staff, with a token to set their first password if they have none."""
        how = (
            f"To set your password, enter this token where the shop asks for it:\n\n{token}\n\n"
            f"It is good once, for {_span(lifetime)}; after that, ask to reset your password."
            if token
            else "Sign in with your account."
        )
        await self._send(db, to, "You are invited", f"You were made a member of the staff. {how}")

    async def password_changed(self, db: Reader, to: str) -> None:
        """That the password is another one (ASVS 6.3.7)."""
        await self._send(
            db, to, "Your password was changed", f"The password of your account was changed.\n\n{NOT_YOU}"
        )

    async def email_changed(self, db: Reader, to: str, new_email: str) -> None:
        """To the old address: that the account has another one (ASVS 6.3.7)."""
        await self._send(
            db,
            to,
            "Your e-mail address was changed",
            f"Your account now has the address {new_email}; this one is no longer used.\n\n"
            "If this was not you, write to us at once.",
        )

    async def session_family_ended(self, db: Reader, to: str) -> None:
        """That a session was ended because its refresh token was used twice."""
        await self._send(
            db,
            to,
            "A session was ended",
            f"A token of one of your sessions was used twice, so it may have been copied. "
            f"The session has been ended; sign in again.\n\n{NOT_YOU}",
        )

    async def address_changed(self, db: Reader, to: str, *, was_deleted: bool) -> None:
        """That staff changed or deleted an address of theirs."""
        what = "deleted" if was_deleted else "changed"
        await self._send(
            db,
            to,
            f"An address of yours was {what}",
            f"Our staff {what} an address in the address book of your account. Sign in to see your addresses.\n\n"
            f"{NOT_WANTED}",
        )

    async def role_changed(self, db: Reader, to: str) -> None:
        """That staff gave them another role."""
        await self._send(
            db,
            to,
            "Your rights were changed",
            f"Our staff gave your account another role, so what you may do here has changed.\n\n{NOT_WANTED}",
        )

    async def disabled(self, db: Reader, to: str) -> None:
        """That staff shut them out."""
        await self._send(
            db,
            to,
            "Your account was disabled",
            f"Our staff disabled your account: you cannot sign in any more.\n\n{NOT_WANTED}",
        )

    async def enabled(self, db: Reader, to: str) -> None:
        """That staff let them in again."""
        await self._send(db, to, "Your account was enabled", "Our staff enabled your account: you can sign in again.")

    async def _send(self, db: Reader, to: str, subject: str, text: str) -> None:
        company = await self._companies.current(db)
        name = " ".join(company.name.split())
        await self._mailer.send(to=to, subject=f"{name}: {subject}", text=f"{text}\n\n{company.name}\n")


def _span(lifetime: timedelta) -> str:
    minutes = int(lifetime.total_seconds() // 60)
    return f"{minutes // 60} hours" if minutes >= 120 else f"{minutes} minutes"
