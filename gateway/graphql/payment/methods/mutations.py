"""Mutations of saved payment methods."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.payment.providers.results import NextAction
from domains.payment.saved_methods.models import SavedMethodChanges
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, command, from_input, present, sensitive, workflow
from gateway.graphql.payment.inputs import refuse_card_numbers
from gateway.graphql.payment.methods import inputs, payloads
from gateway.graphql.payment.methods.types import PaymentMethodSetup, PaymentMethodSetupAction, SavedPaymentMethod


@strawberry.type
class SavedMethodMutation:
    """The saved payment methods' fields of Mutation."""

    @sensitive
    @workflow(AUTHENTICATED, check=refuse_card_numbers)
    async def payment_method_setup_begin(
        self,
        info: Info,
        input: Annotated[
            inputs.PaymentMethodSetupBeginInput,
            strawberry.argument(description="The provider, and the page to return to."),
        ],
    ) -> payloads.PaymentMethodSetupBeginPayload:
        """Begin to save a payment method without paying: a card in the provider's form, or a PayPal account.

        The customer does what `nextAction` says, then call `paymentMethodSetupFinish`. A customer has at most 20
        saved payment methods.
        """
        context = info.context
        setup = await context.services.payment.method_setups.begin(
            context.db, context.actor, provider=input.provider, return_url=input.return_url
        )
        shown = PaymentMethodSetup(setup_id=setup.id, provider=setup.provider, next_action=_action(setup.next_action))
        return payloads.PaymentMethodSetupBeginPayload(setup=shown)

    @sensitive
    @workflow(AUTHENTICATED, check=refuse_card_numbers)
    async def payment_method_setup_finish(
        self,
        info: Info,
        input: Annotated[
            inputs.PaymentMethodSetupFinishInput, strawberry.argument(description="The id of the begun setup.")
        ],
    ) -> payloads.PaymentMethodSetupFinishPayload:
        """Save the payment method of a setup that the customer has completed. It may be sent again at any time."""
        context = info.context
        finished = await context.services.payment.method_setups.finish(context.db, context.actor, input.setup_id)
        return payloads.PaymentMethodSetupFinishPayload(
            payment_method=present(SavedPaymentMethod, finished.method), next_action=_action(finished.next_action)
        )

    @command(AUTHENTICATED)
    async def payment_method_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.PaymentMethodUpdateInput,
            strawberry.argument(description="The id of the payment method, and what to change."),
        ],
    ) -> payloads.PaymentMethodUpdatePayload:
        """Name a saved payment method of your own, or make it the default."""
        changes = from_input(SavedMethodChanges, input, exclude=("id",))
        saved = info.context.services.payment.saved_methods
        method = await saved.update(tx, info.context.actor, input.id, changes)
        return payloads.PaymentMethodUpdatePayload(payment_method=present(SavedPaymentMethod, method))

    @command(AUTHENTICATED)
    async def payment_method_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.PaymentMethodDeleteInput, strawberry.argument(description="The id of the payment method.")
        ],
    ) -> payloads.PaymentMethodDeletePayload:
        """Delete a saved payment method of your own, here at once and at the provider within a minute.

        If it was the default, the newest other one becomes the default.
        """
        method = await info.context.services.payment.saved_methods.remove(tx, info.context.actor, input.id)
        return payloads.PaymentMethodDeletePayload(payment_method=present(SavedPaymentMethod, method))


def _action(action: NextAction | None) -> PaymentMethodSetupAction | None:
    if action is None:
        return None
    secret = action.client_secret
    return PaymentMethodSetupAction(
        type=action.type, url=action.url, client_secret=secret.reveal() if secret is not None else None
    )
