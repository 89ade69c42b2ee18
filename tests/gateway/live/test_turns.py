"""Turns: what one network address has executed on live connections does not keep the others waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from domains.kernel.clock import FixedClock
from gateway.api import GraphQLRequest
from gateway.graphql.core.schema import Schema
from gateway.live.sessions import Credentials, Session
from gateway.live.turns import AT_ONCE, Turns
from tests.conditions import wait_until
from tests.gateway.live.toys import CHANGED, ONE, REQUEST, SEEN, Toys, names, toy_site
from tests.gateway.toy_shop import GATE, RecordingDatabase

QUERY = "{ __typename }"
SLOW = "{ slow }"
MUTATION = "mutation { thingSend { errors { code } } }"
MANY = AT_ONCE + 5


@pytest.fixture
async def toys(schema: Schema, db: RecordingDatabase, clock: FixedClock) -> AsyncIterator[Toys]:
    async with toy_site(schema, db, clock) as made:
        yield made
        GATE.set()


async def elsewhere(toys: Toys) -> Session:
    """A session of a client at another address."""
    session = await toys.api.open_session(Credentials(), replace(REQUEST, ip="198.51.100.1"))
    toys.sessions.append(session)
    return session


def begun(toys: Toys, session: Session, query: str) -> "asyncio.Task[object]":
    return asyncio.create_task(toys.ask(session, query))


async def first_of(session: Session, query: str) -> object:
    async with asyncio.timeout(10):
        return await anext(session.operations(GraphQLRequest(query), None))


def test_a_network_has_one_semaphore_while_anyone_has_it() -> None:
    turns = Turns()
    home, prefix, same_prefix = (turns.of(address) for address in ("192.0.2.1", "2001:db8::1", "2001:db8::2"))
    assert turns.of("192.0.2.1") is home
    assert prefix is same_prefix
    assert len({id(each) for each in (home, prefix, turns.of("192.0.2.2"))}) == 3
    assert len(turns) == 2
    del home, prefix, same_prefix
    assert len(turns) == 0


async def test_queries_above_the_number_wait_and_those_of_other_addresses_do_not(toys: Toys) -> None:
    GATE.clear()
    sessions = [await toys.open() for _ in range(2)]
    running = [begun(toys, sessions[number % 2], SLOW) for number in range(AT_ONCE)]
    await wait_until(lambda: bool(running) and sessions[0]._turn.locked())
    waiting = begun(toys, sessions[0], QUERY)
    assert await first_of(await elsewhere(toys), QUERY)
    assert not waiting.done()
    GATE.set()
    answers = await asyncio.gather(waiting, *running)
    assert len(answers) == AT_ONCE + 1
    assert not sessions[0]._turn.locked()


async def test_a_mutation_takes_no_turn_while_it_runs(toys: Toys) -> None:
    session, run, held = await toys.open("staff"), toys.db.run, asyncio.Event()

    async def wait(work: object, actor: object) -> object:
        toys.db.log.append("begin")
        await held.wait()
        return await run(work, actor)  # type: ignore[arg-type]

    toys.db.run = wait  # type: ignore[method-assign,assignment] # of this stand-in
    running = [begun(toys, session, MUTATION) for _ in range(MANY)]
    await wait_until(lambda: toys.db.log == ["begin"] * MANY)
    assert await first_of(session, QUERY)
    held.set()
    assert len(await asyncio.gather(*running)) == MANY


async def test_events_above_the_number_wait_and_those_of_other_addresses_do_not(toys: Toys) -> None:
    crowd, other = await toys.open(), await elsewhere(toys)
    GATE.clear()
    async with AsyncExitStack() as stack:
        watched = [
            await stack.enter_async_context(
                toys.watching(crowd, CHANGED.replace("thingChanged", f"a{number}: thingChanged"), id=str(ONE))
            )
            for number in range(MANY)
        ]
        alone = await stack.enter_async_context(toys.watching(other, id=str(ONE)))
        await toys.change(ONE, how="held")
        await wait_until(lambda: len(toys.db.calls) == AT_ONCE + 1)
        assert await first_of(other, QUERY)
        assert len(toys.db.calls) == AT_ONCE + 1
        GATE.set()
        await asyncio.gather(alone.wait_for(1), *(each.wait_for(1) for each in watched))
        assert [names(each) for each in watched] == [["Thing 1"]] * MANY


async def test_what_guests_share_is_executed_once_however_many_share_it(toys: Toys) -> None:
    session = await toys.open()
    GATE.clear()
    async with AsyncExitStack() as stack:
        watched = [
            await stack.enter_async_context(toys.watching(session, SEEN, id=str(ONE))) for _ in range(3 * MANY)
        ]
        await toys.change(ONE, how="held")
        await wait_until(lambda: len(toys.db.calls) == 1)
        GATE.set()
        await asyncio.gather(*(each.wait_for(1) for each in watched))
        assert len(toys.db.calls) == 1
        assert {tuple(names(each)) for each in watched} == {("Thing 1",)}
