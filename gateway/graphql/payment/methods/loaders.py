"""Batch functions of the relations to saved payment methods."""

from collections.abc import Sequence
from uuid import UUID

from domains.payment.saved_methods.models import SavedMethod
from gateway.graphql.core.context import Context
from gateway.graphql.engine.loading import many_per_key


async def load_saved_methods(context: Context, keys: Sequence[UUID]) -> Sequence[list[SavedMethod]]:
    """The saved payment methods of users."""
    methods = await context.services.payment.saved_methods.of_users(context.reader, keys)
    return many_per_key(keys, methods, lambda method: method.user_id)
