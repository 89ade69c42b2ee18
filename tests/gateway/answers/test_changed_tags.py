"""What each event removes is enough and needed: a change of its own, of which no other event tells."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from domains.kernel.ids import new_id
from gateway.answers import changed_tags
from gateway.answers.changed_tags import CHANGES, shows_settings
from gateway.services import domains_of
from tests.domains.actors import super_administrator
from tests.gateway.answers.questions import SINGLE, Questions, answers_of
from tests.gateway.answers.shops import Server
from tests.gateway.answers.single_changes import SINGLE_CHANGES, Change, Shown

NEW_COMPANY = "company.created"


def less_than(topic: str) -> Iterator[dict[Any, Any]]:
    """The tags of an event without one kind each, or without the single objects of a kind."""
    kinds = CHANGES.get(topic)
    if kinds is None:
        yield {}
        return
    for kind, ids in kinds.items():
        yield {other: kinds[other] for other in kinds if other is not kind}
        if ids is not changed_tags._any:
            yield {**kinds, kind: changed_tags._any}


def test_each_event_that_changes_answers_has_a_change() -> None:
    declared = (event.topic for domain in domains_of().values() for event in domain.events)
    settings = {topic for topic in declared if shows_settings(topic)}
    assert {topic for topic, _ in SINGLE_CHANGES} == {*CHANGES, *settings} - {NEW_COMPANY}


@pytest.mark.parametrize(
    ("topic", "change"), SINGLE_CHANGES, ids=[f"{topic}-{change.__name__}" for topic, change in SINGLE_CHANGES]
)
async def test_a_change_is_seen_everywhere_and_only_by_all_tags_of_its_event(
    servers: list[Server],
    shown: Shown,
    asked: Questions,
    monkeypatch: pytest.MonkeyPatch,
    pool: Any,
    relay_pool: Any,
    topic: str,
    change: Change,
) -> None:
    here, there = servers
    company, clock, less = shown.shop.company_id, shown.shop.clock, list(less_than(topic))
    blind = [Server(pool, relay_pool, company, clock) for _ in less]
    changing = change(shown)
    await anext(changing)
    for server in (here, there, *blind):
        await server.changes.read()
        await answers_of(server, asked, () if server in servers else SINGLE)
    await anext(changing, None)
    expected = await answers_of(Server(pool, relay_pool, company, clock), asked)
    await there.changes.read()
    assert await answers_of(here, asked) == expected
    assert await answers_of(there, asked) == expected
    for server, kinds in zip(blind, less, strict=True):
        with monkeypatch.context() as patch:
            patch.setattr(changed_tags, "CHANGES", {**CHANGES, topic: kinds})
            await server.changes.read()
        assert await answers_of(server, asked, SINGLE) != {name: expected[name] for name in SINGLE}, kinds


async def test_a_company_is_found_where_it_was_asked_for_before_it_was_there(
    servers: list[Server], shown: Shown
) -> None:
    slug, root = f"shop-{new_id().hex}", super_administrator(shown.shop.company_id)
    for server in servers:
        await server.changes.read()
        server.site.headers["x-company"] = slug
        assert (await server.site.post("{ shop { name } }")).status_code != httpx.codes.OK
    create = shown.services.company.create_company
    await shown.shop.database.run(
        lambda tx: create(tx, root, slug=slug, changes={"name": "New"}), root, platform=True
    )
    await servers[1].changes.read()
    for server in servers:
        assert (await server.site.post("{ shop { name } }")).json()["data"] == {"shop": {"name": "New"}}
