"""The profile of a user: names and telephone number."""

from domains.account.models import ProfileChanges
from domains.auth.models import ProfileUpdate, User
from domains.auth.service import AuthService
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.text.names import normalize_name
from domains.kernel.text.phone_numbers import phone_number
from domains.kernel.validation import collect_errors


class Profile:
    """Validates changes to profiles. The auth domain stores them with the user."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    async def update(self, tx: Tx, actor: Actor, changes: ProfileChanges) -> User:
        """Change the actor's own names and telephone number.

        Raises Unauthenticated, and for all fields at once InvalidInput and TooLong. Emits user.updated when a field
        changes.
        """
        return await self._auth.users.update(tx, actor, checked(changes))


def checked(changes: ProfileChanges) -> ProfileUpdate:
    """The changes as they are stored. Raises InvalidInput and TooLong, for all fields at once."""
    update: ProfileUpdate = {}
    with collect_errors() as each:
        with each:
            if "first_name" in changes:
                update["first_name"] = normalize_name(changes["first_name"], "first_name")
        with each:
            if "last_name" in changes:
                update["last_name"] = normalize_name(changes["last_name"], "last_name")
        with each:
            if "phone" in changes:
                update["phone"] = phone_number(changes["phone"])
    return update
