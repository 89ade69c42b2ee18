"""Mutations of store credit, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.auth.errors import UserNotFound
from domains.kernel.database import Tx
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present
from gateway.graphql.payment.audit.types import MANAGES_ORDERS
from gateway.graphql.payment.store_credit import inputs, payloads
from gateway.graphql.payment.store_credit.types import StoreCredit


@strawberry.type
class StoreCreditMutation:
    """The store credit's fields of Mutation."""

    @command(MANAGES_ORDERS, idempotent=True)
    async def store_credit_issue(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StoreCreditIssueInput, strawberry.argument(description="The customer, the amount and why.")
        ],
    ) -> payloads.StoreCreditIssuePayload:
        """Give store credit to a customer, at the expense of the shop."""
        await _require_member(info, tx, input.user_id)
        store_credits = info.context.services.payment.store_credits
        row = await store_credits.issue(tx, input.user_id, input.amount, input.reason)
        return payloads.StoreCreditIssuePayload(store_credit=present(StoreCredit, row))

    @command(MANAGES_ORDERS, idempotent=True)
    async def store_credit_deduct(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.StoreCreditDeductInput, strawberry.argument(description="The customer, the amount and why.")
        ],
    ) -> payloads.StoreCreditDeductPayload:
        """Take store credit from a customer, at most what is left."""
        await _require_member(info, tx, input.user_id)
        store_credits = info.context.services.payment.store_credits
        row = await store_credits.deduct(tx, input.user_id, input.amount, input.reason)
        return payloads.StoreCreditDeductPayload(store_credit=present(StoreCredit, row))


async def _require_member(info: Info, tx: Tx, user_id: UUID) -> None:
    """Raise UserNotFound unless the user is a customer or member of staff of this company."""
    if not await info.context.services.auth.members.find_by_id(tx, [user_id]):
        raise UserNotFound(user_id, field=("user_id",))
