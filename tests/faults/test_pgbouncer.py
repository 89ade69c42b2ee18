"""Behind PgBouncer: session mode works; transaction and statement mode are refused at the start."""

from collections.abc import AsyncIterator

import pytest

from gateway.bootstrap import Platform
from tests.faults.api import Answered
from tests.faults.drain import drained
from tests.faults.invariants.checks import require_all
from tests.faults.pgbouncer import PgBouncer, pgbouncer
from tests.faults.processes import DiedAtStart, Gateway, Processes
from tests.faults.servers import NotAvailable
from tests.faults.shop import Placed, Shop


@pytest.fixture(params=["session"])
async def pooler(request: pytest.FixtureRequest, shop_url: str) -> AsyncIterator[PgBouncer]:
    """A pooler of the database of the test, in the mode of the test; without the program, the test is skipped."""
    try:
        async with pgbouncer(shop_url, request.param) as made:
            yield made
    except NotAvailable as error:
        pytest.skip(str(error))


@pytest.fixture
def settings(settings: dict[str, str], pooler: PgBouncer) -> dict[str, str]:
    """The environment of processes that use the pooler."""
    return settings | {"DATABASE_URL": pooler.url}


@pytest.mark.parametrize("pooler", ["transaction", "statement"], indirect=True)
async def test_a_mode_that_shares_server_processes_is_refused_at_the_start(processes: Processes) -> None:
    for process in (processes.gateway(), processes.worker()):
        with pytest.raises(DiedAtStart) as died:
            await process.start()
        assert process.returncode == 2
        assert "is behind a connection pooler in transaction or statement mode" in str(died.value)
        assert "PgBouncer: `pool_mode = session`" in str(died.value)


async def test_session_mode_serves_purchases_and_their_events(
    gateway: Gateway, shop: Shop, platform: Platform, shop_url: str
) -> None:
    await gateway.start()
    (item,) = await shop.add_items(1, 10)
    for _ in range(3):
        buyer = shop.buyer()
        order = await buyer.order(await buyer.fill(item.line(2)))
        assert isinstance(order, Placed)
        assert isinstance(await buyer.pay(order), Answered)
    stock = (await shop.stock_of(item))["availableStock"]
    assert stock == 4
    await drained(platform, shop_url)
    await require_all(platform, shop_url, shop)
