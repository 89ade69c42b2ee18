"""Requests above a rate limit are refused with 429, by network address and account; responses say what is left."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from domains.kernel.clock import FixedClock
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.ports import Cache
from gateway.graphql.core.guards import requires
from gateway.graphql.core.schema import Schema
from gateway.http.file_routes.bearer import actor_of
from gateway.http.settings import HttpSettings
from gateway.infra.fallback_cache import CircuitBreaker, FallbackCache
from gateway.infra.memory import MemoryCache
from gateway.infra.redis import RedisClient
from gateway.monitoring.metrics import Metrics
from gateway.rate_limits.rate_limits import RateLimits, RateLimitSettings
from tests.gateway.conftest import make_api, make_app
from tests.gateway.site import QUIET
from tests.gateway.toy_shop import RecordingDatabase
from tests.redis_keys import namespace

QUERY = "{ __typename }"
CHANGE = 'thingChange(input: {name: "x"}) { errors { code } }'
SEND = "thingSend { errors { code } }"
OFFICE, HOME = "192.0.2.7", "198.51.100.9"
FRAGMENT = f"fragment G on Mutation {{ b: {CHANGE} }}"
GRAPHQL = "application/graphql-response+json"
NAMES = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after")
MANAGE = requires(PermissionResource.PRODUCTS, PermissionAction.MANAGE)


@dataclass
class Clocks:
    """The clocks of an application: of its process, and of its cache."""

    clock: FixedClock
    seconds: float = 1_000.0

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.advance(timedelta(seconds=seconds))


@dataclass
class Shop:
    """The toy shop with rate limits, as clients of several addresses see it."""

    schema: Schema
    clocks: Clocks
    rates: RateLimitSettings
    cache: Cache
    settings: HttpSettings
    database: RecordingDatabase = field(default_factory=RecordingDatabase)
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        api = make_api(self.schema, self.database)

        async def files(request: Request) -> PlainTextResponse:
            await actor_of(request, api, MANAGE, self.settings)
            return PlainTextResponse("done")

        limits = RateLimits(self.rates, self.cache, self.clocks.monotonic)
        routes = [Route("/files", files, methods=["GET", "POST"])]
        self.app = make_app(api, self.settings, routes=routes, metrics=self.metrics, limits=limits)

    async def send(
        self, method: str, path: str, address: str = OFFICE, token: str | None = None, **request: Any
    ) -> httpx.Response:
        """The response to a request from an address."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, client=(address, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            return await client.request(method, path, headers=headers | request.pop("headers", {}), **request)

    async def ask(self, document: str, address: str = OFFICE, token: str | None = None, **headers: str) -> Any:
        """The response to an operation."""
        return await self.send("POST", "/graphql", address, token, json={"query": document}, headers=headers)

    async def statuses(self, document: str, times: int, *args: Any) -> list[int]:
        """The statuses of the responses to an operation that is sent several times."""
        return [(await self.ask(document, *args)).status_code for _ in range(times)]

    def limits_hit(self) -> dict[str, float]:
        """The metric of limits by code."""
        families = self.metrics.registry.collect()
        samples = [each for family in families for each in family.samples]
        return {each.labels["code"]: each.value for each in samples if each.name == "commerce_limits_hit_total"}


@pytest.fixture
def clocks(clock: FixedClock) -> Clocks:
    return Clocks(clock)


@pytest.fixture
def shop(schema: Schema, clocks: Clocks) -> Callable[..., Shop]:
    """A factory of shops with the given limits and no others."""

    def make(settings: HttpSettings = QUIET, **limits: int) -> Shop:
        return Shop(schema, clocks, only(**limits), MemoryCache(clocks.clock), settings)

    return make


def only(**limits: int) -> RateLimitSettings:
    """These limits and no others."""
    return RateLimitSettings(**{**dict.fromkeys(RateLimitSettings.__slots__, 0), **limits})


def shown(response: httpx.Response) -> list[str | None]:
    return [response.headers.get(name) for name in NAMES]


async def test_reads_above_the_limit_of_an_address_are_refused_until_they_are_restored(
    shop: Callable[..., Shop], clocks: Clocks
) -> None:
    made = shop(reads_per_address=3)
    responses = [await made.ask(QUERY) for _ in range(4)]
    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert responses[3].json() == {
        "errors": [
            {
                "message": "Too many requests from your network address. Try again in 20 seconds.",
                "extensions": {
                    "code": "RATE_LIMITED",
                    "limit": "RATE_LIMIT_READS_PER_ADDRESS",
                    "retryAfter": 20,
                },
            }
        ]
    }
    assert await made.statuses(QUERY, 1, HOME) == [200]
    clocks.advance(19)
    assert await made.statuses(QUERY, 1) == [429]
    clocks.advance(1)
    assert await made.statuses(QUERY, 2) == [200, 429]


async def test_responses_say_what_is_left(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_address=3)
    assert [shown(await made.ask(QUERY)) for _ in range(4)] == [
        ["3", "2", "20", None],
        ["3", "1", "40", None],
        ["3", "0", "60", None],
        ["3", "0", "20", "20"],
    ]


async def test_a_refusal_has_the_media_type_that_the_client_accepts(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_address=1)
    await made.ask(QUERY)
    responses = [await made.ask(QUERY, accept=accept) for accept in (GRAPHQL, "application/json", "text/csv")]
    assert [response.headers["content-type"].partition(";")[0] for response in responses] == [
        GRAPHQL,
        "application/json",
        "application/json",
    ]


async def test_a_browser_of_another_origin_can_read_a_refusal(shop: Callable[..., Shop]) -> None:
    origin = "https://shop.example"
    made = shop(HttpSettings(cors_origins=(origin,), access_log=False), reads_per_address=1)
    await made.ask(QUERY)
    refused = await made.ask(QUERY, origin=origin)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (429, origin)
    exposed = set(refused.headers["access-control-expose-headers"].split(", "))
    assert {"x-request-id", *NAMES} <= exposed
    preflight = {"origin": origin, "access-control-request-method": "POST"}
    assert (await made.send("OPTIONS", "/graphql", headers=preflight)).status_code == 200


async def test_every_path_is_limited_except_probes(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_address=2)
    paths = ("/", "/nowhere", "/", "/graphql", "/healthz", "/readyz", "/healthz")
    assert [(await made.send("GET", path)).status_code for path in paths] == [200, 404, 429, 429, 200, 200, 200]
    assert shown(await made.send("GET", "/healthz")) == [None] * 4


async def test_a_forged_address_does_not_help(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_address=1)
    forged = [await made.ask(QUERY, "203.0.113.5", None, **{"x-forwarded-for": f"8.8.8.{n}"}) for n in range(3)]
    assert [response.status_code for response in forged] == [200, 429, 429]


async def test_clients_behind_a_trusted_proxy_are_limited_by_their_own_address(shop: Callable[..., Shop]) -> None:
    settings = HttpSettings(trusted_proxies=(ip_network("10.0.0.0/8"),), access_log=False)
    made = shop(settings, reads_per_address=1)
    clients = ("8.8.8.8", "8.8.4.4", "8.8.8.8", "1.2.3.4, 8.8.8.8")
    responses = [await made.ask(QUERY, "10.0.0.2", None, **{"x-forwarded-for": each}) for each in clients]
    assert [response.status_code for response in responses] == [200, 200, 429, 429]


async def test_the_addresses_of_an_ipv6_network_are_one_client(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_address=1)
    addresses = ("2001:db8:0:7::1", "2001:db8:0:7:aaaa::2", "2001:db8:0:8::1", "::ffff:192.0.2.7", OFFICE)
    assert [(await made.ask(QUERY, address)).status_code for address in addresses] == [200, 429, 200, 200, 429]


async def test_an_account_is_limited_from_all_addresses_together(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_account=2)
    responses = [await made.ask(QUERY, f"192.0.2.{number}", "staff") for number in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    error = responses[2].json()["errors"][0]
    assert error["message"] == "Too many requests from your account. Try again in 30 seconds."
    assert error["extensions"]["limit"] == "RATE_LIMIT_READS_PER_ACCOUNT"
    assert shown(responses[2]) == ["2", "0", "30", "30"]
    assert await made.statuses(QUERY, 3) == [200] * 3


async def test_queries_are_no_writes(shop: Callable[..., Shop]) -> None:
    made = shop(writes_per_address=1, writes_per_account=1)
    assert await made.statuses(QUERY, 3, OFFICE, "staff") == [200] * 3
    assert await made.statuses("mutation { __typename }", 2, OFFICE, "staff") == [200] * 2


async def test_mutations_of_an_address_are_limited_and_a_refused_one_has_no_effect(
    shop: Callable[..., Shop], clocks: Clocks
) -> None:
    made = shop(reads_per_address=100, writes_per_address=2)
    mutation = f"mutation {{ {CHANGE} }}"
    responses = [await made.ask(mutation, OFFICE, "staff") for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert shown(responses[1]) == ["2", "0", "60", None]
    assert shown(responses[2]) == ["2", "0", "30", "30"]
    assert responses[2].json()["errors"][0]["extensions"]["limit"] == "RATE_LIMIT_WRITES_PER_ADDRESS"
    assert made.database.log == ["commit"] * 2
    assert await made.statuses(mutation, 1, HOME, "staff") == [200]
    clocks.advance(30)
    assert await made.statuses(mutation, 2, OFFICE, "staff") == [200, 429]


async def test_mutations_of_an_account_are_limited_from_all_addresses_together(shop: Callable[..., Shop]) -> None:
    made = shop(writes_per_address=100, writes_per_account=2)
    mutation = f"mutation {{ {CHANGE} }}"
    responses = [await made.ask(mutation, f"192.0.2.{number}", "staff") for number in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert responses[2].json()["errors"][0]["extensions"]["limit"] == "RATE_LIMIT_WRITES_PER_ACCOUNT"
    assert await made.statuses(f"mutation {{ {SEND} }}", 1, "192.0.2.0") == [200]


async def test_an_account_above_its_limit_takes_nothing_from_its_office(shop: Callable[..., Shop]) -> None:
    made = shop(writes_per_address=3, writes_per_account=1)
    assert await made.statuses(f"mutation {{ {CHANGE} }}", 5, OFFICE, "staff") == [200, 429, 429, 429, 429]
    assert await made.statuses(f"mutation {{ {SEND} }}", 3) == [200, 200, 429]


@pytest.mark.parametrize(
    "document",
    [
        f"mutation {{ a: {CHANGE} b: {CHANGE} c: {CHANGE} }}",
        f"mutation {{ ...F ...F c: {CHANGE} }} fragment F on Mutation {{ a: {CHANGE} ...G }} {FRAGMENT}",
        f"mutation {{ ... on Mutation {{ a: {CHANGE} b: {CHANGE} }} ... @skip(if: true) {{ c: {CHANGE} }} }}",
    ],
)
async def test_each_mutation_of_a_document_counts(shop: Callable[..., Shop], document: str) -> None:
    made = shop(writes_per_address=5)
    assert await made.statuses(document, 2, OFFICE, "staff") == [200, 429]
    assert await made.statuses(f"mutation {{ a: {CHANGE} a: {CHANGE} }}", 3, OFFICE, "staff") == [200, 200, 429]


async def test_a_fragment_does_not_hide_a_sensitive_mutation(shop: Callable[..., Shop]) -> None:
    hidden = (
        f"mutation {{ ...S }} fragment S on Mutation {{ ...T }} fragment T on Mutation {{ ... {{ any: {SEND} }} }}"
    )
    made = shop(sensitive_per_address=1)
    assert await made.statuses(hidden, 2, OFFICE, "staff") == [200, 429]


async def test_a_document_with_more_mutations_than_the_limit_takes_all_of_it(
    shop: Callable[..., Shop], clocks: Clocks
) -> None:
    made = shop(writes_per_address=2)
    document = f"mutation {{ a: {CHANGE} b: {CHANGE} c: {CHANGE} }}"
    assert await made.statuses(document, 2, OFFICE, "staff") == [200, 429]
    clocks.advance(60)
    assert await made.statuses(document, 2, OFFICE, "staff") == [200, 429]


async def test_sensitive_mutations_are_limited_beside_the_others(shop: Callable[..., Shop]) -> None:
    made = shop(writes_per_address=4, sensitive_per_address=2)
    send, change = f"mutation {{ {SEND} }}", f"mutation {{ {CHANGE} }}"
    assert await made.statuses(send, 3) == [200, 200, 429]
    assert await made.statuses(change, 3, OFFICE, "staff") == [200, 200, 429]
    assert await made.statuses(send, 1, HOME) == [200]


async def test_sensitive_mutations_of_an_account_are_limited_from_all_addresses(shop: Callable[..., Shop]) -> None:
    made = shop(sensitive_per_account=1)
    responses = [await made.ask(f"mutation {{ {SEND} }}", address, "staff") for address in (OFFICE, HOME)]
    assert [response.status_code for response in responses] == [200, 429]
    assert responses[1].json()["errors"][0]["extensions"]["limit"] == "RATE_LIMIT_SENSITIVE_PER_ACCOUNT"


async def test_a_refused_mutation_is_429_for_every_media_type(shop: Callable[..., Shop]) -> None:
    made = shop(writes_per_address=1)
    await made.ask(f"mutation {{ {SEND} }}")
    for accept in ("application/json", GRAPHQL):
        response = await made.ask(f"mutation {{ {SEND} }}", accept=accept)
        assert response.status_code == 429
        assert response.headers["content-type"].partition(";")[0] == accept
        assert response.headers["retry-after"] == "60"


async def test_routes_of_files_count_as_reads_and_writes(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_address=3, writes_per_address=1)
    sent = [("POST", OFFICE), ("POST", OFFICE), ("GET", OFFICE), ("GET", OFFICE), ("POST", HOME)]
    statuses = [(await made.send(method, "/files", address, "staff")).status_code for method, address in sent]
    assert statuses == [200, 429, 200, 429, 200]


@pytest.mark.parametrize(("limit", "method"), [("reads_per_account", "GET"), ("writes_per_account", "POST")])
async def test_routes_of_files_are_limited_by_account(shop: Callable[..., Shop], limit: str, method: str) -> None:
    made = shop(**{limit: 1})
    responses = [await made.send(method, "/files", address, "staff") for address in (OFFICE, HOME)]
    assert [response.status_code for response in responses] == [200, 429]
    assert shown(responses[1]) == ["1", "0", "60", "60"]
    assert responses[1].json()["errors"][0]["extensions"] == {
        "code": "RATE_LIMITED",
        "limit": f"RATE_LIMIT_{limit.upper()}",
        "retryAfter": 60,
    }


async def test_without_limits_nothing_is_refused_or_shown(shop: Callable[..., Shop]) -> None:
    made = shop()
    response = [await made.ask(f"mutation {{ {SEND} }}") for _ in range(20)][-1]
    assert (response.status_code, shown(response)) == (200, [None] * 4)


async def test_a_client_is_logged_once_a_minute_with_the_number_of_its_refusals(
    shop: Callable[..., Shop], clocks: Clocks
) -> None:
    made = shop(reads_per_address=1, writes_per_account=1)
    with capture_logs() as lines:
        await made.statuses(QUERY, 10)
        await made.statuses(QUERY, 3, HOME)
        clocks.advance(60)
        await made.statuses(QUERY, 2)
    security = [line for line in lines if line["event"] == "security"]
    assert [(line["ip"], line["count"], line["reason"]) for line in security] == [
        (OFFICE, 1, "RATE_LIMIT_READS_PER_ADDRESS"),
        (HOME, 1, "RATE_LIMIT_READS_PER_ADDRESS"),
        (OFFICE, 9, "RATE_LIMIT_READS_PER_ADDRESS"),
    ]
    assert {(line["kind"], line["code"]) for line in security} == {("throttling", "RATE_LIMITED")}


async def test_a_refused_mutation_is_logged_with_its_account_and_operation(shop: Callable[..., Shop]) -> None:
    made = shop(writes_per_account=1)
    with capture_logs() as lines:
        await made.statuses(f"mutation Change {{ {CHANGE} }}", 3, OFFICE, "staff")
    (line,) = [line for line in lines if line["event"] == "security"]
    assert (line["reason"], line["user"]) == (
        "RATE_LIMIT_WRITES_PER_ACCOUNT",
        "00000000-0000-0000-0000-000000000007",
    )
    assert (line["operation"], line["fields"]) == ("Change", ["thingChange"])


async def test_each_refusal_is_counted_by_its_limit(shop: Callable[..., Shop]) -> None:
    made = shop(reads_per_address=6, writes_per_address=1)
    with capture_logs():
        await made.statuses(f"mutation {{ {SEND} }}", 4)
        await made.statuses(QUERY, 5)
    assert made.limits_hit() == {"RATE_LIMIT_WRITES_PER_ADDRESS": 3, "RATE_LIMIT_READS_PER_ADDRESS": 3}


@pytest.mark.redis
async def test_two_gateways_on_one_redis_share_the_limits_of_writes(
    schema: Schema, clocks: Clocks, redis_url: str
) -> None:
    async with (
        namespace(redis_url) as name,
        RedisClient.connected(redis_url, name) as first,
        RedisClient.connected(redis_url, name) as second,
    ):
        caches = [FallbackCache(each, MemoryCache(clocks.clock), CircuitBreaker()) for each in (first, second)]
        rates = only(writes_per_address=4, writes_per_account=3)
        shops = [Shop(schema, clocks, rates, cache, QUIET) for cache in caches]
        customer = [await shops[number % 2].ask(f"mutation {{ {SEND} }}", OFFICE, "staff") for number in range(5)]
        guests = [await shops[number % 2].ask(f"mutation {{ {SEND} }}") for number in range(3)]
    assert [response.status_code for response in customer] == [200, 200, 200, 429, 429]
    assert [response.headers["ratelimit-remaining"] for response in customer] == ["2", "1", "0", "0", "0"]
    assert [response.status_code for response in guests] == [200, 429, 429]
