"""Mutations of product alerts."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.text.validation import Required
from domains.notification.product_alerts.errors import AlertAddressFixedByAccount
from domains.notification.product_alerts.models import NewProductAlert
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import OWNER, PUBLIC, command, from_input, present, requires, sensitive, workflow
from gateway.graphql.notification.product_alerts import inputs, payloads
from gateway.graphql.notification.product_alerts.types import ProductStockAlert

UPDATE_USERS = requires(PermissionResource.USERS, PermissionAction.UPDATE)


@strawberry.type
class ProductAlertMutation:
    """The fields of Mutation about product alerts."""

    @sensitive
    @workflow(PUBLIC)
    async def product_alert_create(
        self,
        info: Info,
        input: Annotated[
            inputs.ProductAlertCreateInput, strawberry.argument(description="The product, and what to wait for.")
        ],
    ) -> payloads.ProductAlertCreatePayload:
        """Ask to be told once, by e-mail, when a product is back in stock or cheaper.

        The alert of a user is created at once; another one for the same renews it. A guest gets a code of six digits
        by e-mail, valid for ten minutes, and confirms with `productAlertConfirm`. A user or a mailbox waits for at
        most 50 products.
        """
        context = info.context
        alerts = context.services.notification.product_alerts
        new: NewProductAlert = from_input(NewProductAlert, input, exclude=("email",))
        if context.actor.is_authenticated:
            if input.email is not None:
                raise AlertAddressFixedByAccount
            alert = await context.db.run(lambda tx: alerts.alerts.create(tx, context.actor, new), context.actor)
            return payloads.ProductAlertCreatePayload(alert=present(ProductStockAlert, alert))
        if input.email is None:
            raise Required("Enter your e-mail address.", field="email")
        confirmation_id = await alerts.confirmation.request(
            context.db, context.actor, context.request.origin(), new, input.email
        )
        return payloads.ProductAlertCreatePayload(confirmation_id=confirmation_id)

    @sensitive
    @workflow(PUBLIC)
    async def product_alert_confirm(
        self,
        info: Info,
        input: Annotated[
            inputs.ProductAlertConfirmInput, strawberry.argument(description="The six-digit code from the mail.")
        ],
    ) -> payloads.ProductAlertConfirmPayload:
        """Create a guest's product alert by the mailed code. It also takes back an unsubscription from alerts."""
        context = info.context
        alert = await context.services.notification.product_alerts.confirmation.confirm(
            context.db, context.actor, context.request.origin(), input.confirmation_id, input.code
        )
        return payloads.ProductAlertConfirmPayload(alert=present(ProductStockAlert, alert))

    @command(OWNER | UPDATE_USERS)
    async def product_alert_delete(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            inputs.ProductAlertDeleteInput,
            strawberry.argument(description="The id of an alert of your own; with USERS:UPDATE of any."),
        ],
    ) -> payloads.ProductAlertDeletePayload:
        """Delete a product alert, which is then never told."""
        alerts = info.context.services.notification.product_alerts.alerts
        await alerts.delete(tx, info.context.actor, input.id)
        return payloads.ProductAlertDeletePayload(deleted_id=input.id)
