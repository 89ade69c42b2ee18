"""Recipients: their devices, their local time, and what is decided for a notification by what they chose."""

from datetime import datetime

from domains.company.service import CompanyService
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsTable
from domains.notification.models import NotificationProfile, NotificationSettings
from domains.notification.preferences.choices import Decision, decide
from domains.notification.preferences.quiet_hours import Hours
from domains.notification.push_devices.push_devices import PushDevices
from domains.notification.sql import Loaded
from domains.notification.templates.library import language_of


class Recipients:
    """Decides for each notification what its recipient chose, with the company's defaults."""

    def __init__(
        self, companies: CompanyService, settings: SettingsTable[NotificationSettings], devices: PushDevices
    ) -> None:
        self.devices = devices
        self._companies = companies
        self._settings = settings

    async def decide(self, db: Reader, loaded: Loaded, now: datetime) -> Decision:
        """Whether and when a notification may be sent. At most two statements, for what is not remembered."""
        return decide(loaded.notification, loaded.choices, await self._hours(db, loaded.profile), now)

    async def language(self, db: Reader, loaded: Loaded) -> str:
        """The language of the texts that a recipient gets. One statement, for what is not remembered."""
        return language_of(loaded.language, (await self._settings.current(db)).default_language)

    async def _hours(self, db: Reader, profile: NotificationProfile | None) -> Hours:
        time_zone = profile.time_zone if profile else None
        if time_zone is None:
            time_zone = (await self._companies.current(db)).time_zone
        chosen = profile if profile and profile.quiet_hours_start else await self._settings.current(db)
        return Hours(time_zone, chosen.quiet_hours_start, chosen.quiet_hours_end)
