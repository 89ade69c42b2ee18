"""Mutations of payments through a provider."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import strawberry

from domains.kernel.idempotency.attempts import Attempt
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.payments.payments import PaymentData
from domains.payment.errors import CardNotAccepted, PaymentDeclined, SavedMethodExpired, SavedMethodNotFound
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import OWNER, PUBLIC, requires, workflow
from gateway.graphql.order.rate_limit import counting_declines
from gateway.graphql.payment.attempts import inputs, payloads
from gateway.graphql.payment.inputs import refuse_card_numbers

# The customer of the order, a guest with its token, or staff.
PAYS: Final = PUBLIC | OWNER | requires(PermissionResource.ORDERS, PermissionAction.UPDATE)


@strawberry.type
class PaymentAttemptMutation:
    """Beginning payments, and going on after a next action."""

    @workflow(PAYS, idempotent=True, check=refuse_card_numbers)
    async def payment_create(
        self,
        info: Info,
        attempt: Attempt,
        input: Annotated[
            inputs.PaymentCreateInput,
            strawberry.argument(description="The order, the provider, and what is charged."),
        ],
    ) -> payloads.PaymentCreatePayload:
        """Begin to pay an order through a provider.

        The payment may be complete at once, or need a next action of the buyer; `paymentConfirm` tells what became of
        it. A payment of the order that the buyer has abandoned is cancelled first. `orderPay` is the form for
        invoices and cash on delivery. After 60 declined payments in an hour from one network address, payments from
        there are refused.
        """
        context = info.context
        payment_data = PaymentData(
            instrument=input.instrument.as_instrument(context.db.clock.now()),
            saved_method_id=input.instrument.saved_method_id or None,
            provider=input.provider,
            return_url=context.services.payment.return_urls.require(input.return_url),
            save_method=input.save_method,
            token=input.order_token,
        )
        async with counting_declines(context):
            with _placed("instrument"):
                begun = await context.services.order.payments.start(
                    attempt, context.actor, input.order_id, payment_data
                )
        return await payloads.PaymentCreatePayload.of(context, begun)

    @workflow(PAYS)
    async def payment_confirm(
        self,
        info: Info,
        input: Annotated[
            inputs.PaymentConfirmInput,
            strawberry.argument(description="The attempt that goes on, and the token of a guest."),
        ],
    ) -> payloads.PaymentConfirmPayload:
        """Ask the provider what became of a payment, after its buyer has come back or confirmed it in the browser.

        A payment that the buyer has approved on the provider's page is carried out now. It may be repeated: a payment
        with an outcome stays as it is.
        """
        context = info.context
        confirmation = context.services.order.confirmation
        with _placed("payment_id"):
            async with counting_declines(context):
                progress = await confirmation.confirm(
                    context.db, context.actor, input.payment_id, token=input.order_token
                )
            progress.require_not_declined()
        return await payloads.PaymentConfirmPayload.of(context, progress)


@contextmanager
def _placed(name: str) -> Iterator[None]:
    """Name a field of the input in errors about the instrument, which other mutations take as `card`."""
    try:
        yield
    except (CardNotAccepted, PaymentDeclined) as refusal:
        refusal.field = (name,)
        raise
    except (SavedMethodNotFound, SavedMethodExpired) as refusal:
        refusal.field = (name, *refusal.field)
        raise
