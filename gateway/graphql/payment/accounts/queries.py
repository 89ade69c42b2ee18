"""The query of payment providers for staff."""

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query, requires
from gateway.graphql.payment.accounts.types import PaymentProvider


@strawberry.type
class PaymentAccountQuery:
    """The fields of Query about accounts at payment providers."""

    @query(requires(PermissionResource.SETTINGS, PermissionAction.READ))
    async def payment_providers(self, info: Info) -> list[PaymentProvider]:
        """The payment providers of this installation, by name, with your company's accounts; no secret is shown."""
        services, reader = info.context.services, info.context.reader
        company = await services.company.current(reader)
        installed = await services.payment.accounts.installed(reader)
        return [PaymentProvider.of(each, company.slug) for each in installed]
