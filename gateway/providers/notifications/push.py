"""Push notifications: to browsers and to apps, by the provider of the device."""

from domains.notification.channels import Channel, Outcome, PushMessage


class PushChannel:
    """Gives messages with keys to the channel of browsers, and others to that of apps."""

    def __init__(self, browsers: Channel, apps: Channel) -> None:
        self._browsers = browsers
        self._apps = apps

    async def send(self, message: PushMessage) -> Outcome:
        """Send a push notification."""
        return await (self._browsers if message.keys else self._apps).send(message)

    async def close(self) -> None:
        """Close both channels."""
        await self._browsers.close()
        await self._apps.close()
