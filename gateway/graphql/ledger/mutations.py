"""Mutations of the ledger, for staff."""

from typing import Annotated, Final

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.errors import OrderNotFound
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, present, requires
from gateway.graphql.ledger import inputs, payloads
from gateway.graphql.ledger.types import LedgerAccount, LedgerEntry

MAY_MANAGE: Final = requires(PermissionResource.ANALYTICS, PermissionAction.MANAGE)


@strawberry.type
class LedgerMutation:
    """The ledger domain's fields of Mutation."""

    @command(MAY_MANAGE)
    async def ledger_account_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.LedgerAccountCreateInput, strawberry.argument(description="The code, the name and the type.")
        ],
    ) -> payloads.LedgerAccountCreatePayload:
        """Add an account of your own to the ledger, to which adjustments can be posted. It cannot be deleted."""
        account = await info.context.services.ledger.accounts.create(tx, input.code, input.name, input.type)
        return payloads.LedgerAccountCreatePayload(account=present(LedgerAccount, account))

    @command(MAY_MANAGE)
    async def ledger_account_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.LedgerAccountUpdateInput, strawberry.argument(description="The id and the new name.")
        ],
    ) -> payloads.LedgerAccountUpdatePayload:
        """Rename an account of the ledger; a standard account as well. Its code and type never change."""
        account = await info.context.services.ledger.accounts.rename(tx, input.id, input.name)
        return payloads.LedgerAccountUpdatePayload(account=present(LedgerAccount, account))

    @command(MAY_MANAGE, idempotent=True)
    async def ledger_adjustment_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.LedgerAdjustmentCreateInput, strawberry.argument(description="The lines, with the reason.")
        ],
    ) -> payloads.LedgerAdjustmentCreatePayload:
        """Post an entry to the ledger by hand. It moves no money: it records what happened outside the platform.

        Not to gift cards and store credit, which have mutations of their own, and not to what an order owes.
        """
        services = info.context.services
        if input.order_id is not None and not await services.order.orders_by_id(tx, [input.order_id]):
            raise OrderNotFound
        entry = await services.ledger.adjustments.create(tx, input.as_new())
        return payloads.LedgerAdjustmentCreatePayload(entry=present(LedgerEntry, entry))

    @command(MAY_MANAGE, idempotent=True)
    async def ledger_adjustment_reverse(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.LedgerAdjustmentReverseInput, strawberry.argument(description="The adjustment and the reason.")
        ],
    ) -> payloads.LedgerAdjustmentReversePayload:
        """Reverse an adjustment: post its lines on the other sides, booked today. It is reversed once."""
        entry = await info.context.services.ledger.adjustments.reverse(tx, input.entry_id, input.reason)
        return payloads.LedgerAdjustmentReversePayload(entry=present(LedgerEntry, entry))
