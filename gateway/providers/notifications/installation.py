"""The channels of an installation, by its settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from domains.kernel.clock import Clock
from domains.kernel.values.public_addresses import is_public_url
from domains.kernel.values.secret import Secret
from domains.notification.channels import Channel, Outbound
from domains.notification.models import NotificationType
from gateway.documents.invoices import InvoiceDocuments
from gateway.documents.typesetter import Typesetter
from gateway.infra.encryption import Cipher
from gateway.infra.public_http import PublicHttp
from gateway.providers.notifications.files import FileChannel
from gateway.providers.notifications.firebase import FIREBASE_URL, FirebaseChannel, ServiceAccount
from gateway.providers.notifications.push import PushChannel
from gateway.providers.notifications.report_formats import ReportSources
from gateway.providers.notifications.smtp import SmtpChannel
from gateway.providers.notifications.twilio import TWILIO_URL, TwilioAccount, TwilioChannel
from gateway.providers.notifications.web_push import WebPushChannel
from gateway.settings import BadSettings, Settings

CONTENT_KEY: Final = b"queued mail of commerce"
"""The purpose of the key of what waits to be sent. The name is from the time when only mail was."""


def content_cipher(settings: Settings) -> Cipher:
    """The encryption of what waits to be sent."""
    return Cipher(settings.signing_keys(), CONTENT_KEY)


def twilio_account(settings: Settings) -> TwilioAccount | None:
    """The account that sends SMS, or None."""
    sid, auth_token, sender = settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_from
    if sid is None or auth_token is None or sender is None:
        return None
    url = settings.twilio_url or TWILIO_URL
    return TwilioAccount(sid, Secret(auth_token.get_secret_value()), sender, url, settings.public_url)


def report_sources(settings: Settings) -> ReportSources:
    """Whose reports are taken."""
    secret = settings.email_reports_key
    return ReportSources(None if secret is None else Secret(secret.get_secret_value()), twilio_account(settings))


def web_push(settings: Settings, clock: Clock) -> WebPushChannel | None:
    """The channel of browsers, or None."""
    key, subject = settings.vapid_private_key, settings.vapid_subject
    if key is None or subject is None:
        return None
    http = PublicHttp(allows_private=settings.testing)
    return WebPushChannel(key.get_secret_value(), subject, http, clock)


def may_push(settings: Settings) -> Callable[[str], bool]:
    """Whether an endpoint is one of a known push service: any other host could let the workers of all shops wait."""

    def check(url: str) -> bool:
        if not is_public_url(url, allows_private=settings.testing):
            return False
        host = (urlsplit(url).hostname or "").rstrip(".")
        services = settings.web_push_services
        return settings.testing or any(host == each or host.endswith(f".{each}") for each in services)

    return check


def firebase(settings: Settings, clock: Clock) -> FirebaseChannel | None:
    """The channel of apps, or None. Raises BadSettings for credentials that are none."""
    if settings.firebase_credentials is None:
        return None
    given = settings.firebase_credentials.get_secret_value()
    try:
        account = ServiceAccount.read(given if given.lstrip().startswith("{") else Path(given).read_text())
    except OSError as error:
        raise BadSettings(f"FIREBASE_CREDENTIALS: the file cannot be read ({error.strerror}).") from None
    except ValueError as error:
        raise BadSettings(f"FIREBASE_CREDENTIALS: {error}.") from None
    return FirebaseChannel(account, clock, settings.firebase_url or FIREBASE_URL)


def outbound_of(settings: Settings, wake: Callable[[], None], clock: Clock) -> Outbound:
    """The channels that are set up; a file in place of each that is not."""
    files = FileChannel(settings.commerce_home / "outbox")
    channels: dict[NotificationType, Channel] = {
        NotificationType.EMAIL: SmtpChannel(settings) if settings.smtp_host else files,
        NotificationType.SMS: TwilioChannel(account) if (account := twilio_account(settings)) else files,
    }
    browsers = web_push(settings, clock)
    channels[NotificationType.PUSH] = PushChannel(browsers or files, firebase(settings, clock) or files)
    return Outbound(
        channels,
        content_cipher(settings),
        InvoiceDocuments(Typesetter()),
        settings.origin,
        wake,
        web_push_key=browsers.public_key if browsers else None,
        may_post=may_push(settings),
    )


@asynccontextmanager
async def opened_outbound(settings: Settings, wake: Callable[[], None], clock: Clock) -> AsyncIterator[Outbound]:
    """The same, closed at the end."""
    outbound = outbound_of(settings, wake, clock)
    try:
        yield outbound
    finally:
        await outbound.close()
