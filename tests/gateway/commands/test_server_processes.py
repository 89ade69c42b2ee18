"""WORKERS: several server processes on one port share their limits, are replaced when they die, and stop together."""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close
from websockets.typing import Subprotocol

from tests.conditions import wait_until
from tests.databases import Server
from tests.faults.processes import DiedAtStart, Gateway, Processes, is_running
from tests.redis_keys import namespace

pytestmark = pytest.mark.redis
JWT_KEYS = f"processes:{secrets.token_hex(32)}"
LOGIN = 'mutation { login(input: {email: "ada@example.com", password: "a wrong one"}) { errors { code } } }'


@pytest.fixture(scope="module")
async def database_url(server: Server) -> AsyncIterator[str]:
    """A database in which no other test has left events."""
    async with server.database(await server.template()) as made:
        yield made


@pytest.fixture
async def processes(database_url: str, tmp_path: Path, redis_url: str) -> AsyncIterator[Processes]:
    async with namespace(redis_url) as name:
        settings = {
            "DATABASE_URL": database_url,
            "JWT_KEYS": JWT_KEYS,
            "DATABASE_POOL_SIZE": "4",
            "COMMERCE_HOME": str(tmp_path),
            "REDIS_URL": redis_url,
            "REDIS_NAMESPACE": name,
        }
        made = Processes(settings, tmp_path)
        yield made
        made.close()


@pytest.fixture
async def gateway(processes: Processes) -> Gateway:
    made = processes.gateway(WORKERS="2")
    await made.start()
    return made


def children(pid: int) -> list[int]:
    """The ids of the running processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def answers(url: str) -> bool:
    async with httpx.AsyncClient(base_url=url) as http:
        response = await http.post("/graphql", json={"query": "{ shop { name } }"})
    return bool(response.json()["data"]["shop"]["name"])


def listening_inodes(pid: int, port: int) -> set[str]:
    """The inodes of the sockets with which a process listens on a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    on_port = {row[9] for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    files = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since
            files.add(str(each.readlink()).removeprefix("socket:[").removesuffix("]"))
    return on_port & files


async def test_each_process_listens_with_a_socket_of_its_own(gateway: Gateway) -> None:
    first, second = (listening_inodes(each, gateway.port) for each in children(gateway.pid))
    assert (len(first), len(second), len(first | second)) == (1, 1, 2)
    assert listening_inodes(gateway.pid, gateway.port) == set()


async def test_a_process_that_dies_is_replaced(gateway: Gateway) -> None:
    first, second = children(gateway.pid)
    os.kill(first, signal.SIGKILL)
    await wait_until(lambda: not is_running(first))
    assert [await answers(gateway.url) for _ in range(8)] == [True] * 8  # by the second one
    await wait_until(lambda: [len(listening_inodes(each, gateway.port)) for each in children(gateway.pid)] == [1, 1])
    assert second in children(gateway.pid)
    assert [await answers(gateway.url) for _ in range(8)] == [True] * 8


async def test_all_processes_stop_together(gateway: Gateway) -> None:
    started = children(gateway.pid)
    assert await gateway.stop() == 0
    assert not any(map(is_running, started))


async def test_websockets_of_all_processes_are_told_that_they_stop(gateway: Gateway) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(connected(gateway.url)) for _ in range(8)]
        stopping = asyncio.create_task(gateway.stop())
        for each in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                await each.recv()
            assert closed.value.rcvd == Close(1001, "The server is stopping. Connect again.")
        assert await stopping == 0


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[ClientConnection]:
    """A WebSocket whose connection is acknowledged."""
    sub_protocol = Subprotocol("graphql-transport-ws")
    async with connect(f"{url.replace('http', 'ws', 1)}/graphql", subprotocols=[sub_protocol]) as socket:
        await socket.send('{"type":"connection_init"}')
        assert "connection_ack" in str(await socket.recv())
        yield socket


async def test_no_process_survives_a_killed_supervisor(gateway: Gateway) -> None:
    started = children(gateway.pid)
    gateway.kill()
    await wait_until(lambda: not any(map(is_running, started)))
    assert not any(map(is_running, started))


async def test_a_lockout_holds_in_all_gateways(processes: Processes) -> None:
    gateways = [processes.gateway(), processes.gateway()]
    await asyncio.gather(*(each.start() for each in gateways))
    codes = []
    for number in range(6):
        async with httpx.AsyncClient(base_url=gateways[number % 2].url) as http:
            response = await http.post("/graphql", json={"query": LOGIN})
        codes += [error["code"] for error in response.json()["data"]["login"]["errors"]]
    assert codes == ["INVALID_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 2


async def test_a_rate_limit_of_writes_holds_in_all_gateways(processes: Processes) -> None:
    gateways = [processes.gateway(RATE_LIMIT_WRITES_PER_ADDRESS="4") for _ in range(2)]
    await asyncio.gather(*(each.start() for each in gateways))
    statuses = []
    for number in range(6):
        async with httpx.AsyncClient(base_url=gateways[number % 2].url) as http:
            response = await http.post("/graphql", json={"query": LOGIN})
        statuses.append(response.status_code)
    assert statuses == [200] * 4 + [429] * 2
    assert response.headers["ratelimit-limit"] == "4"
    assert response.headers["retry-after"] == response.headers["ratelimit-reset"]


async def test_a_persisted_query_is_known_to_all_processes_and_after_a_restart(processes: Processes) -> None:
    query = "query Shop { shop { name } }"
    digest = sha256(query.encode()).hexdigest()
    asked = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    first = processes.gateway()
    await first.start()
    assert (await posted(first, asked))["errors"][0]["message"] == "PersistedQueryNotFound"
    assert "data" in await posted(first, {"query": query} | asked)
    await first.stop()
    again = processes.gateway(WORKERS="2")
    await again.start()
    answers = [await posted(again, asked) for _ in range(6)]  # each on a connection of its own
    assert [list(answer["data"]) for answer in answers] == [["shop"]] * 6


async def posted(gateway: Gateway, body: dict[str, Any]) -> Any:
    async with httpx.AsyncClient(base_url=gateway.url) as http:
        return (await http.post("/graphql", json=body)).json()


async def test_a_server_without_redis_is_refused_beside_another(processes: Processes) -> None:
    await processes.gateway().start()
    alone = processes.gateway(REDIS_URL="", SHUTDOWN_TIMEOUT="1")
    with pytest.raises(Exception, match="Another server uses this database, and one of both has no REDIS_URL"):
        await alone.start()
    assert alone.returncode == 2


async def test_a_process_whose_metrics_cannot_be_served_says_so_in_one_line(processes: Processes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = processes.gateway(WORKERS="2", METRICS_PORT=str(port - 1))
        with pytest.raises(DiedAtStart):
            await server.start()
    assert f"Metrics cannot be served on 127.0.0.1:{port} (Address already in use)." in server.log
    assert "A server process ended with status 2 before it served." in server.log
    assert "Traceback" not in server.log
    assert server.returncode == 2
