"""One idempotency key: one execution and one response, after any failure and repetition."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, cast
from uuid import UUID

import pytest

from domains.kernel.actor import Actor
from domains.kernel.clock import SystemClock
from domains.kernel.idempotency.outcomes import Outcome
from domains.kernel.values.secret import Secret
from gateway.graphql.core.fields import PUBLIC, command
from gateway.graphql.core.idempotency import digest_of
from gateway.graphql.core.schema import build_schema
from gateway.infra.postgres import RELAY_ROLE, open_pool
from gateway.messaging.cleanup import delete_delivered
from tests.domains.actors import administrator
from tests.gateway.graphql.core.idempotent_mutations import EXECUTIONS, NAMES, Executions, KeyedMutation, ShelfInput
from tests.gateway.site import Site
from tests.gateway.toy_shop import ThingChangePayload, ToyQuery

BOTH = pytest.mark.parametrize("mutation", ["shelfAdd", "shelfOrder"])
SHELF = """mutation ($input: ShelfInput!) { shelf: %s(input: $input) { id tries errors { code message path
  ... on TooDearError { cost { amount currency } shelves } ... on RateLimitedError { retryAfter } } } }"""
SCHEMA = build_schema([ToyQuery], [KeyedMutation])


class Shop:
    """Sends the mutations as one customer, and counts the shelves."""

    def __init__(self, site: Site, owner: Any) -> None:
        self.site = site
        self.owner, self.company = owner, site.company_id
        self.customer = administrator(self.company)

    async def send(self, mutation: str, name: str = "teas", key: str | None = "k-1", **more: Any) -> Any:
        """The whole answer."""
        actor = more.pop("actor", self.customer)
        return await self.site.ask(SHELF % mutation, actor, input={"name": name, "idempotencyKey": key, **more})

    async def shelf(self, mutation: str, name: str = "teas", key: str | None = "k-1", **more: Any) -> Any:
        """The payload of an answer that has no top-level errors."""
        answer = await self.send(mutation, name, key, **more)
        assert "errors" not in answer, answer
        return answer["data"]["shelf"]

    async def shelves(self) -> list[str]:
        return [row["name"] for row in await self.owner.fetch(NAMES, self.company)]

    async def keys(self) -> list[Any]:
        sql = "select id, operation, actor_key, outcome from idempotency_keys where company_id = $1 order by id"
        return list(await self.owner.fetch(sql, self.company))

    async def expire(self) -> None:
        """A day goes by for the keys."""
        await self.owner.execute("update idempotency_keys set expires_at = now() where company_id = $1", self.company)

    async def end_lease(self) -> None:
        """End the leases of all attempts."""
        long_ago = "update idempotency_keys set claimed_at = now() - interval '1 hour' where company_id = $1"
        await self.owner.execute(long_ago, self.company)


@pytest.fixture
def executions() -> Iterator[Executions]:
    EXECUTIONS.__init__()  # type: ignore[misc] # as new
    yield EXECUTIONS
    EXECUTIONS.__init__()  # type: ignore[misc] # as new


@pytest.fixture
def shop(make_site: Callable[..., Site], owner: Any, executions: Executions) -> Shop:
    return Shop(make_site(schema=SCHEMA), owner)


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


@BOTH
async def test_a_repeated_key_is_executed_once_and_gets_the_same_response(
    shop: Shop, executions: Executions, mutation: str
) -> None:
    first = await shop.shelf(mutation)
    assert (first["tries"], first["errors"]) == (1, [])
    assert [await shop.shelf(mutation) for _ in range(3)] == [first] * 3
    assert executions.runs == 1
    assert await shop.shelves() == ["teas"]


@BOTH
async def test_twenty_parallel_requests_with_one_key_are_executed_once(
    shop: Shop, executions: Executions, mutation: str
) -> None:
    answers = await asyncio.gather(*(shop.shelf(mutation) for _ in range(20)))
    assert answers == [answers[0]] * 20
    assert answers[0]["errors"] == []
    assert executions.runs == 1
    assert await shop.shelves() == ["teas"]


@BOTH
async def test_twenty_parallel_refusals_with_one_key_are_one(
    shop: Shop, executions: Executions, mutation: str
) -> None:
    answers = await asyncio.gather(*(shop.shelf(mutation, "dear") for _ in range(20)))
    assert answers == [answers[0]] * 20
    assert codes(answers[0]) == ["TOO_DEAR"]
    runs = executions.runs
    assert await shop.shelf(mutation, "dear") == answers[0]
    assert (executions.runs, len(await shop.keys())) == (runs, 1)


@BOTH
async def test_another_request_with_a_used_key_is_refused(shop: Shop, executions: Executions, mutation: str) -> None:
    first = await shop.shelf(mutation)
    refused = await shop.shelf(mutation, "coffees")
    assert (codes(refused), refused["errors"][0]["path"]) == (["IDEMPOTENCY_KEY_REUSED"], ["input", "idempotencyKey"])
    assert await shop.shelf(mutation) == first
    assert executions.runs == 1
    assert await shop.shelves() == ["teas"]


@BOTH
async def test_without_a_key_every_request_is_executed(shop: Shop, executions: Executions, mutation: str) -> None:
    await shop.shelf(mutation, key=None)
    await shop.shelf(mutation, key=None)
    assert executions.runs == 2
    assert await shop.shelves() == ["teas", "teas"]
    assert await shop.keys() == []


@BOTH
async def test_a_refusal_is_repeated_with_all_its_data(shop: Shop, executions: Executions, mutation: str) -> None:
    first = await shop.shelf(mutation, "dear")
    (error,) = first["errors"]
    assert (error["code"], error["cost"]) == ("TOO_DEAR", {"amount": "19.90", "currency": "EUR"})
    assert len(error["shelves"]) == 1
    assert await shop.shelf(mutation, "dear") == first
    assert executions.runs == 1


async def test_a_stored_error_with_a_former_code_is_repeated_as_invalid(shop: Shop, executions: Executions) -> None:
    """Outcomes of the version that had the code ALREADY_EXISTS are returned until their key expires."""
    first = await shop.shelf("shelfAdd", "dear")
    code = """update idempotency_keys set outcome = jsonb_set(outcome, '{errors,0}', outcome #> '{errors,0}' ||
      '{"type": "GenericUserError", "code": "ALREADY_EXISTS", "data": {}}') where company_id = $1"""
    assert await shop.owner.execute(code, shop.company) == "UPDATE 1"
    repeated = await shop.shelf("shelfAdd", "dear")
    message = first["errors"][0]["message"]
    assert repeated["errors"] == [{"code": "INVALID", "message": message, "path": first["errors"][0]["path"]}]
    assert executions.runs == 1


async def test_a_refused_command_stores_only_its_response(shop: Shop) -> None:
    await shop.shelf("shelfAdd", "dear")
    assert await shop.shelves() == []
    assert len(await shop.keys()) == 1


@BOTH
async def test_an_error_that_commits_stores_its_rows_and_its_response(
    shop: Shop, executions: Executions, mutation: str
) -> None:
    first = await shop.shelf(mutation, "noted")
    assert first["errors"] == [{"code": "NOTED", "message": "That is noted.", "path": None}]
    assert await shop.shelf(mutation, "noted") == first
    assert executions.runs == 1
    assert await shop.shelves() == ["noted" if mutation == "shelfAdd" else "noted ordered"]


@pytest.mark.parametrize("when", ["before", "within"])
async def test_a_workflow_refused_before_its_first_commit_stores_only_its_response(
    shop: Shop, executions: Executions, when: str
) -> None:
    answers = await asyncio.gather(*(shop.shelf("shelfOrder", when) for _ in range(20)))
    assert answers == [answers[0]] * 20
    assert codes(answers[0]) == ["TOO_DEAR"]
    runs = executions.runs
    assert await shop.shelf("shelfOrder", when) == answers[0]
    assert executions.runs == runs
    assert (await shop.shelves(), len(await shop.keys())) == ([], 1)


async def test_a_payload_with_its_own_errors_is_repeated_completely(shop: Shop, executions: Executions) -> None:
    first = await shop.shelf("shelfAdd", "partly")
    assert codes(first) == ["TOO_DEAR"]
    assert await shop.shelf("shelfAdd", "partly") == first
    assert (executions.runs, await shop.shelves()) == (1, ["partly"])


@BOTH
@pytest.mark.parametrize("name", ["busy", "denied", "later"])
async def test_a_refusal_before_admission_does_not_use_up_the_key(
    shop: Shop, executions: Executions, mutation: str, name: str
) -> None:
    first = await shop.send(mutation, name)
    again = await shop.send(mutation, name)
    assert executions.runs == 2
    for answer in (first, again):
        if name == "later":
            assert answer["data"]["shelf"]["errors"][0]["retryAfter"] == 7
        elif name == "busy":
            assert codes(answer["data"]["shelf"]) == ["BUSY"]
        else:
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert [key["outcome"] for key in await shop.keys()] == ([] if mutation == "shelfAdd" else [None])


async def test_a_failed_command_stores_nothing_and_runs_again(shop: Shop, executions: Executions) -> None:
    executions.faults.append(ValueError("broken"))
    answer = await shop.send("shelfAdd")
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert (await shop.shelves(), await shop.keys()) == ([], [])
    assert (await shop.shelf("shelfAdd"))["tries"] == 2
    assert await shop.shelves() == ["teas"]


async def test_a_failed_workflow_resumes_where_it_stopped(shop: Shop, executions: Executions) -> None:
    executions.faults.append(ValueError("broken"))
    answer = await shop.send("shelfOrder")
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert await shop.shelves() == ["teas ordered"]
    payload = await shop.shelf("shelfOrder")
    assert payload["errors"] == []
    assert executions.attempts == [UUID(payload["id"])] * 2
    assert await shop.shelves() == ["teas"]


async def test_a_workflow_of_a_dead_process_is_resumed_after_its_lease(
    shop: Shop, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domains.kernel.idempotency.keys.release", nothing)
    monkeypatch.setattr("domains.kernel.idempotency.execution.POLL_INTERVALS", (0.0,))
    executions.faults.append(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        await shop.send("shelfOrder")
    payload = await shop.shelf("shelfOrder")
    assert (codes(payload), payload["errors"][0]["path"]) == (["REQUEST_IN_PROGRESS"], ["input", "idempotencyKey"])
    assert executions.runs == 1
    await shop.end_lease()
    answers = await asyncio.gather(*(shop.shelf("shelfOrder") for _ in range(5)))
    assert answers == [answers[0]] * 5
    assert (executions.runs, len(set(executions.attempts))) == (2, 1)
    assert await shop.shelves() == ["teas"]


async def nothing(*_: Any) -> None:
    """The work of a dead process."""


async def test_a_workflow_completed_by_another_request_returns_its_response(
    shop: Shop, executions: Executions, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await shop.shelf("shelfOrder")
    await shop.owner.execute("update idempotency_keys set outcome = null where company_id = $1", shop.company)
    await shop.end_lease()

    async def finished_by_others(tx: Any, claim_id: UUID, outcome: Outcome) -> bool:
        theirs = Outcome({**outcome.values, "tries": 1}).to_json()
        await shop.owner.execute("update idempotency_keys set outcome = $2 where id = $1", claim_id, theirs)
        return False

    monkeypatch.setattr("domains.kernel.idempotency.keys.store_outcome", finished_by_others)
    assert await shop.shelf("shelfOrder") == first
    assert executions.runs == 2


@BOTH
async def test_an_expired_key_is_a_new_one(shop: Shop, executions: Executions, mutation: str) -> None:
    first = await shop.shelf(mutation)
    await shop.expire()
    again = await shop.shelf(mutation, "coffees")
    assert again["errors"] == []
    assert again["id"] != first["id"]
    assert await shop.shelves() == ["coffees", "teas"]
    assert len(await shop.keys()) == 1


async def test_expired_keys_are_deleted(shop: Shop, admin_url: str) -> None:
    await shop.shelf("shelfAdd")
    await shop.expire()
    await shop.shelf("shelfAdd", key="k-2")
    relay = await open_pool(admin_url, role=RELAY_ROLE, size=1)
    try:
        await delete_delivered(relay, SystemClock())
    finally:
        await relay.close()
    assert len(await shop.keys()) == 1


async def test_a_key_belongs_to_its_user_company_and_operation(
    shop: Shop, executions: Executions, other_company: UUID
) -> None:
    answers = [
        await shop.shelf("shelfAdd"),
        await shop.shelf("shelfOrder"),
        await shop.shelf("shelfAdd", actor=administrator(shop.company)),
        await shop.shelf("shelfAdd", actor=Actor.anonymous(shop.company)),
        await shop.shelf("shelfAdd", actor=administrator(other_company)),
    ]
    assert [answer["errors"] for answer in answers] == [[]] * 5
    assert len({answer["id"] for answer in answers}) == 5
    assert executions.runs == 5


async def test_a_guests_key_belongs_to_their_token_which_is_not_stored(shop: Shop, executions: Executions) -> None:
    guest = Actor.anonymous(shop.company)
    tokens = ["a-token-of-a-guest", "the-token-of-another"]
    first, second = [await shop.shelf("shelfAdd", actor=guest, cartToken=token) for token in tokens]
    assert first["id"] != second["id"]
    assert await shop.shelf("shelfAdd", actor=guest, cartToken=tokens[0]) == first
    assert executions.runs == 2
    assert [key["actor_key"][:6] for key in await shop.keys()] == ["guest:", "guest:"]
    kept = str([tuple(key.values()) for key in await shop.keys()])
    assert [token for token in tokens if token in kept] == []


async def test_a_guests_token_may_be_in_the_header(shop: Shop, executions: Executions) -> None:
    guest = Actor.anonymous(shop.company)
    anonymous = await shop.shelf("shelfAdd", actor=guest)
    shop.site.cart_token = "a" * 43
    first = await shop.shelf("shelfAdd", actor=guest)
    assert first["id"] != anonymous["id"]
    assert await shop.shelf("shelfAdd", actor=guest) == first
    assert executions.runs == 2
    assert [key["actor_key"].split(":")[0] for key in await shop.keys()] == ["ip", "guest"]


@BOTH
@pytest.mark.parametrize(
    ("key", "code"),
    [("", "REQUIRED"), ("  ", "REQUIRED"), ("k" * 201, "TOO_LONG")],
)
async def test_an_invalid_key_is_refused(
    shop: Shop, executions: Executions, mutation: str, key: str, code: str
) -> None:
    payload = await shop.shelf(mutation, key=key)
    assert (codes(payload), payload["errors"][0]["path"]) == ([code], ["input", "idempotencyKey"])
    assert executions.runs == 0


async def test_a_key_adds_two_statements_and_a_repeated_response_executes_two(shop: Shop) -> None:
    await shop.shelf("shelfAdd", key=None)
    plain = shop.site.count.data
    await shop.shelf("shelfAdd")
    assert shop.site.count.data == plain + 2
    await shop.shelf("shelfAdd")
    assert shop.site.count.data == 2


def test_a_mutation_without_a_repeatable_response_cannot_be_idempotent() -> None:
    async def thing_change(self: Any, info: Any, tx: Any, input: Any) -> ThingChangePayload:
        """Change a thing."""
        return ThingChangePayload()

    with pytest.raises(TypeError, match="thing_change needs outcome"):
        command(PUBLIC, idempotent=True)(thing_change)


def test_a_digest_covers_everything_but_the_key_and_only_the_hint_of_a_secret() -> None:
    plain = digest_of(ShelfInput(name="a", idempotency_key="1"))
    assert digest_of(ShelfInput(name="a", idempotency_key="2")) == plain
    assert digest_of(ShelfInput(name="b", idempotency_key="1")) != plain
    assert digest_of(ShelfInput(name="a", cart_token="t")) != plain
    cards = [digest_of(ShelfInput(name=cast("str", Secret(n)))) for n in ("4242 4242 4242 4242", "5105105105104242")]
    assert cards[0] == cards[1]
