"""Reminders of abandoned carts: a series for each, which ends when the cart changes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domains.cart.events import CartAbandoned
from domains.cart.models import Cart
from domains.kernel.database import Reader, Tx
from domains.kernel.events import Envelope
from domains.notification import data
from domains.notification.checks import Variables
from domains.notification.marketing import sql
from domains.notification.marketing.audience import Audience
from domains.notification.marketing.cart_contents import ReminderContents
from domains.notification.models import (
    CartReminderAudience,
    NewNotification,
    NotificationCategory,
    NotificationKind,
    NotificationSettings,
    NotificationType,
)
from domains.notification.notifications import Notifications
from domains.notification.sql import Loaded

STANDARD_HOURS: Final = (24, 72, 168)
BETWEEN_SERIES: Final = timedelta(days=7)
CART_ID: Final = "cart_id"
CHANGED_AT: Final = "changed_at"


def hours_of(settings: NotificationSettings) -> Sequence[int]:
    """The hours after the last change of a cart at which its buyer is reminded."""
    return settings.cart_reminder_hours or STANDARD_HOURS


def times_of(changed_at: datetime, hours: Sequence[int], now: datetime) -> list[datetime]:
    """The times of a series, ascending. Those that are over already are one, now."""
    times = [changed_at + timedelta(hours=each) for each in hours]
    later = [each for each in times if each > now]
    return later if len(later) == len(times) else [now, *later]


class CartReminders:
    """Creates the series of an abandoned cart at once, and checks each reminder when it is sent."""

    topics: Final = (CartAbandoned.topic,)

    def __init__(self, audience: Audience, contents: ReminderContents, notifications: Notifications) -> None:
        self._audience = audience
        self._contents = contents
        self._notifications = notifications

    async def remind(self, tx: Tx, event: Envelope) -> None:
        """Create the reminders of an abandoned cart, each with its time. Seven statements at most.

        None are created for a cart that has changed since, within a week of the last series of the cart, and for
        those who may not be reminded.
        """
        cart_id, settings = UUID(event.payload[CART_ID]), await self._audience.settings.current(tx)
        if settings.cart_reminders is CartReminderAudience.NONE:
            return
        cart = next(iter(await self._contents.carts(tx, [cart_id])), None)
        if cart is None or cart.updated_at != datetime.fromisoformat(event.payload[CHANGED_AT]):
            return
        email = await self._address(tx, cart)
        if email is None or not await self._may_be_reminded(tx, cart.user_id, email, settings):
            return
        await sql.lock_cart(tx, cart_id)
        now = tx.clock.now()
        if await sql.is_reminded(tx, cart_id, cart.user_id, email, since=now - BETWEEN_SERIES):
            return
        times = times_of(cart.updated_at, hours_of(settings), now)
        await self._notifications.create(
            tx, [_reminder(cart, email, step, at) for step, at in enumerate(times, start=1)]
        )

    async def current(self, db: Reader, waiting: Sequence[Loaded]) -> Mapping[UUID, Variables]:
        """The present contents of the carts that are as they were left. Ten statements at most.

        A reminder is stale when its cart was changed, ordered, emptied or deleted, or has nothing that can be
        bought now; when its user is disabled or has another address; and when its recipient may not be reminded.
        """
        about = {each.notification.id: each for each in waiting if CART_ID in each.notification.metadata}
        found: dict[UUID, Variables] = {
            each.notification.id: {} for each in waiting if each.notification.id not in about
        }
        allowed = await self._allowed(db, list(about.values()))
        ids = {UUID(about[each].notification.metadata[CART_ID]) for each in allowed}
        carts = {cart.id: cart for cart in await self._contents.carts(db, ids)} if ids else {}
        unchanged: dict[UUID, Cart] = {}
        for each in allowed:
            metadata = about[each].notification.metadata
            cart = carts.get(UUID(metadata[CART_ID]))
            if cart is not None and cart.updated_at == datetime.fromisoformat(metadata[CHANGED_AT]):
                unchanged[each] = cart
        contents = await self._contents.variables(db, list({cart.id: cart for cart in unchanged.values()}.values()))
        present = {each: contents[cart.id] for each, cart in unchanged.items() if cart.id in contents}
        return found | {each: {"cart": cart} for each, cart in present.items()}

    async def _allowed(self, db: Reader, waiting: Sequence[Loaded]) -> list[UUID]:
        """The ids of the reminders whose recipients may be reminded."""
        settings = await self._audience.settings.current(db)
        if not waiting or settings.cart_reminders is CartReminderAudience.NONE:
            return []
        valid = await self._audience.with_their_address(db, waiting)
        unasked = [each for each in valid if each.choices.is_chosen is None]
        customers: Collection[Any] = ()
        if settings.cart_reminders is CartReminderAudience.CUSTOMERS and unasked:
            customers = await self._audience.history.customers_among(db, [_buyer(each) for each in unasked])
        return [each.notification.id for each in valid if each.choices.is_chosen is True or _buyer(each) in customers]

    async def _address(self, db: Reader, cart: Cart) -> str | None:
        """Where the buyer of a cart is told: the account's address, or the one that a guest confirmed."""
        if cart.user_id is None:
            return cart.confirmed_email
        return (await self._audience.addresses(db, [cart.user_id])).get(cart.user_id)

    async def _may_be_reminded(
        self, db: Reader, user_id: UUID | None, email: str, settings: NotificationSettings
    ) -> bool:
        where: Any = {
            "user_id": user_id,
            "category": NotificationCategory.CARTS,
            "channel": NotificationType.EMAIL,
        }
        choice = await data.notification_preference.find_first(db, where=where) if user_id else None
        if choice is not None:
            return choice.enabled
        if settings.cart_reminders is CartReminderAudience.CHOSEN:
            return False
        return bool(await self._audience.history.customers_among(db, [(user_id, email)]))


def _buyer(loaded: Loaded) -> tuple[UUID | None, str]:
    return (loaded.notification.user_id, loaded.notification.recipient or "")


def _reminder(cart: Cart, email: str, step: int, at: datetime) -> NewNotification:
    left_at = cart.updated_at.isoformat()
    return NewNotification(
        kind=NotificationKind.ABANDONED_CART,
        dedupe_key=f"{NotificationKind.ABANDONED_CART} {cart.id} {left_at} {step}",
        recipient=email,
        user_id=cart.user_id,
        variables={"step": step},
        metadata={CART_ID: str(cart.id), CHANGED_AT: left_at, "step": step},
        scheduled_at=at,
    )
