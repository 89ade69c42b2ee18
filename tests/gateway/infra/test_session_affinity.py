"""A pooler that shares server processes is refused at the start; a direct connection is accepted."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.bootstrap import wired
from gateway.infra.migrations import migrate
from gateway.infra.postgres import DatabaseUnavailable
from gateway.infra.session_affinity import SessionNotAffine, require_session
from gateway.settings import Settings
from tests.gateway.infra.pooler import pooled


async def test_a_direct_connection_keeps_its_session(admin_url: str, tmp_path: Path) -> None:
    await require_session(admin_url)
    async with wired(Settings(commerce_home=tmp_path), admin_url) as platform:
        assert await platform.pool.fetchval("select 1") == 1


async def test_a_pooler_in_transaction_mode_is_refused(empty_database: str, tmp_path: Path) -> None:
    async with pooled(empty_database) as url:
        with pytest.raises(SessionNotAffine, match="in transaction or statement mode") as refused:
            await migrate(url)
        assert "pool_mode = session" in str(refused.value)
        with pytest.raises(SessionNotAffine):
            async with wired(Settings(commerce_home=tmp_path), url):
                pass


async def test_a_refused_second_connection_closes_the_first(admin_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    connect = asyncpg.connect

    async def connect_once(url: str, **options: Any) -> Any:
        if made:
            raise asyncpg.TooManyConnectionsError("sorry, too many clients already")
        made.append(await connect(url, **options))
        return made[0]

    monkeypatch.setattr(asyncpg, "connect", connect_once)
    with pytest.raises(DatabaseUnavailable, match="too many clients"):
        await require_session(admin_url)
    assert [connection.is_closed() for connection in made] == [True]


async def test_an_unreachable_server_is_named(admin_url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        await require_session("postgresql://shop@127.0.0.1:1/shop")
