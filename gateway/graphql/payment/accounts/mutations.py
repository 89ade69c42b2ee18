"""The mutation of accounts at payment providers."""

from typing import Annotated

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, requires
from gateway.graphql.payment.accounts.inputs import PaymentProviderUpdateInput
from gateway.graphql.payment.accounts.types import PaymentProvider, PaymentProviderUpdatePayload


@strawberry.type
class PaymentAccountMutation:
    """The fields of Mutation about accounts at payment providers."""

    @command(requires(PermissionResource.SETTINGS, PermissionAction.MANAGE))
    async def payment_provider_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            PaymentProviderUpdateInput,
            strawberry.argument(description="The provider, and what changes in your company's account there."),
        ],
    ) -> PaymentProviderUpdatePayload:
        """Connect your company to a payment provider, or change its account there. Sent twice, it does the same.

        To take new payments by it, choose it as `paymentProvider` with `companySettingsUpdate`.
        """
        services = info.context.services
        accounts = services.payment.accounts
        with input.placing_errors():
            account = await accounts.update(tx, input.provider, input.as_changes())
        company = await services.company.current(tx)
        changed = accounts.shown(account.provider, account)
        return PaymentProviderUpdatePayload(provider=PaymentProvider.of(changed, company.slug))
