"""Users as a company knows them."""

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from domains.auth import data, sql
from domains.auth.data import UserRow, UserUpdate
from domains.auth.events import UserUpdated
from domains.auth.models import ProfileUpdate, User
from domains.auth.policy import require_user_id
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import Unauthenticated
from domains.kernel.personal_data import is_erased
from domains.kernel.text.names import search_text_of

LOGIN_REQUIRED: Final = "Log in to use this."


class Users:
    """Reads users by id, and stores their profiles."""

    async def find(self, db: Reader, ids: Sequence[UUID]) -> list[User]:
        """The users of these ids, in no order. One statement. The caller checks that the actor may see them."""
        return await sql.users_by_id(db, ids)

    async def me(self, db: Reader, actor: Actor) -> User:
        """The actor's own user. Raises Unauthenticated for a guest, and for a user who was just erased."""
        user = (await sql.users_by_id(db, [require_user_id(actor)]))[0]
        if is_erased(user.email):
            raise Unauthenticated(LOGIN_REQUIRED)
        return user

    async def update(self, tx: Tx, actor: Actor, changes: ProfileUpdate) -> User:
        """Store changes to the actor's own names and telephone number, which the caller has validated.

        Raises Unauthenticated. Emits user.updated when a value differs.
        """
        before = await own_row(tx, actor, lock=True)
        changed = sorted(name for name, value in changes.items() if getattr(before, name) != value)
        if changed:
            first, last = changes.get("first_name", before.first_name), changes.get("last_name", before.last_name)
            text = search_text_of(first, last, before.email, changes.get("phone", before.phone))
            stored = cast("UserUpdate", {**changes, "search_text": text})  # a profile is a part of a user's columns
            await data.user.update(tx, id=before.id, data=stored)
            tx.emit(UserUpdated(user_id=before.id, changed=changed))
        return await self.me(tx, actor)


async def own_row(db: Reader, actor: Actor, *, lock: bool = False) -> UserRow:
    """The row of the actor's own user. Raises Unauthenticated for a guest, and when the account was erased meanwhile.

    With `lock` it is locked until the transaction ends.
    """
    user = None if actor.user_id is None else await data.user.find_unique(db, id=actor.user_id, lock=lock)
    if user is None or user.erased_at is not None:
        raise Unauthenticated(LOGIN_REQUIRED)
    return user
