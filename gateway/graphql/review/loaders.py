"""Batch functions of the relations of and to reviews."""

from collections.abc import Sequence
from uuid import UUID

from domains.auth.models import User
from domains.kernel.pagination.pages import PageArgs
from domains.review.models import Review
from gateway.graphql.core.context import Context
from gateway.graphql.core.pagination import Connection

ANONYMOUS = "A customer"


async def load_review_pages(context: Context, keys: Sequence[tuple[UUID, PageArgs]]) -> Sequence[Connection[Review]]:
    """A page of the published reviews of each product."""
    pages = await context.services.review.listing.pages_by_product(context.reader, keys)
    return [Connection[Review].of(page) for page in pages]


async def load_author_names(context: Context, keys: Sequence[UUID]) -> Sequence[str]:
    """The public names of reviews' authors: the first name and the initial of the last name."""
    names = {user.id: user for user in await context.services.auth.users.find(context.reader, keys)}
    return [_public_name(names[key]) if key in names else ANONYMOUS for key in keys]


def _public_name(user: User) -> str:
    initial = f"{user.last_name[0]}." if user.last_name else ""
    return f"{user.first_name} {initial}".strip() or ANONYMOUS
