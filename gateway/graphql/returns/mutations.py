"""Mutations of returns by buyers and guests, and by staff."""

from datetime import timedelta
from typing import Annotated, Final

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.quotas import Quota
from domains.returns.models import TrackingSource
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.fields import OWNER, PUBLIC, command, requires
from gateway.graphql.returns import inputs, payloads

MAY_UPDATE = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)
# Guests identify themselves with the token of the order; without it the order does not exist for them.
BY_TOKEN = PUBLIC
GUEST_RETURNS: Final = Quota("return requests", 60, timedelta(hours=1))
RETURN: Final = strawberry.argument(description="The return request, and what to do with it.")


async def count_guest(context: Context) -> None:
    """Count an attempt of a guest. Raises RateLimited after 60 in an hour from one network address."""
    if not context.actor.is_authenticated:
        await GUEST_RETURNS.consume(context.cache, context.actor.company_id, context.request.ip)


@strawberry.type
class ReturnMutation:
    """Returns that buyers, guests and staff request, send and cancel."""

    @command(BY_TOKEN | OWNER | MAY_UPDATE, idempotent=True)
    async def return_request_create(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ReturnRequestCreateInput,
            strawberry.argument(description="The order, its lines with the units, and the reason."),
        ],
    ) -> payloads.ReturnRequestCreatePayload:
        """Request the return of delivered goods of an order: your own, a guest's by its token, or any as staff.

        Units can be returned within the shop's window after their delivery, and each only once. Gift cards and
        digital goods cannot be returned. Guests may try 60 times in an hour.
        """
        context = info.context
        await count_guest(context)
        request = await context.services.returns.requests.create(
            tx, context.actor, input.as_new(), token=input.order_token
        )
        return payloads.ReturnRequestCreatePayload.of(request)

    @command(BY_TOKEN | OWNER | MAY_UPDATE)
    async def return_cancel(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnCancelInput, RETURN]
    ) -> payloads.ReturnCancelPayload:
        """Cancel a return of which nothing has come. It is CLOSED, and its units can be requested again."""
        context = info.context
        await count_guest(context)
        request = await context.services.returns.endings.cancel(
            tx, context.actor, input.return_request_id, token=input.order_token, notes=input.notes
        )
        return payloads.ReturnCancelPayload.of(request)

    @command(BY_TOKEN | OWNER | MAY_UPDATE)
    async def return_mark_shipped(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnMarkShippedInput, RETURN]
    ) -> payloads.ReturnMarkShippedPayload:
        """Say that an approved return was sent, with its carrier and tracking number. It is IN_TRANSIT."""
        context = info.context
        await count_guest(context)
        request = await context.services.returns.parcels.mark_shipped(
            tx,
            context.actor,
            input.return_request_id,
            token=input.order_token,
            carrier_name=input.carrier_name,
            tracking_number=input.tracking_number,
        )
        return payloads.ReturnMarkShippedPayload.of(request)


@strawberry.type
class ReturnProcessingMutation:
    """Returns that staff approve, reject, receive, inspect and close."""

    @command(MAY_UPDATE)
    async def return_approve(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnApproveInput, RETURN]
    ) -> payloads.ReturnApprovePayload:
        """Approve a PENDING return, or some of its units. The buyer gets an address and a time limit."""
        context = info.context
        request = await context.services.returns.approvals.approve(
            tx, context.actor, input.return_request_id, input.as_approval()
        )
        return payloads.ReturnApprovePayload.of(request)

    @command(MAY_UPDATE)
    async def return_reject(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnRejectInput, RETURN]
    ) -> payloads.ReturnRejectPayload:
        """Reject a PENDING return for a reason that the buyer reads."""
        context = info.context
        request = await context.services.returns.endings.reject(
            tx, context.actor, input.return_request_id, input.reason
        )
        return payloads.ReturnRejectPayload.of(request)

    @command(MAY_UPDATE, idempotent=True)
    async def return_receive(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnReceiveInput, RETURN]
    ) -> payloads.ReturnReceivePayload:
        """Record goods of a return that came, in parts if need be. Refunding them is a step of its own."""
        context = info.context
        request = await context.services.returns.receipts.receive(
            tx, context.actor, input.return_request_id, input.units(), is_complete=input.is_complete
        )
        return payloads.ReturnReceivePayload.of(request)

    @command(MAY_UPDATE, idempotent=True)
    async def return_inspect(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnInspectInput, RETURN]
    ) -> payloads.ReturnInspectPayload:
        """Put received goods into stock again, or write them off as damaged."""
        context = info.context
        request = await context.services.returns.receipts.inspect(
            tx, context.actor, input.return_request_id, input.units()
        )
        return payloads.ReturnInspectPayload.of(request)

    @command(MAY_UPDATE)
    async def return_close(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnCloseInput, RETURN]
    ) -> payloads.ReturnClosePayload:
        """Close a return: nothing more of it will come or be refunded."""
        context = info.context
        request = await context.services.returns.endings.close(
            tx, context.actor, input.return_request_id, notes=input.notes
        )
        return payloads.ReturnClosePayload.of(request)

    @command(MAY_UPDATE)
    async def return_tracking_add(
        self, info: Info, tx: Tx, input: Annotated[inputs.ReturnTrackingAddInput, RETURN]
    ) -> payloads.ReturnTrackingAddPayload:
        """Record what happened to the parcel of an approved return. The same event again changes nothing."""
        context = info.context
        request = await context.services.returns.parcels.add_event(
            tx, context.actor, input.return_request_id, input.as_event(), TrackingSource.MANUAL
        )
        return payloads.ReturnTrackingAddPayload.of(request)
