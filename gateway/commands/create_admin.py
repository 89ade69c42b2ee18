"""`commerce create-admin`: creates or promotes a super administrator or the administrator of a company."""

import asyncio
from collections.abc import Callable

from domains.auth.emails.addresses import normalize_email
from domains.auth.models import NewAccount
from domains.kernel.errors import InvalidInput, NotFound
from domains.role.models import SystemRole
from gateway import logs
from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.commands.output import write_line
from gateway.infra.migrations import migrate
from gateway.settings import Settings


def run(settings: Settings, email: str, ask: Callable[[], str], company: str | None, *, promote: bool) -> None:
    """Create the account, or `promote` an existing one, and print the result. The password is read last.

    Raises InvalidInput for an invalid address or one that has an account, NotFound for an unknown company or account
    to promote, and the errors of `Provisioning`.
    """
    address = normalize_email(email)
    logs.configure(settings.log_level)
    with database_url(settings) as url:
        asyncio.run(_check(settings, url, address, company, promote=promote))
        password = None if promote else ask()
        write_line(asyncio.run(_provide(settings, url, address, password, company)))


async def _check(settings: Settings, url: str, email: str, slug: str | None, *, promote: bool) -> None:
    await migrate(url)
    async with wired(settings, url) as platform:
        await platform.companies.find(slug)
        reader = platform.database.reader(None)
        is_there = bool(await platform.services.auth.provisioning.find_user_ids(reader, [email]))
    if is_there and not promote:
        raise InvalidInput(f"{email} already has an account. Add --promote to give it the role; the password stays.")
    if promote and not is_there:
        raise NotFound(f"{email} has no account. Omit --promote to create one.")


async def _provide(settings: Settings, url: str, email: str, password: str | None, slug: str | None) -> str:
    role = SystemRole.SUPER_ADMIN if slug is None else SystemRole.ADMIN
    async with wired(settings, url) as platform:
        company, provisioning = await platform.companies.find(slug), platform.services.auth.provisioning
        if password is None:
            await provisioning.promote(platform.database, company.id, email, role)
        else:
            new = NewAccount(email=email, password=password)
            await provisioning.create(platform.database, company.id, new, role)
    where = "the whole platform" if slug is None else company.name
    return f"{email} can log in and is administrator of {where}."
