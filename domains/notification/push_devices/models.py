"""Push devices as the domain shows them, and what a browser or an app registers."""

from dataclasses import dataclass, field

from domains.notification.data import PushDeviceRow as PushDevice
from domains.notification.data import PushProvider

__all__ = ["NewPushDevice", "PushDevice", "PushProvider"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPushDevice:
    """A browser or an app to register.

    `address` is the endpoint of a browser's subscription, or the registration token of an app. A browser also gives
    its keys, in base64url.
    """

    provider: PushProvider
    address: str = field(repr=False)
    p256dh: str | None = field(default=None, repr=False)
    auth: str | None = field(default=None, repr=False)
    name: str | None = None
