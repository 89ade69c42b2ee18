"""Payment methods, and the buyers from whom a company accepts them."""

from typing import Final

from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.payment.errors import PaymentMethodNotAccepted
from domains.payment.models import PaymentAudience, PaymentMethod, PaymentSettings
from domains.payment.settings import PaymentSettingsTable

TENDERS: Final = {PaymentMethod.GIFT_CARD, PaymentMethod.STORE_CREDIT, PaymentMethod.EXCHANGE}
CUSTOMER_AUDIENCES: Final = {PaymentAudience.EVERYONE, PaymentAudience.CUSTOMERS}


def audience_of(settings: PaymentSettings, method: PaymentMethod) -> PaymentAudience:
    """The buyers that a company offers a payment method to. An order is created with tenders, not paid with them."""
    return {
        PaymentMethod.CARD: settings.card_payments,
        PaymentMethod.INVOICE: settings.invoice_payments,
        PaymentMethod.CASH_ON_DELIVERY: settings.cash_on_delivery,
        PaymentMethod.GIFT_CARD: PaymentAudience.NOBODY,
        PaymentMethod.STORE_CREDIT: PaymentAudience.NOBODY,
        PaymentMethod.EXCHANGE: PaymentAudience.NOBODY,
    }[method]


def accepted_methods(settings: PaymentSettings, actor: Actor) -> list[PaymentMethod]:
    """The payment methods that a company offers to an actor, in the order of the enum."""
    audiences = CUSTOMER_AUDIENCES if actor.is_authenticated else {PaymentAudience.EVERYONE}
    return [method for method in PaymentMethod if audience_of(settings, method) in audiences]


def require_method(settings: PaymentSettings, actor: Actor, method: PaymentMethod) -> None:
    """Raise PaymentMethodNotAccepted unless the company offers the method to the actor.

    Staff who may change orders choose any method for others, except for tenders.
    """
    is_staff = actor.can(PermissionResource.ORDERS, PermissionAction.UPDATE) and method not in TENDERS
    if not is_staff and method not in (accepted := accepted_methods(settings, actor)):
        raise PaymentMethodNotAccepted(method, accepted, is_guest=not actor.is_authenticated)


class PaymentMethods:
    """The payment methods of the current company, by its settings."""

    def __init__(self, settings: PaymentSettingsTable) -> None:
        self._settings = settings

    async def accepted(self, db: Reader, actor: Actor) -> list[PaymentMethod]:
        """The payment methods that the company offers to the actor. At most one statement."""
        return accepted_methods(await self._settings.current(db), actor)

    async def require(self, db: Reader, actor: Actor, method: PaymentMethod) -> None:
        """Raise PaymentMethodNotAccepted unless the company offers the method to the actor. At most one statement."""
        require_method(await self._settings.current(db), actor, method)
