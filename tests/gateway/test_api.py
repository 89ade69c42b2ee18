"""The four operations of ApiGateway, as the class diagram names them."""

import gc
from typing import cast
from uuid import UUID

import httpx
import pytest

from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import SystemClock
from domains.kernel.database import Database
from domains.kernel.errors import Unauthenticated
from domains.kernel.monitoring.statement_counts import count_data, counting
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.api import ApiGateway, GraphQLRequest
from gateway.authentication import Authentication
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.execution import Execution
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.http.settings import HttpSettings
from gateway.infra.memory import MemoryCache
from gateway.live.open_sessions import OpenSessions
from gateway.services import Services
from tests.gateway.conftest import TOKENS, client_of, make_api, make_app, toy_companies, toy_hub, toy_presence
from tests.gateway.toy_shop import COMPANY, RecordingDatabase

REQUEST = RequestMetadata("request-1", "192.0.2.1", "tests")
SEND = GraphQLRequest("mutation { thingSend { errors { code } } }")
ASK = GraphQLRequest("{ __typename }")


async def look_up(token: str, company_id: UUID) -> Actor:
    """An authenticator that costs one statement."""
    count_data(f"select {token}")
    return Actor(ActorKind.USER, company_id, user_id=UUID(int=7))


@pytest.fixture
def counted(schema: Schema, db: RecordingDatabase) -> ApiGateway:
    execution = Execution(schema, GraphQLLimits())
    return ApiGateway(
        execution,
        cast("Services", None),
        cast("Database", db),
        MemoryCache(SystemClock()),
        authentication := Authentication(toy_companies(db), look_up),
        OpenSessions(authentication, toy_hub(), toy_presence()),
    )


async def test_authenticating_a_token_executes_one_statement(counted: ApiGateway) -> None:
    with counting() as count:
        actor = await counted.authenticate("token")
    assert (actor.user_id, actor.company_id) == (UUID(int=7), COMPANY)
    assert (count.actor, count.data) == (1, 0)


async def test_without_a_token_no_statement_is_executed(counted: ApiGateway) -> None:
    with counting() as count:
        actor = await counted.authenticate(None, "main")
    assert actor == Actor.anonymous(COMPANY)
    assert (count.actor, count.data, count.tenant) == (0, 0, 0)


async def test_an_invalid_token_or_unknown_company_is_refused(schema: Schema, db: RecordingDatabase) -> None:
    api = make_api(schema, db)
    with pytest.raises(Unauthenticated):
        await api.authenticate("nobody")
    for slug in ("elsewhere", "No Slug!"):
        with pytest.raises(RequestRefused, match=f"There is no active company '{slug}'"):
            await api.authenticate("staff", slug)


def test_manage_authorizes_every_action_on_its_resource_only(schema: Schema, db: RecordingDatabase) -> None:
    api, staff = make_api(schema, db), TOKENS["staff"]
    assert api.authorize(staff, PermissionResource.PRODUCTS, PermissionAction.DELETE)
    assert not api.authorize(staff, PermissionResource.ORDERS, PermissionAction.READ)
    assert not api.authorize(TOKENS["reader"], PermissionResource.PRODUCTS, PermissionAction.UPDATE)


async def test_queries_and_mutations_are_resolved_by_their_own_methods(schema: Schema, db: RecordingDatabase) -> None:
    api = make_api(schema, db)
    staff = TOKENS["staff"]
    assert (await api.resolve_query(ASK, api.context(staff, REQUEST))).body["data"] == {"__typename": "Query"}
    assert (await api.resolve_query(SEND, api.context(staff, REQUEST))).status == 405
    assert (await api.resolve_mutation(ASK, api.context(staff, REQUEST))).status == 400
    assert db.log == []
    assert (await api.resolve_mutation(SEND, api.context(staff, REQUEST))).body["data"] == {
        "thingSend": {"errors": [{"code": "INVALID"}]}
    }
    assert db.log == ["commit"]


async def test_a_request_leaves_nothing_for_the_garbage_collector(schema: Schema, db: RecordingDatabase) -> None:
    """Garbage makes the collector stop the process, the longer the more there is."""
    api = make_api(schema, db)
    request = GraphQLRequest("{ things(first: 5) { nodes { name maker { name things { name } } } } }")
    answer = await api.resolve_query(request, api.context(TOKENS["staff"], REQUEST))
    assert len(answer.body["data"]["things"]["nodes"]) == 5
    gc.collect()
    gc.disable()
    try:
        await api.resolve_query(request, api.context(TOKENS["staff"], REQUEST))
        assert gc.collect() == 0
    finally:
        gc.enable()


HEADERS = "authorization, content-type, x-cart-token, x-company"


async def test_preflight_requests_of_allowed_origins_are_answered(schema: Schema, db: RecordingDatabase) -> None:
    settings = HttpSettings(cors_origins=("https://shop.test",), access_log=False)
    asked = {"access-control-request-method": "POST", "access-control-request-headers": HEADERS}
    async with client_of(make_app(make_api(schema, db), settings)) as client:
        answers: list[httpx.Response] = [
            await client.options("/graphql", headers={"origin": origin, **asked})
            for origin in ("https://shop.test", "https://evil.test")
        ]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[0].headers["access-control-allow-origin"] == "https://shop.test"
    assert "access-control-allow-origin" not in answers[1].headers
