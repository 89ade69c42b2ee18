"""`commerce doctor`: checks settings, servers, migrations, invariants, jobs, notifications, and says what to do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from gateway.bootstrap import wired
from gateway.commands.checks.jobs import check_jobs
from gateway.commands.checks.notifications import check_notifications
from gateway.commands.checks.results import CheckResult
from gateway.commands.checks.servers import check_broker, check_redis
from gateway.commands.checks.webhooks import check_webhooks
from gateway.commands.databases import database_url
from gateway.commands.demo import open_logins
from gateway.commands.output import write_line, write_lines
from gateway.infra.migrations import MigrationFailed, pending
from gateway.infra.postgres import DatabaseUnavailable, connected, server_of
from gateway.infra.privileges import corrections
from gateway.messaging.jobs import last_runs
from gateway.operations.allow_list import AllowList
from gateway.operations.manifests import OperationsInvalid
from gateway.providers.notifications.installation import content_cipher
from gateway.services import privileges_of, rules_of
from gateway.settings import Settings

OLDEST_SERVER: Final = 150000


def run(settings: Settings) -> int:
    """Print the results and return the exit code: 0 when all checks pass."""
    with database_url(settings) as url:
        results = asyncio.run(examine(settings, url))
    for result in results:
        write_line(f"{'ok ' if result.passed else 'BAD'}  {result.subject}")
        write_lines(f"       {line}" for line in result.advice.split("\n") if line)
    failed = sum(not result.passed for result in results)
    write_lines(["", "All checks passed." if not failed else f"{failed} of {len(results)} need attention."])
    return 1 if failed else 0


async def examine(settings: Settings, url: str) -> list[CheckResult]:
    """The results, up to the first failure that prevents the next checks."""
    return [result async for result in _examine(settings, url)]


async def _examine(settings: Settings, url: str) -> AsyncIterator[CheckResult]:
    yield _settings(settings)
    if settings.broker_url is not None:
        async for result in check_broker(settings.broker_url, settings.rabbitmq_namespace):
            yield result
    if settings.cache_url is not None:
        yield await check_redis(settings.cache_url, settings.redis_namespace)
    try:
        async with connected(url) as connection:
            yield await _server(connection, url)
            missing = await pending(url)
            names = "\n".join(missing)
            yield CheckResult(
                "Migrations are applied", not missing, f"Run `commerce migrate`:\n{names}" if missing else ""
            )
            if missing:
                return
            yield await _privileges(connection)
            for invariant in rules_of():
                rows = await invariant.violations(connection)
                shown = "\n".join(str(dict(row)) for row in rows[:5])
                yield CheckResult(invariant.rule, not rows, f"{invariant.remedy}\n{shown}" if rows else "")
            async with wired(settings, url) as platform:
                now = platform.database.clock.now()
                yield check_jobs(platform.jobs, await last_runs(connection), now)
            for result in await check_notifications(connection, content_cipher(settings).key_ids, now):
                yield result
            for result in await check_webhooks(connection, now):
                yield result
        if settings.database_url is not None:
            yield await _demo(settings, url)
    except (DatabaseUnavailable, MigrationFailed) as error:
        yield CheckResult("The database can be used", passed=False, advice=str(error))


def _settings(settings: Settings) -> CheckResult:
    notes = []
    if settings.database_url is None:
        notes.append("DATABASE_URL is not set: the embedded PostgreSQL is used, for this machine only.")
    if settings.jwt_keys is None:
        notes.append(f"JWT_KEYS is not set: the key in {settings.commerce_home / 'jwt.key'} signs tokens.")
    notes += _channels(settings)
    if settings.takes_test_cards and settings.database_url is not None:
        notes.append("MOCK_PAYMENTS is on: anyone can pay with a test card, which moves no money.")
    if settings.introspection and not settings.operations_files:
        notes.append("INTROSPECTION is on: every client can read the schema.")
    for name, url in (("STRIPE_URL", settings.stripe_url), ("PAYPAL_URL", settings.paypal_url)):
        if url is not None:
            notes.append(f"{name} is set: payments and the companies' keys are sent to {url}, and move no money.")
    try:
        allowed = AllowList.read(settings.operations_files)
    except OperationsInvalid as error:
        return CheckResult("Settings are good", passed=False, advice=f"OPERATIONS_FILES: {error}")
    if allowed is not None:
        notes.append(f"OPERATIONS_FILES: the server executes only listed operations ({len(allowed)}).")
    return CheckResult("Settings are good", passed=True, advice="\n".join(notes))


def _channels(settings: Settings) -> list[str]:
    """The channels of notifications that are files."""
    written = {
        "SMTP_HOST": (settings.smtp_host, "mail is"),
        "TWILIO_ACCOUNT_SID": (settings.twilio_account_sid, "SMS are"),
        "VAPID_PRIVATE_KEY": (settings.vapid_private_key, "push notifications to browsers are"),
        "FIREBASE_CREDENTIALS": (settings.firebase_credentials, "push notifications to apps are"),
    }
    folder = settings.commerce_home / "outbox"
    return [f"{name} is not set: {what} written to {folder}." for name, (value, what) in written.items() if not value]


async def _demo(settings: Settings, url: str) -> CheckResult:
    """The check for open demo logins, for databases other than the embedded one."""
    emails = ", ".join(await open_logins(settings, url))
    advice = f"The passwords of {emails} are public: disable these accounts, or change their passwords."
    return CheckResult("No login of the demo is open", not emails, advice if emails else "")


async def _privileges(connection: Any) -> CheckResult:
    """Whether the database roles may do what this version needs, and nothing else."""
    found = "\n".join(await corrections(connection, privileges_of()))
    advice = (
        "They were changed by hand, or by a restore with other commands than those of docs/operations.md. Run as the "
        f"owner of the tables:\n{found}"
    )
    return CheckResult("Requests and relay have exactly their privileges", not found, advice if found else "")


async def _server(connection: Any, url: str) -> CheckResult:
    number = await connection.fetchval("select current_setting('server_version_num')::int")
    subject = f"PostgreSQL {number // 10000}.{number % 10000} at {server_of(url)} answers"
    return CheckResult(
        subject, number >= OLDEST_SERVER, "" if number >= OLDEST_SERVER else "Use version 15 or newer."
    )
