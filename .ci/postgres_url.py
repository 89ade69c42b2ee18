"""Prints the URL of the PostgreSQL on the standard port, under the first account that may make databases."""

import asyncio
import getpass
import sys

import asyncpg

MAY_CREATE = "select rolsuper from pg_roles where rolname = current_user"


async def find() -> str:
    """The URL; exits with what each account was told when none will do."""
    refusals = []
    for user in dict.fromkeys((getpass.getuser(), "postgres", "postgres:postgres")):
        url = f"postgresql://{user}@127.0.0.1:5432/postgres"
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except (OSError, asyncpg.PostgresError) as error:
            refusals.append(f"{user.partition(':')[0]}: {error}")
            continue
        try:
            if await connection.fetchval(MAY_CREATE):
                return url
            refusals.append(f"{user.partition(':')[0]}: is not a superuser")
        finally:
            await connection.close()
    sys.exit("PostgreSQL answers on port 5432 but no account will do; set DATABASE_URL. " + "; ".join(refusals))


if __name__ == "__main__":
    print(asyncio.run(find()))  # noqa: T201 - the caller reads it
