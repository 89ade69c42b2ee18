"""SMS by `emulate`, which is Twilio as others wrote it: taken once, and its signed reports are read."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.ids import new_id
from domains.notification.channels import Sent, TextMessage
from domains.notification.models import NewNotification, NotificationKind, NotificationType
from gateway.bootstrap import Platform, wired
from gateway.infra.postgres import connected
from gateway.providers.notifications.installation import outbound_of
from gateway.providers.notifications.twilio import callback_url
from gateway.settings import load
from tests.clients.toolchain import Workspace
from tests.conditions import wait_until
from tests.databases import Server
from tests.faults.processes import Gateway
from tests.ports import free_port

pytestmark = pytest.mark.clients
SID: Final = "AC" + "0" * 31 + "1"
TOKEN: Final = "the token of the account"
SENDER: Final = "+15551234567"
ANN: Final = "+4915112345678"
JWT_KEYS: Final = "clients:" + "01" * 32
SHOP: Final = "Our shop"
SECONDS: Final = 30.0
STATUS: Final = "select status::text from notifications where id = $1"


class Twilio:
    """The emulator."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.url = str(http.base_url).rstrip("/")

    async def messages(self) -> list[dict[str, Any]]:
        """The messages that it has taken, the newest first."""
        answer = await self.http.get(f"/2010-04-01/Accounts/{SID}/Messages.json")
        return list(answer.raise_for_status().json()["messages"])

    async def move(self, sid: str, status: str) -> None:
        """Give a message a status, and report it to the address that the message has."""
        form = {"MessageSid": sid, "Status": status}
        (await self.http.post("/_twilio/simulate/message-status", data=form)).raise_for_status()


@pytest.fixture
async def twilio(workspace: Workspace) -> AsyncIterator[Twilio]:
    port = free_port()
    words = (workspace.node.node, "twilio.mjs", str(port), SID, TOKEN, SENDER)
    process = await asyncio.create_subprocess_exec(*words, cwd=workspace.folder)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", auth=(SID, TOKEN)) as http:
            made = Twilio(http)

            async def answers() -> bool:
                assert process.returncode is None
                try:
                    return await made.messages() == []
                except httpx.ConnectError:
                    return False

            await wait_until(answers, SECONDS)
            yield made
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def url(server: Server) -> AsyncIterator[str]:
    async with server.database(await server.template()) as made:
        yield made


@pytest.fixture
async def platform(url: str, tmp_path: Path) -> AsyncIterator[Platform]:
    """A platform that creates notifications and sends none."""
    settings = load({}, database_url=url, database_pool_size=4, commerce_home=tmp_path, jwt_keys=JWT_KEYS)
    async with wired(settings, url) as made:
        yield made


@pytest.fixture
async def gateway(url: str, tmp_path: Path, twilio: Twilio) -> AsyncIterator[Gateway]:
    """A server that sends notifications, and to which the emulator reports."""
    port = free_port()
    environment = {
        "DATABASE_URL": url,
        "DATABASE_POOL_SIZE": "4",
        "COMMERCE_HOME": str(tmp_path),
        "JWT_KEYS": JWT_KEYS,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_URL": twilio.url,
        "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": SENDER,
    }
    made = Gateway(environment, tmp_path / "gateway.log", port=port)
    await made.start()
    yield made
    made.kill()


async def create(platform: Platform) -> UUID:
    """A notification by SMS."""
    company = await platform.companies.find(None)
    new = NewNotification(
        type=NotificationType.SMS, kind=NotificationKind.PASSWORD_CHANGED, dedupe_key=str(new_id()), recipient=ANN
    )
    create_all = platform.services.notification.notifications.create
    (created,) = await platform.database.run(lambda tx: create_all(tx, [new]), Actor.system(company.id))
    return created


async def has_state(url: str, notification_id: UUID, status: str) -> None:
    """Wait until a notification has a status."""

    async def is_so() -> bool:
        async with connected(url) as connection:
            return bool(await connection.fetchval(STATUS, notification_id) == status)

    await wait_until(is_so, SECONDS)


@pytest.mark.parametrize(("reported", "status"), [("delivered", "DELIVERED"), ("undelivered", "FAILED")])
async def test_a_message_is_taken_and_its_signed_report_is_read(
    reported: str, status: str, twilio: Twilio, gateway: Gateway, platform: Platform, url: str
) -> None:
    created = await create(platform)
    await has_state(url, created, "SENT")
    (message,) = await twilio.messages()
    assert (message["to"], message["from"], message["status"]) == (ANN, SENDER, "queued")
    text = "The password of your account was changed. If this was not you, reset it now."
    assert message["body"] == f"{SHOP}: {text}"
    await twilio.move(message["sid"], reported)
    await has_state(url, created, status)
    assert "report refused" not in gateway.log


async def test_a_report_that_is_signed_for_another_address_is_refused(
    twilio: Twilio, gateway: Gateway, platform: Platform
) -> None:
    company = await platform.companies.find(None)
    elsewhere = callback_url(gateway.url, company.slug) + "?forwarded=true"
    form = {"To": ANN, "From": SENDER, "Body": "Hello", "StatusCallback": elsewhere}
    (await twilio.http.post(f"/2010-04-01/Accounts/{SID}/Messages.json", data=form)).raise_for_status()
    await wait_until(lambda: "report refused" in gateway.log, SECONDS)
    assert "report refused" in gateway.log


async def test_a_repeated_attempt_adopts_the_message_of_the_first(twilio: Twilio) -> None:
    given = {"twilio_account_sid": SID, "twilio_auth_token": TOKEN, "twilio_from": SENDER, "twilio_url": twilio.url}
    channel = outbound_of(load({}, **given), lambda: None, SystemClock()).channels[NotificationType.SMS]
    try:
        first = TextMessage(id=new_id(), to=ANN, text="Your order is here.", created_at=SystemClock().now())
        sent = await channel.send(first)
        (message,) = await twilio.messages()
        assert sent == Sent("TWILIO", message["sid"])
        assert await channel.send(replace(first, is_repeated=True)) == replace(sent, response={"adopted": True})
        later = replace(first, created_at=first.created_at + timedelta(hours=1), is_repeated=True)
        assert isinstance(await channel.send(later), Sent)
        assert len(await twilio.messages()) == 2
    finally:
        await channel.close()
