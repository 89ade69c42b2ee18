"""Sessions: operations as over HTTP, one result for each event, and the end of what the actor may no longer see."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from domains.auth.events import SessionEnded
from domains.company.events import CompanyDeactivated
from domains.kernel.actor import Actor, ActorRole
from domains.kernel.clock import FixedClock
from domains.kernel.errors import Unauthenticated
from domains.role.events import RoleUpdated
from gateway.api import GraphQLRequest
from gateway.graphql.core.errors import RequestRefused
from gateway.graphql.core.schema import Schema
from gateway.graphql.engine.limits import GraphQLLimits
from gateway.infra.live.memory_stream import MemoryStream
from gateway.live import open_sessions
from gateway.live.channels import Channels
from gateway.live.hub import Hub
from gateway.live.open_sessions import SESSIONS
from gateway.live.sessions import Credentials, Ended, Session
from tests.conditions import wait_until
from tests.gateway.conftest import TOKENS, make_api
from tests.gateway.live.samples import add
from tests.gateway.live.subscribers import end_of
from tests.gateway.live.toys import ANY, CHANGED, ONE, REQUEST, SEEN, TWO, Toys, names, toy_site
from tests.gateway.toy_shop import COMPANY, GATE, SECRET, THING_CHANNEL, RecordingDatabase

TWO_FIELDS = "subscription ($id: ID!) { ...F thingSeen(id: $id) { number } }"
SPREAD = "subscription ($id: ID!) { ...F }"
Change = Callable[[str, Actor | None], None]


@pytest.fixture
async def toys(schema: Schema, db: RecordingDatabase, clock: FixedClock) -> AsyncIterator[Toys]:
    async with toy_site(schema, db, clock) as made:
        yield made


@pytest.fixture
def actors(monkeypatch: pytest.MonkeyPatch) -> Change:
    """Changes the actor of a token; None ends its session."""

    def change(token: str, actor: Actor | None) -> None:
        if actor is None:
            monkeypatch.delitem(TOKENS, token)
        else:
            monkeypatch.setitem(TOKENS, token, actor)

    return change


async def test_a_session_opens_once_the_stream_has_begun_so_that_no_gap_is_told(
    schema: Schema, db: RecordingDatabase, clock: FixedClock
) -> None:
    stream = MemoryStream(clock)
    hub = Hub(stream, Channels([THING_CHANNEL, SESSIONS]))
    toys = Toys(make_api(schema, db, hub=hub), hub, stream, db)

    async def opened() -> tuple[Session, str]:
        session = await toys.open("staff")
        return session, session.position

    await hub.read()  # before any process has fed the stream
    opening = asyncio.create_task(opened())
    await asyncio.sleep(0.01)
    await add(stream, [])
    await hub.read()
    session, position = await opening
    await toys.change(ONE)
    async with toys.watching(session, after=position, id=str(ONE)) as watched:
        await watched.wait_for(1)
    assert names(watched) == ["Thing 1"]
    await toys.close()


async def test_queries_and_mutations_are_answered_once(toys: Toys) -> None:
    session = await toys.open("staff")
    assert await toys.ask(session, "{ me }") == [
        {"data": {"me": str(UUID(int=7))}, "extensions": {"cost": {"requested": 0, "maximum": 10_000}}}
    ]
    (sent,) = await toys.ask(session, "mutation { thingSend { errors { code } } }")
    assert (sent["data"], toys.db.log) == ({"thingSend": {"errors": [{"code": "INVALID"}]}}, ["commit"])


async def test_a_subscription_has_a_result_for_each_event_of_its_room(toys: Toys) -> None:
    session = await toys.open()
    async with toys.watching(session, id=str(ONE)) as watched:
        await toys.change(ONE, TWO)
        await toys.change(ONE)
        await toys.change(ONE, company_id=UUID(int=2))
        await wait_until(lambda: len(watched.answers) == 2)
    events = [event.id for event in (await toys.stream.read("0-0")).events]
    assert watched.answers == [
        {
            "data": {"thingChanged": {"number": number, "thing": {"name": "Thing 1"}}},
            "extensions": {"cost": {"requested": 1, "maximum": 10_000}, "eventId": events[position]},
        }
        for number, position in ((0, 0), (1, 2))
    ]
    assert toys.hub.subscriptions == 1  # that of the open session
    await session.close()


REFUSED = {
    "subscription {": "GRAPHQL_PARSE_FAILED",
    "subscription { nothing }": "GRAPHQL_VALIDATION_FAILED",
    "subscription { __typename }": "GRAPHQL_VALIDATION_FAILED",
    CHANGED.replace("(id: $id) {", "(id: $id) @include(if: true) {"): "GRAPHQL_VALIDATION_FAILED",
    f"{TWO_FIELDS} fragment F on Subscription {{ thingChanged(id: $id) {{ number }} }}": "GRAPHQL_VALIDATION_FAILED",
    f"{SPREAD} fragment F on Subscription {{ thingSeen(id: $id) @skip(if: false) {{ number }} }}": (
        "GRAPHQL_VALIDATION_FAILED"
    ),
    CHANGED.replace("name", "maker { things { maker { things { name } } } }"): "LIMIT_EXCEEDED",
}


@pytest.mark.parametrize(("query", "code"), REFUSED.items())
async def test_a_subscription_that_is_refused_has_one_answer_without_data(
    schema: Schema, toys: Toys, query: str, code: str
) -> None:
    toys.api = make_api(schema, toys.db, GraphQLLimits(depth=6), hub=toys.hub)
    (answer,) = await toys.ask(await toys.open(), query, id=str(ONE))
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
    assert "data" not in answer


async def test_variables_of_the_wrong_type_are_refused(toys: Toys) -> None:
    (answer,) = await toys.ask(await toys.open(), CHANGED, id=[1])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert "data" not in answer


async def test_what_an_actor_may_not_see_cannot_be_subscribed_to(toys: Toys) -> None:
    guest, staff = await toys.open(), await toys.open("staff")
    (hidden,) = await toys.ask(guest, CHANGED, id=str(SECRET))
    assert (hidden["errors"][0]["extensions"]["code"], "data" in hidden) == ("NOT_FOUND", False)
    for session, code in ((guest, "UNAUTHENTICATED"), (await toys.open("customer"), "FORBIDDEN")):
        (refused,) = await toys.ask(session, ANY)
        assert (refused["errors"][0]["extensions"]["code"], "data" in refused) == (code, False)
    async with toys.watching(staff, id=str(SECRET)) as watched:
        await toys.change(SECRET)
        await wait_until(lambda: names(watched) == ["Thing 39"])


async def test_an_event_that_is_not_for_the_subscriber_has_no_result(toys: Toys) -> None:
    async with toys.watching(await toys.open(), id=str(ONE)) as watched:
        await toys.change(ONE, how="ignored")
        await toys.change(ONE)
        await wait_until(lambda: names(watched) == ["Thing 1"])
    assert len(toys.db.calls) == 2


async def test_an_error_is_that_of_one_event(schema: Schema, toys: Toys) -> None:
    toys.api = make_api(schema, toys.db, GraphQLLimits(seconds=0.05), hub=toys.hub)
    async with toys.watching(await toys.open(), id=str(ONE)) as watched:
        for how in ("fault", "refused", "slow", "shown"):
            await toys.change(ONE, how=how)
        await wait_until(lambda: len(watched.answers) == 4)
    assert names(watched) == ["INTERNAL_ERROR", "INVALID", "TIMEOUT", "Thing 1"]
    fault = watched.answers[0]
    assert fault["data"] == {"thingChanged": None}
    assert fault["errors"][0]["extensions"]["requestId"] == "request-1"
    assert "secret" not in str(fault)
    assert all("eventId" in answer["extensions"] for answer in watched.answers)


async def test_an_event_at_which_the_actor_cannot_be_looked_up_is_a_fault(
    toys: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await toys.open("staff")

    async def fail(token: str | None, company: str | None) -> Actor:
        raise ConnectionError("the secret address of the database")

    async with toys.watching(session, ANY) as watched:
        with monkeypatch.context() as patch:
            patch.setattr(session._authentication, "actor", fail)
            await toys.change(ONE)
            await wait_until(lambda: len(watched.answers) == 1)
        await toys.change(ONE)
        await wait_until(lambda: len(watched.answers) == 2)
    assert names(watched) == ["INTERNAL_ERROR", "Thing 1"]
    assert watched.answers[0]["data"] == {"anyThing": None}
    assert "secret" not in str(watched.answers[0])
    assert not session.ended.done()


async def test_a_permission_that_is_lost_while_an_event_is_executed_ends_the_subscription(
    toys: Toys, actors: Change
) -> None:
    session = await toys.open("staff")
    GATE.clear()
    async with toys.watching(session, ANY) as watched:
        await toys.change(ONE, how="held")
        await wait_until(lambda: len(toys.db.calls) == 1)
        actors("staff", TOKENS["customer"])
        await session.check()
        GATE.set()
        await watched.end()
    assert names(watched) == ["Thing 1", "FORBIDDEN"]


async def test_a_subscription_ends_when_its_object_is_gone(toys: Toys) -> None:
    async with toys.watching(await toys.open(), id=str(ONE)) as watched:
        await toys.change(ONE, how="gone")
        await watched.end()
    assert names(watched) == ["NOT_FOUND"]
    assert "data" not in watched.answers[0]


async def test_missed_events_are_told(toys: Toys) -> None:
    async with toys.watching(await toys.open(), after="1-1", id=str(ONE)) as watched:
        await wait_until(lambda: bool(watched.answers))
    assert watched.answers == [
        {"data": {"thingChanged": None}, "extensions": {"eventId": toys.hub.position(), "missed": True}}
    ]


async def test_a_subscription_is_resumed_after_an_event(toys: Toys) -> None:
    await toys.change(ONE)
    after = toys.hub.position()
    await toys.change(ONE)
    await toys.change(TWO)
    async with toys.watching(await toys.open(), after=after, id=str(ONE)) as watched:
        await toys.change(ONE)
        await wait_until(lambda: len(watched.answers) == 2)
    assert names(watched) == ["Thing 1", "Thing 1"]


async def test_guests_who_subscribe_to_the_same_share_one_execution(toys: Toys) -> None:
    guests = [await toys.open() for _ in range(3)]
    async with (
        toys.watching(guests[0], SEEN, id=str(ONE)) as first,
        toys.watching(guests[1], SEEN, id=str(ONE)) as second,
        toys.watching(guests[2], CHANGED, id=str(ONE)) as other,
        toys.watching(await toys.open("customer"), SEEN, id=str(ONE)) as customer,
    ):
        await toys.change(ONE)
        everyone = (first, second, other, customer)
        await wait_until(lambda: all(names(watched) == ["Thing 1"] for watched in everyone))
    assert len(toys.db.calls) == 3
    assert first.answers == second.answers


async def test_a_lost_permission_ends_the_subscription_at_once(toys: Toys, actors: Change) -> None:
    role = ActorRole(UUID(int=70), "STAFF", 10)
    actors("staff", replace(TOKENS["staff"], role=role))
    session = await toys.open("staff")
    async with toys.watching(session, ANY) as watched, toys.watching(session, id=str(ONE)) as public:
        actors("staff", replace(TOKENS["customer"], role=role))
        await toys.tell(RoleUpdated.topic, role.id, COMPANY)
        await watched.end()
        await toys.change(ONE)
        await wait_until(lambda: names(public) == ["Thing 1"])
    assert names(watched) == ["FORBIDDEN"]
    assert "data" not in watched.answers[0]
    assert not session.ended.done()


async def test_a_lost_permission_is_noticed_at_the_next_event_without_a_notice(toys: Toys, actors: Change) -> None:
    async with toys.watching(await toys.open("staff"), ANY) as watched:
        await toys.change(ONE)
        await wait_until(lambda: names(watched) == ["Thing 1"])
        actors("staff", TOKENS["customer"])
        await toys.change(ONE)
        await watched.end()
    assert names(watched) == ["Thing 1", "FORBIDDEN"]


@pytest.mark.parametrize(
    ("topic", "aggregate_id"), [(SessionEnded.topic, UUID(int=7)), (CompanyDeactivated.topic, COMPANY)]
)
async def test_a_session_ends_with_the_login_and_so_do_its_operations(
    toys: Toys, actors: Change, topic: str, aggregate_id: UUID
) -> None:
    session = await toys.open("staff")
    async with toys.watching(session, ANY) as watched:
        actors("staff", None)
        await toys.tell(topic, aggregate_id)
        assert await end_of(session) is Ended.SESSION
        await watched.end()
        await toys.change(ONE)
    assert watched.answers == []
    (refused,) = await toys.ask(session, "{ me }")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert toys.db.calls == []


async def test_an_ended_session_gets_nothing_at_an_event_that_is_faster(toys: Toys, actors: Change) -> None:
    session = await toys.open("staff")
    async with toys.watching(session, ANY) as watched:
        actors("staff", None)
        await toys.change(ONE)
        await watched.end()
    assert (watched.answers, session.ended.result()) == ([], Ended.SESSION)


async def test_sessions_of_others_are_not_authenticated_by_an_event(toys: Toys, actors: Change) -> None:
    guest, staff = await toys.open(), await toys.open("staff")
    actors("staff", None)
    await toys.tell(SessionEnded.topic, UUID(int=8))
    await toys.tell(SessionEnded.topic, UUID(int=7))
    assert await end_of(staff) is Ended.SESSION
    assert not guest.ended.done()


async def test_sessions_are_authenticated_every_minute(
    toys: Toys, actors: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_sessions, "WAKE_INTERVAL", 0.01)
    monkeypatch.setattr(open_sessions, "INTERVAL", 0.0)
    session = await toys.open("staff")
    actors("staff", None)
    assert await end_of(session) is Ended.SESSION


async def test_the_events_of_sessions_are_received_while_there_are_any(toys: Toys) -> None:
    first, second = await toys.open(), await toys.open("staff")
    assert toys.hub.subscriptions == 1
    await first.close()
    assert toys.hub.subscriptions == 1
    await second.close()
    await wait_until(lambda: toys.hub.subscriptions == 0)
    third = await toys.open()
    assert toys.hub.subscriptions == 1
    await third.close()


async def test_a_session_that_is_refused_is_forgotten(toys: Toys) -> None:
    with pytest.raises(Unauthenticated):
        await toys.open("nobody")
    with pytest.raises(RequestRefused, match="no active company"):
        await toys.api.open_session(Credentials(company="elsewhere"), REQUEST)
    await wait_until(lambda: toys.hub.subscriptions == 0)


async def test_subscriptions_are_refused_where_answers_are_no_streams(toys: Toys, schema: Schema) -> None:
    answer = await toys.api.resolve(
        GraphQLRequest(CHANGED, variables={"id": str(ONE)}), toys.api.context(TOKENS["staff"], REQUEST)
    )
    assert (answer.status, answer.body["errors"][0]["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")
    assert "text/event-stream" in answer.body["errors"][0]["message"]
    assert "data" not in answer.body


async def test_over_plain_http_the_error_names_the_transports(client: httpx.AsyncClient) -> None:
    given = {"query": CHANGED, "variables": {"id": str(ONE)}}
    in_url = {"query": CHANGED, "variables": f'{{"id": "{ONE}"}}'}
    for response in (await client.post("/graphql", json=given), await client.get("/graphql", params=in_url)):
        (error,) = response.json()["errors"]
        assert (response.status_code, error["extensions"]["code"]) == (406, "NOT_ACCEPTABLE")
        assert "graphql-transport-ws" in error["message"]


async def test_a_mutation_in_a_url_is_refused(toys: Toys) -> None:
    session = await toys.open("staff")
    request = GraphQLRequest("mutation { thingSend { errors { code } } }", in_url=True)
    (answer,) = [answer async for answer in session.operations(request, None)]
    assert answer.status == 405
    assert toys.db.log == []
