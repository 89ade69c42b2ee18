"""The auth domain's types that `node` finds."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from domains.auth.domain import SESSIONS, USERS
from domains.auth.models import Session as SessionModel
from domains.auth.models import User as UserModel
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.auth.queries import READ_USERS
from gateway.graphql.auth.types import Session, User
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import AUTHENTICATED
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.engine.loading import one_per_key


async def load_visible_users(context: Context, keys: Sequence[UUID]) -> Sequence[UserModel | None]:
    """Users by id: the actor, and with USERS:READ the company's members and customers."""
    own = [key for key in keys if context.actor.owns(key)]
    users = list(await load_users(context, own)) if own else []
    others = [key for key in keys if key not in own]
    if others and READ_USERS.admits(context.actor):
        users += await context.services.auth.members.find_by_id(context.reader, others)
    return users


async def load_own_sessions(context: Context, keys: Sequence[UUID]) -> Sequence[SessionModel | None]:
    """The actor's live sessions by id."""
    rows = await context.services.auth.sessions.find_by_id(context.reader, context.actor, keys)
    return one_per_key(keys, rows, lambda row: row.id)


USER: Final = NodeType(User, USERS, load_visible_users, AUTHENTICATED)
NODES: Final[list[AnyNodeType]] = [
    USER,
    NodeType(Session, SESSIONS, load_own_sessions, AUTHENTICATED),
]
