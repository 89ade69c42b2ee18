"""The announcements of the demo: news for those who asked for them, and a promotion that waits for its day."""

from datetime import timedelta
from typing import Final

from domains.kernel.database import Tx
from domains.notification.announcements.models import AnnouncementText, NewAnnouncement
from domains.notification.models import NotificationCategory, NotificationKind, NotificationType
from domains.notification.preferences.preferences import ChannelChoice
from gateway.demo.shop import CUSTOMER, DemoShop

READERS: Final = (CUSTOMER, 2, 3)  # places of buyers
ASKED_FOR: Final = (NotificationCategory.PROMOTIONS, NotificationCategory.NEWS)
NEWS: Final = (
    AnnouncementText("en", "The autumn glazes are here", "Moss, slate and oat: three new glazes for the tableware."),
    AnnouncementText("de", "Die Herbstglasuren sind da", "Moos, Schiefer und Hafer: drei neue Glasuren."),
    AnnouncementText("fr", "Les émaux d'automne sont là", "Mousse, ardoise et avoine : trois nouveaux émaux."),
)
PROMOTION: Final = (
    AnnouncementText("en", "A week of free tea towels", "With each order above 40 pounds, as long as stock lasts."),
)
WAITS: Final = timedelta(days=7)


async def add_announcements(shop: DemoShop) -> None:
    """Let buyers ask for promotions and news, and staff announce one of each."""
    notification = shop.services.notification
    choices = [ChannelChoice(category=each, channel=NotificationType.EMAIL, enabled=True) for each in ASKED_FOR]

    async def ask(tx: Tx) -> None:
        for user_id in filter(None, (shop.buyer(place).actor.user_id for place in READERS)):
            await notification.preferences.update(tx, user_id, choices)

    async def announce(tx: Tx) -> None:
        announcements, begins = notification.marketing.announcements, tx.clock.now() + WAITS
        await announcements.create(tx, NewAnnouncement(kind=NotificationKind.NEWS, texts=NEWS))
        await announcements.create(
            tx, NewAnnouncement(kind=NotificationKind.PROMOTION, texts=PROMOTION, scheduled_at=begins)
        )

    await shop.staff_run(ask)
    await shop.staff_run(announce)
