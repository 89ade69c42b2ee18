"""Product alerts of guests: created once the owner of the mailbox has entered a mailed code."""

from typing import Final
from uuid import UUID

from domains.auth.emails.addresses import normalize_email
from domains.auth.emails.email_verification import ATTEMPTS, EmailVerification
from domains.auth.errors import InvalidCode
from domains.auth.models import Origin
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.notification import data
from domains.notification.models import NewNotification, NotificationCategory, NotificationKind
from domains.notification.notifications import Notifications
from domains.notification.product_alerts import sql
from domains.notification.product_alerts.errors import AlertAddressFixedByAccount
from domains.notification.product_alerts.models import NewProductAlert, ProductStockAlert
from domains.notification.product_alerts.product_alerts import ProductAlerts
from domains.notification.product_alerts.sql import Wish
from domains.notification.suppressions.suppressions import Suppressions

MAILS: Final = "product alert"


class AlertConfirmation:
    """Mails codes to guests, and creates the alerts that they confirm."""

    def __init__(
        self,
        alerts: ProductAlerts,
        verification: EmailVerification,
        notifications: Notifications,
        suppressions: Suppressions,
    ) -> None:
        self._alerts = alerts
        self._verification = verification
        self._notifications = notifications
        self._suppressions = suppressions

    async def request(self, db: Database, actor: Actor, origin: Origin, new: NewProductAlert, email: str) -> UUID:
        """Mail a code to the address of a guest, valid for ten minutes; returns its id, with which it is confirmed.

        The result does not depend on whether the address has an account or alerts. Raises InvalidInput, RateLimited
        by network and mailbox, AlertAddressFixedByAccount for a logged-in user, and as `ProductAlerts.wish_of`.
        """
        if actor.is_authenticated:
            raise AlertAddressFixedByAccount
        address = normalize_email(email)
        reader = db.reader(actor.company_id)
        wish = await self._alerts.wish_of(reader, new, email=address)
        code = await self._verification.begin(origin, address, _purpose(address), mails=MAILS)

        async def store(tx: Tx) -> None:
            row: data.ProductAlertCodeCreate = {
                "id": code.id,
                "product_id": wish.product_id,
                "variant_id": wish.variant_id,
                "kind": wish.kind,
                "email": address,
                "language": wish.language,
                "price": wish.price,
                "target_price": wish.target_price,
                "currency": wish.currency,
                "code": code.digest,
                "expires_at": code.expires_at,
            }
            await data.product_alert_code.create(tx, row)
            mail = NewNotification(
                kind=NotificationKind.ALERT_CONFIRMATION,
                dedupe_key=f"product alert code {code.id}",
                recipient=address,
                language=wish.language,
                variables={"product": {"name": wish.name}, "code": code.digits},
            )
            await self._notifications.create(tx, [mail])

        await db.run(store, actor)
        return code.id

    async def confirm(
        self, db: Database, actor: Actor, origin: Origin, code_id: UUID, digits: str
    ) -> ProductStockAlert:
        """Create the alert of a guest by the mailed code, once, and take back a refusal of alerts by the mailbox.

        Raises RateLimited, ProductAlertLimitExceeded, and InvalidCode, which commits: the attempt is counted, and
        after five the code is invalid.
        """
        await self._verification.count_attempt(origin)

        async def work(tx: Tx) -> ProductStockAlert:
            code = await sql.count_attempt(tx, code_id, ATTEMPTS)
            if code is None:
                raise InvalidCode
            if not self._verification.codes.matches(code.id, code.code, _purpose(code.email), digits):
                raise InvalidCode
            await data.product_alert_code.delete(tx, id=code.id)
            await self._suppressions.resubscribe(tx, code.email, NotificationCategory.ALERTS)
            return await self._alerts.store(tx, _wish_of(code))

        return await db.run(work, actor)


def _wish_of(code: data.ProductAlertCodeRow) -> Wish:
    return Wish(
        product_id=code.product_id,
        variant_id=code.variant_id,
        kind=code.kind,
        language=code.language,
        price=code.price,
        target_price=code.target_price,
        currency=code.currency,
        email=code.email,
    )


def _purpose(email: str) -> str:
    """The purpose of a code: it is valid for one address only."""
    return f"product alert:{email}"
