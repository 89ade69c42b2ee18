"""Automatic persisted queries of several processes: one cache, which is Redis or its in-process equivalent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from graphql import parse
from redis.asyncio import Redis
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from domains.kernel.ports import Cache, CacheUnavailable
from domains.kernel.values.networks import network_digest
from gateway.graphql.core.schema import Schema
from gateway.infra.fallback_cache import CircuitBreaker, FallbackCache
from gateway.infra.memory import MemoryCache
from gateway.infra.redis import RedisClient
from gateway.operations.persisted_queries import (
    LIFE,
    MAX_OCTETS,
    MAX_WRITTEN,
    MAX_WRITTEN_BY_NETWORK,
    OVERHEAD,
    REFRESH,
    PersistedQueries,
)
from gateway.operations.query_texts import QueryTexts
from tests.gateway.conftest import client_of, make_api, make_app
from tests.gateway.operations.samples import MUTATION, QUERY, digest, persisted
from tests.gateway.toy_shop import RecordingDatabase
from tests.redis_keys import age, namespace

KEY = f"persisted-query:{digest(QUERY)}"
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
Advance = Callable[[timedelta], Awaitable[None]]
Process = Callable[[], httpx.AsyncClient]


class Unavailable(MemoryCache):
    """A Redis that does not answer."""

    async def get(self, key: str) -> bytes | None:
        raise CacheUnavailable("Redis does not answer: test")

    async def set(self, key: str, value: bytes, ttl: timedelta) -> None:
        raise CacheUnavailable("Redis does not answer: test")

    async def increment(self, key: str, ttl: timedelta, by: int = 1) -> int:
        raise CacheUnavailable("Redis does not answer: test")


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def shared(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[tuple[Cache, Advance]]:
    """The cache of all processes, and how time passes for it and for them."""

    async def advance(by: timedelta) -> None:
        clock.advance(by)

    if request.param == "memory":
        yield MemoryCache(clock), advance
        return
    url = request.getfixturevalue("redis_url")
    async with namespace(url) as name, RedisClient.connected(url, name) as client, Redis.from_url(url) as redis:

        async def advance_both(by: timedelta) -> None:
            await advance(by)
            await age(redis, name, by)

        yield client, advance_both


@pytest.fixture
def cache(shared: tuple[Cache, Advance]) -> Cache:
    return shared[0]


@pytest.fixture
def advance(shared: tuple[Cache, Advance]) -> Advance:
    return shared[1]


@pytest.fixture
def process(schema: Schema, cache: Cache, clock: FixedClock) -> Process:
    """Starts another process on the cache; each has a memory of its own."""

    def start() -> httpx.AsyncClient:
        texts = QueryTexts(PersistedQueries(cache, clock))
        return client_of(make_app(make_api(schema, RecordingDatabase(), texts=texts)))

    return start


async def posted(client: httpx.AsyncClient, body: dict[str, Any]) -> Any:
    return (await client.post("/graphql", json=body)).json()


async def is_known(client: httpx.AsyncClient, text: str = QUERY) -> bool:
    """Whether a process executes the digest of a text; the alternative is that it asks for the text."""
    answer = await posted(client, persisted(text))
    if "data" in answer:
        return True
    assert answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    return False


async def test_a_query_that_was_sent_once_is_known_to_every_process(process: Process) -> None:
    first, second = process(), process()
    assert [await is_known(first), await is_known(second)] == [False, False]
    await posted(first, {"query": QUERY} | persisted(QUERY))
    assert [await is_known(first), await is_known(second), await is_known(process())] == [True, True, True]


async def test_a_text_without_its_digest_is_not_stored_for_others(process: Process) -> None:
    first = process()
    await posted(first, {"query": QUERY})
    assert [await is_known(process()), await is_known(first)] == [False, True]


async def test_a_digest_that_one_process_knows_becomes_known_to_all(process: Process) -> None:
    first = process()
    await posted(first, {"query": QUERY})
    await is_known(first)
    assert await is_known(process())


async def test_a_mutation_by_digest_of_another_process_is_refused_in_a_url(process: Process) -> None:
    await posted(process(), {"query": MUTATION} | persisted(MUTATION))
    second = process()
    assert (await second.get("/graphql", params={"documentId": digest(MUTATION)})).status_code == 405
    assert "thingSend" in (await posted(second, persisted(MUTATION)))["data"]


@pytest.mark.parametrize(
    "text",
    [
        "{ nowhere }",
        "{ __typename",
        "{" + "a" * 60_000 + ": __typename }",
        "{" + " ".join(f"a{number}: __typename" for number in range(31)) + "}",
        "query Secret { __typename @include(if: true) things(first: 1) { nodes { name } } }" + "#" * MAX_OCTETS,
    ],
    ids=["validation", "syntax", "length", "aliases", "too large to store"],
)
async def test_what_is_invalid_or_above_a_limit_is_not_stored(process: Process, text: str) -> None:
    await posted(process(), {"query": text} | persisted(text))
    assert not await is_known(process(), text)


async def test_a_text_with_a_wrong_digest_is_not_stored(process: Process) -> None:
    first = process()
    response = await first.post("/graphql", json={"query": "{ __typename }"} | persisted(QUERY))
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    second = process()
    assert not await is_known(second)
    assert not await is_known(second, "{ __typename }")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{ __typename }",
        b"1\n{ __typename }",
        b"1\n" + QUERY.encode() + b" ",
        b"x\n" + QUERY.encode(),
        b"-1\n" + QUERY.encode(),
        b"1\n\xff\xfe",
        b"1\n" * 300_000,
        b"9" * 400 + b"\n" + QUERY.encode(),
    ],
)
async def test_a_foreign_value_counts_as_missing_and_is_replaced(
    process: Process, cache: Cache, value: bytes
) -> None:
    await cache.set(KEY, value, LIFE)
    first = process()
    with capture_logs() as lines:
        assert not await is_known(first)
    assert [line["digest"] for line in lines if line["log_level"] == "warning"] == [digest(QUERY)]
    assert (await posted(first, {"query": QUERY} | persisted(QUERY)))["data"] == {"__typename": "Query"}
    assert await is_known(process())


async def test_a_counter_under_the_key_of_a_text_counts_as_missing(process: Process, cache: Cache) -> None:
    await cache.increment(KEY, LIFE)
    assert not await is_known(process())


async def test_a_text_is_forgotten_after_its_last_use(process: Process, advance: Advance) -> None:
    await posted(process(), {"query": QUERY} | persisted(QUERY))
    await advance(LIFE - SECOND)
    assert await is_known(process())  # which prolongs its life
    await advance(LIFE - SECOND)
    assert await is_known(process())
    await advance(LIFE)
    assert not await is_known(process())


async def test_a_text_in_the_memory_of_a_process_is_renewed_once_a_day(process: Process, advance: Advance) -> None:
    first = process()
    await posted(first, {"query": QUERY} | persisted(QUERY))
    for _ in range(4):
        await advance(REFRESH)
        assert await is_known(first)
    await advance(LIFE - SECOND)
    assert await is_known(process())


async def test_a_text_is_written_once_however_often_it_is_used(
    process: Process, cache: Cache, advance: Advance
) -> None:
    first, second = process(), process()
    for _ in range(3):
        for each in (first, second, process()):
            await posted(each, {"query": QUERY} | persisted(QUERY))
            await is_known(each)
    await advance(REFRESH - HOUR - SECOND)
    await is_known(first)
    assert await cache.get("persisted-queries") is None  # nothing was written in this hour
    await advance(HOUR + SECOND)
    await is_known(first)
    await is_known(second)
    assert await cache.get("persisted-queries") == b"%d" % (len(QUERY) + OVERHEAD)


async def test_what_redis_loses_is_stored_again(process: Process, cache: Cache) -> None:
    first = process()
    await posted(first, {"query": QUERY} | persisted(QUERY))
    await cache.delete(KEY)
    second = process()
    assert [await is_known(first), await is_known(second)] == [True, False]
    await posted(second, {"query": QUERY} | persisted(QUERY))
    assert await is_known(process())


async def test_the_keys_of_redis_do_not_show_the_address_of_a_client(cache: Cache, clock: FixedClock) -> None:
    await PersistedQueries(cache, clock).keep(digest(QUERY), QUERY, "192.0.2.1")
    assert await cache.get(f"persisted-queries:{network_digest('192.0.2.1')}") is not None
    assert await cache.get("persisted-queries:192.0.2.1") is None


async def test_a_process_that_forgets_a_text_stores_it_again(cache: Cache, clock: FixedClock) -> None:
    queries = PersistedQueries(cache, clock)
    await queries.keep(digest(QUERY), QUERY, "192.0.2.1")
    await cache.delete(KEY)
    assert (await queries.find(digest(QUERY)), queries.is_fresh(digest(QUERY))) == (None, False)
    await queries.keep(digest(QUERY), QUERY, "192.0.2.1")
    assert await queries.find(digest(QUERY)) == QUERY


def large(number: int) -> str:
    return f"query Number{number} {{ __typename }}".ljust(MAX_OCTETS - OVERHEAD, "#")


async def flood(queries: PersistedQueries, address: str, count: int, begin: int = 0) -> int:
    """Keep texts of one address, and return how many were stored."""
    texts = [large(begin + number) for number in range(count)]
    for text in texts:
        await queries.keep(digest(text), text, address)
    return sum([await queries.find(digest(text)) is not None for text in texts])


async def test_a_network_stores_an_amount_in_an_hour(cache: Cache, clock: FixedClock, advance: Advance) -> None:
    queries = PersistedQueries(cache, clock)
    allowed = MAX_WRITTEN_BY_NETWORK // MAX_OCTETS
    assert await flood(queries, "2001:db8::1", allowed + 5) == allowed
    assert await flood(queries, "2001:db8::2", 3, begin=100) == 0  # the same /64
    assert await flood(queries, "192.0.2.1", 3, begin=200) == 3
    await advance(HOUR)
    assert await flood(queries, "2001:db8::1", 3, begin=300) == 3


async def test_all_networks_store_an_amount_in_an_hour(cache: Cache, clock: FixedClock, advance: Advance) -> None:
    queries = PersistedQueries(cache, clock)
    each = MAX_WRITTEN_BY_NETWORK // MAX_OCTETS
    stored = [await flood(queries, f"192.0.2.{number}", each, begin=100 * number) for number in range(6)]
    assert sum(stored) == MAX_WRITTEN // MAX_OCTETS
    await advance(HOUR)
    assert await flood(queries, "192.0.2.9", 3, begin=900) == 3


async def test_a_text_that_was_refused_is_tried_again_in_an_hour(
    cache: Cache, clock: FixedClock, advance: Advance
) -> None:
    queries = PersistedQueries(cache, clock)
    await flood(queries, "192.0.2.1", MAX_WRITTEN_BY_NETWORK // MAX_OCTETS)
    await queries.keep(digest(QUERY), QUERY, "192.0.2.1")
    assert queries.is_fresh(digest(QUERY))
    assert await cache.get(KEY) is None
    await advance(HOUR)
    assert not queries.is_fresh(digest(QUERY))
    await queries.keep(digest(QUERY), QUERY, "192.0.2.1")
    assert await queries.find(digest(QUERY)) == QUERY


async def test_characters_of_several_octets_are_counted_as_such(cache: Cache, clock: FixedClock) -> None:
    queries = PersistedQueries(cache, clock)
    wide, exact = "{ __typename }#" + "é" * (MAX_OCTETS // 2), "{ __typename }".ljust(MAX_OCTETS, "#")
    for text in (wide, exact):
        await queries.keep(digest(text), text, None)
    assert (await queries.find(digest(wide)), await queries.find(digest(exact))) == (None, exact)


async def test_a_text_with_a_secret_is_not_stored(cache: Cache, clock: FixedClock) -> None:
    texts = QueryTexts(PersistedQueries(cache, clock))
    literal = 'mutation { login(input: {email: "ada@example.com", password: "s3cret"}) { errors { code } } }'
    default = 'mutation ($p: String = "s3cret") { login(input: {password: $p}) { errors { code } } }'
    variable = "mutation ($p: String!) { login(input: {password: $p}) { errors { code } } }"
    for text in (literal, default, variable):
        await texts.keep(digest(text), text, parse(text), "192.0.2.1")
    stored = [await cache.get(f"persisted-query:{digest(text)}") for text in (literal, default, variable)]
    assert [value is not None for value in stored] == [False, False, True]


@pytest.mark.parametrize("falls_back", [False, True])
async def test_without_redis_each_process_knows_its_own(
    schema: Schema, clock: FixedClock, *, falls_back: bool
) -> None:
    def start() -> httpx.AsyncClient:
        away: Cache = Unavailable(clock)
        if falls_back:
            away = FallbackCache(away, MemoryCache(clock), CircuitBreaker())
        texts = QueryTexts(PersistedQueries(away, clock))
        return client_of(make_app(make_api(schema, RecordingDatabase(), texts=texts)))

    first, second = start(), start()
    assert not await is_known(first)
    assert (await posted(first, {"query": QUERY} | persisted(QUERY)))["data"] == {"__typename": "Query"}
    assert [await is_known(first), await is_known(second)] == [True, False]
