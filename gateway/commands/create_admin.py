"""`commerce create-admin`: a confirmed account for whoever runs the platform, or one company of it."""

import asyncio
import sys

from domains.auth.models import NewAccount
from domains.kernel.errors import NotFound
from domains.role.models import SystemRole
from gateway import logs
from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.infra.migrations import migrate
from gateway.settings import Settings


def run(settings: Settings, email: str, password: str, company: str | None) -> None:
    """Make the account and say so. Raises NotFound for an unknown company, and what `Provisioning.create` raises."""
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        sys.stdout.write(asyncio.run(_create(settings, url, email, password, company)))


async def _create(settings: Settings, url: str, email: str, password: str, slug: str | None) -> str:
    await migrate(url)
    async with wired(settings, url) as platform:
        reader, companies = platform.database.reader(None), platform.services.company
        company = await (companies.default_company(reader) if slug is None else companies.by_slug(reader, slug))
        if company is None:
            raise NotFound(f"There is no active company {slug!r}.")
        role = SystemRole.SUPER_ADMIN if slug is None else SystemRole.ADMIN
        new = NewAccount(email=email, password=password)
        user = await platform.services.auth.provisioning.create(platform.database, company.id, new, role)
    where = "the whole platform" if slug is None else company.name
    return f"{user.email} may sign in and is administrator of {where}.\n"
