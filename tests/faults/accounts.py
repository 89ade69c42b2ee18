"""The accounts of a shop: its administrator, and customers who are created before the shop is copied."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from domains.auth.models import NewAccount
from domains.role.models import SystemRole
from gateway.bootstrap import Platform
from tests.faults.api import PAUSE, Answered, Client

ADMIN, PASSWORD = "owner@example.com", "lamplight on wet slate"
CUSTOMERS: Final = tuple(f"customer-{number}@example.com" for number in range(1, 9))
TOKEN_SECONDS: Final = 600.0  # before the end of an access token's 15 minutes
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) {
  auth { accessToken } errors { code message } } }"""


@dataclass(slots=True)
class Account:
    """An account with an access token, which is renewed before it expires."""

    email: str
    token: str | None = None
    logged_in_at: float = -TOKEN_SECONDS

    async def log_in(self, client: Client) -> Client:
        """Let a client act as the user; repeated until a server answers."""
        while time.monotonic() - self.logged_in_at > TOKEN_SECONDS:
            client.token = None  # an expired one would be refused
            login = await client.mutate(LOGIN, email=self.email, password=PASSWORD)
            if isinstance(login, Answered):
                self.token = login.payload["auth"]["accessToken"]
                self.logged_in_at = time.monotonic()
            else:
                await asyncio.sleep(PAUSE)
        client.token = self.token
        return client


async def create_administrator(platform: Platform) -> None:
    """Create the administrator of the platform, as `commerce create-admin` does."""
    await _create(platform, ADMIN, SystemRole.SUPER_ADMIN)


async def create_customers(platform: Platform) -> None:
    """Create the customers, whose addresses are confirmed."""
    for email in CUSTOMERS:
        await _create(platform, email, SystemRole.CUSTOMER)


async def _create(platform: Platform, email: str, role: SystemRole) -> None:
    company, new = await platform.companies.find(None), NewAccount(email=email, password=PASSWORD)
    await platform.services.auth.provisioning.create(platform.database, company.id, new, role)
