"""Cached answers over HTTP: which requests are the same, conditional requests, and what CDNs may keep."""

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from structlog.testing import capture_logs

from domains.kernel.ids import new_id
from domains.role.models import SystemRole
from gateway.app import create_app
from gateway.http.cached_answers import MAX_REQUEST
from gateway.http.settings import HttpSettings
from gateway.infra.memory import MemoryCache
from gateway.monitoring.metrics import Metrics
from gateway.rate_limits.rate_limits import RateLimits, RateLimitSettings
from tests.domains.actors import super_administrator
from tests.gateway.answers.shops import Server

SHOP = "query Name { shop { name currency } }"
BY_SLUG = "query ($slug: String!) { product(slug: $slug) { id } shop { name } }"
GRAPHQL = "application/graphql-response+json"


def state_of(response: httpx.Response) -> str:
    return str(response.headers.get("cache-status", "none")).removeprefix("commerce; ")


async def get(gateway: Server, query: str = SHOP, headers: dict[str, str] | None = None, **parameters: str) -> Any:
    path = f"/graphql?{urlencode({'query': query, **parameters})}"
    given = {"accept": "application/json", **(headers or {})}
    return await gateway.site.send("GET", path=path, headers=given)


async def post(gateway: Server, *, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return await gateway.site.send(json={"query": SHOP, **body}, headers=headers or {})


async def test_the_second_request_is_answered_without_a_statement(gateway: Server) -> None:
    first = await gateway.site.post(SHOP)
    assert (state_of(first), gateway.site.count.data) == ("fwd=miss", 1)
    second = await gateway.site.post(SHOP)
    assert (state_of(second), gateway.site.count.data, gateway.site.count.tenant) == ("hit", 0, 0)
    assert second.content == first.content
    same = {"content-type", "content-length", "cache-control", "vary", "x-content-type-options", "x-frame-options"}
    assert {name: second.headers[name] for name in same} == {name: first.headers[name] for name in same}
    assert second.headers["x-request-id"] != first.headers["x-request-id"]


async def test_an_answer_keeps_nothing_long_of_its_document(gateway: Server) -> None:
    long = "x" * 10_000
    document = f"query {long}A {{ shop {{ name }} }} query {long}B {{ shop {{ currency }} }}"
    both = [(await post(gateway, query=document, operationName=f"{long}{each}")).json()["data"] for each in "AB"]
    assert [list(each["shop"]) for each in both] == [["name"], ["currency"]]
    kept = [each.request.operation.name for each in gateway.answers._memory._answers.values()]
    assert kept == ["x" * 80] * 2


async def test_the_same_question_in_another_form_needs_no_execution(gateway: Server) -> None:
    await gateway.site.post(SHOP)
    bodies: list[dict[str, Any]] = [
        {"query": SHOP, "variables": None},
        {"query": SHOP, "operationName": "Name"},
        {"query": SHOP, "extensions": {"client": "app"}},
    ]
    for body in bodies:
        response = await gateway.site.send(json=body)
        assert state_of(response) == "fwd=miss"  # its bytes are new, and the answer is not
        assert state_of(await gateway.site.send(json=body)) == "hit"
    assert len(gateway.answers._memory) == 1


async def test_other_questions_have_answers_of_their_own(gateway: Server) -> None:
    await post(gateway)
    others: list[dict[str, Any]] = [
        {"query": "query Name { shop { name } }"},
        {"query": f"{SHOP} query Other {{ shop {{ slug }} }}", "operationName": "Other"},
        {"query": f"{SHOP} query Other {{ shop {{ slug }} }}", "operationName": "Name"},
        {"query": "query ($yes: Boolean!) { shop { name slug @include(if: $yes) } }", "variables": {"yes": True}},
        {"query": "query ($yes: Boolean!) { shop { name slug @include(if: $yes) } }", "variables": {"yes": False}},
    ]
    for body in others:
        fresh = await post(gateway, **body)
        assert state_of(fresh) == "fwd=miss"
        cached = await post(gateway, **body)
        assert (state_of(cached), cached.content) == ("hit", fresh.content)
    assert len({(await post(gateway, **body)).content for body in others}) == 4


async def test_companies_have_answers_of_their_own(gateway: Server, owner: Any) -> None:
    boss = super_administrator(gateway.site.company_id)
    slug = f"second-{new_id().hex[:12]}"
    company = gateway.site.services.company

    async def work(tx: Any) -> Any:
        return await company.create_company(tx, boss, slug=slug, changes={"name": "Second"})

    second = await gateway.database.run(work, boss, platform=True)
    for _ in range(2):
        assert (await post(gateway)).json()["data"]["shop"]["name"] != "Second"
        response = await post(gateway, headers={"x-company": slug})
        assert response.json()["data"]["shop"]["name"] == "Second"
    assert state_of(response) == "hit"

    # Its slug becomes that of another company: the same request now means the other one.
    async def swap(tx: Any) -> None:
        await company.rename_company(tx, boss, second.id, slug=f"{slug}-old")
        await company.create_company(tx, boss, slug=slug, changes={"name": "Third"})

    await gateway.database.run(swap, boss, platform=True)
    assert (await post(gateway, headers={"x-company": f"{slug}-old"})).json()["data"]["shop"]["name"] == "Second"
    assert (await post(gateway, headers={"x-company": slug})).json()["data"]["shop"]["name"] == "Third"

    async def close(tx: Any) -> None:
        await company.deactivate_company(tx, boss, second.id)

    await gateway.database.run(close, boss, platform=True)
    assert (await post(gateway, headers={"x-company": f"{slug}-old"})).status_code == 404


async def test_the_media_type_is_the_one_that_is_accepted(gateway: Server) -> None:
    for accept in ("application/json", GRAPHQL, "*/*"):
        for state in ("fwd=miss", "hit") if accept != "*/*" else ("hit", "hit"):
            response = await post(gateway, headers={"accept": accept})
            assert state_of(response) == state
            expected = GRAPHQL if accept == GRAPHQL else "application/json"
            assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    refused = await post(gateway, headers={"accept": "text/csv"})
    assert (refused.status_code, state_of(refused)) == (406, "none")


async def test_a_get_may_be_kept_by_a_cdn_and_a_post_may_not(gateway: Server) -> None:
    for _ in range(2):
        response = await get(gateway)
        assert response.headers["cache-control"] == "public, max-age=0, s-maxage=1, must-revalidate"
        assert response.headers["vary"] == "accept, authorization, x-company"
        assert response.headers["etag"].startswith('W/"')
        assert (await post(gateway)).headers["cache-control"] == "no-store"
    private = await get(gateway, "{ me { id } }")
    assert private.headers["cache-control"] == "no-store"
    assert "etag" not in private.headers
    token = (await gateway.site.login((await gateway.site.account()).email))["accessToken"]
    own = await get(gateway, headers={"authorization": f"Bearer {token}"})
    assert own.headers["cache-control"] == "no-store"
    assert "authorization" in own.headers["vary"]


async def test_a_client_that_has_the_answer_gets_no_body(gateway: Server) -> None:
    first = await get(gateway)
    etag = first.headers["etag"]
    for given in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        response = await get(gateway, headers={"if-none-match": given})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == etag
        assert response.headers["cache-control"].startswith("public")
        assert "content-length" not in response.headers
    assert (await get(gateway, headers={"if-none-match": '"other"'})).content == first.content
    assert (await post(gateway, headers={"if-none-match": etag})).content == first.content


async def test_an_answer_that_changed_has_another_etag(gateway: Server) -> None:
    etag = (await get(gateway)).headers["etag"]
    site, boss = gateway.site, super_administrator(gateway.site.company_id)

    async def rename(tx: Any) -> None:
        await site.services.company.rename_company(tx, boss, site.company_id, name="A new name")

    await gateway.database.run(rename, boss, platform=True)
    response = await get(gateway, headers={"if-none-match": etag})
    assert response.status_code == 200
    assert response.headers["etag"] != etag
    assert response.json()["data"]["shop"]["name"] == "A new name"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ nothing }", {}),
        ("{ shop { name } me { id } }", {}),
        ("{ cart { id } }", {}),
        ('{ product(slug: "no-such-product") { id } }', {}),
        (BY_SLUG, {"slug": "no-such-product"}),
        ("{ products(first: 101) { totalCount } }", {}),
        ("{ orders { totalCount } }", {}),
        ("{ __schema { queryType { name } } }", {}),
        ("{ __typename }", {}),
        ("query ($n: Int!) { products(first: $n) { totalCount } }", {"n": "x"}),
        ("mutation { logout { errors { code } } }", {}),
    ],
)
async def test_what_may_not_be_stored_is_executed_each_time(
    gateway: Server, query: str, variables: dict[str, Any]
) -> None:
    for _ in range(2):
        response = await gateway.site.post(query, **variables)
        assert state_of(response) == "none"
        assert response.headers["cache-control"] == "no-store"
    assert len(gateway.answers._memory) == 0


async def test_introspection_beside_a_public_field_is_not_stored(gateway: Server) -> None:
    query = '{ shop { name } __type(name: "Shop") { name } }'
    assert [state_of(await gateway.site.post(query)) for _ in range(2)] == ["none", "none"]


async def test_errors_name_their_own_request(gateway: Server) -> None:
    query = '{ shop { name } products(filter: {minRating: "9"}) { totalCount } }'
    ids = set()
    for _ in range(2):
        response = await gateway.site.post(query)
        assert response.json()["errors"]
        ids.add(response.headers["x-request-id"])
        assert state_of(response) == "none"
    assert len(ids) == 2


async def test_a_mutation_by_get_is_refused_as_before(gateway: Server) -> None:
    response = await get(gateway, "mutation { logout { errors { code } } }")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"{"}, 400),
        ({"content": b"[]"}, 400),
        ({"content": b""}, 400),
        ({"content": json.dumps({"query": SHOP}).encode(), "headers": {"content-type": "text/plain"}}, 415),
        ({"content": json.dumps({"query": SHOP}).encode(), "headers": {"content-encoding": "gzip"}}, 415),
        ({"json": {"query": SHOP + " " * 2_000_000}}, 413),
    ],
)
async def test_bad_requests_are_refused_as_before(gateway: Server, sent: dict[str, Any], status: int) -> None:
    await post(gateway)
    headers = {"content-type": "application/json", **sent.pop("headers", {})}
    response = await gateway.site.send(headers=headers, **sent)
    assert response.status_code == status
    assert response.json()["errors"]


async def test_a_long_request_is_answered_from_the_cache_after_it_was_parsed(gateway: Server) -> None:
    query = SHOP + " " * MAX_REQUEST
    responses = [await post(gateway, query=query) for _ in range(2)]
    assert [state_of(each) for each in responses] == ["fwd=miss", "fwd=miss"]
    assert len(gateway.answers._memory) == 1
    assert len(gateway.answers._memory._digests) == 0


async def test_the_log_and_the_metrics_have_cached_answers_too(gateway: Server) -> None:
    metrics = Metrics()
    app = create_app(gateway.site.api, HttpSettings(), metrics=metrics, answers=gateway.answers)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        with capture_logs() as logs:
            for _ in range(2):
                response = await client.post(
                    "/graphql", json={"query": SHOP}, headers={"x-company": await slug_of(gateway)}
                )
    lines = [each for each in logs if each["event"] == "request"]
    assert [each["request_id"] for each in lines][1] == response.headers["x-request-id"]
    for name in ("method", "path", "company", "user", "operation", "type", "fields", "outcome", "status", "codes"):
        assert lines[0][name] == lines[1][name]
    assert (lines[1]["operation"], lines[1]["fields"]) == ("Name", ["shop"])
    counted = metrics.registry.get_sample_value("commerce_requests_total", {"operation": "shop", "outcome": "ok"})
    assert counted == 2


async def slug_of(gateway: Server) -> str:
    slug: str = await gateway.site.value("{ shop { slug } }")
    return slug["slug"] if isinstance(slug, dict) else slug


async def test_other_origins_may_read_cached_answers_where_the_settings_allow_it(gateway: Server) -> None:
    settings = HttpSettings(access_log=False, cors_origins=("https://shop.example",))
    app = create_app(gateway.site.api, settings, answers=gateway.answers)
    headers = {"origin": "https://shop.example", "x-company": await slug_of(gateway)}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        for _ in range(2):
            response = await client.post("/graphql", json={"query": SHOP}, headers=headers)
            assert response.headers["access-control-allow-origin"] == "https://shop.example"
            assert "cache-status" in response.headers["access-control-expose-headers"]
    assert state_of(response) == "hit"


async def test_staff_never_get_a_cached_answer(gateway: Server) -> None:
    await post(gateway)
    token = (await gateway.site.login((await gateway.site.account(SystemRole.ADMIN)).email))["accessToken"]
    assert state_of(await gateway.site.post(SHOP, token)) == "none"


async def test_answers_from_the_cache_count_as_requests_of_their_address(gateway: Server) -> None:
    rates = RateLimitSettings(reads_per_address=3)
    limits = RateLimits(rates, MemoryCache(gateway.site.clock), lambda: 1_000.0)
    app = create_app(gateway.site.api, HttpSettings(access_log=False), limits=limits, answers=gateway.answers)
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        responses = [await client.post("/graphql", json={"query": SHOP}) for _ in range(4)]
    assert [state_of(response) for response in responses] == ["fwd=miss", "hit", "hit", "none"]
    assert [response.headers["ratelimit-remaining"] for response in responses] == ["2", "1", "0", "0"]
    assert (responses[3].status_code, responses[3].headers["retry-after"]) == (429, "20")


async def test_an_answer_that_a_cdn_may_store_does_not_show_the_limits_of_one_client(gateway: Server) -> None:
    shared, own = await get(gateway), await post(gateway)
    assert "public" in shared.headers["cache-control"]
    assert [name for name in shared.headers if name.startswith("ratelimit")] == []
    assert own.headers["ratelimit-limit"] == "6000"
