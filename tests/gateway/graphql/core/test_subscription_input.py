"""Subscriptions with invalid values, and with ids of another company: refused before any event, without a fault."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import pytest

from gateway.api import GraphQLRequest
from gateway.graphql.core.context import RequestMetadata
from gateway.graphql.core.schema import build_schema
from gateway.graphql.engine.shared import Answer
from tests.gateway.graphql.core.test_bad_input import NEVER, ODD, leaves
from tests.gateway.graphql.core.test_tenants import named, variables
from tests.gateway.sample_shop import create_objects, user_tokens
from tests.gateway.schema_operations import Operation, emptied, replaced, subscriptions
from tests.gateway.site import Site

SUBSCRIPTIONS = subscriptions(build_schema().graphql)
REQUEST = RequestMetadata("request-1", "192.0.2.1", "tests")


@pytest.fixture
async def shop(make_site: Callable[..., Site]) -> tuple[Site, str, dict[str, str]]:
    """A sample shop and the token of its administrator."""
    site = make_site()
    admin, customer = await user_tokens(site)
    return site, admin, await create_objects(site, admin, customer)


async def refusal(site: Site, token: str, operation: Operation, given: dict[str, Any]) -> Answer | None:
    """The answer that refuses a subscription; None when it is admitted."""
    actor = await site.auth.sessions.authenticate(site.database, token, site.company_id)
    request = GraphQLRequest(operation.text, variables=given)
    started = await site.api.start(request, site.api.context(actor, REQUEST), None, nullcontext())
    return started if isinstance(started, Answer) else None


def codes(answer: Answer) -> set[str]:
    assert "data" not in answer.body
    return {error["extensions"]["code"] for error in answer.body["errors"]}


def are_placed(operation: Operation, answer: Answer) -> bool:
    """Whether each error that names an input names an argument of the field, or a field in one."""
    paths = [path for path, _ in operation.paths()]
    named = [error["extensions"].get("input", []) for error in answer.body["errors"]]
    steps = [tuple(step for step in path if not step.isdecimal()) for path in named]
    return all(any(path[: len(step)] == step for path in paths) for step in steps)


async def test_a_value_of_the_wrong_type_is_refused(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, token, ids = shop
    tried = 0
    for operation in SUBSCRIPTIONS:
        for path, value in leaves(operation, NEVER):
            answer = await refusal(
                site, token, operation, replaced(variables(operation, ids), path, operation.field, value)
            )
            assert answer is not None, (operation.name, path, value)
            assert codes(answer) <= {"BAD_USER_INPUT", "BAD_REQUEST"}, (operation.name, path, value, answer)
            tried += 1
    assert tried > 30


async def test_a_valid_but_unusual_value_causes_no_fault(shop: tuple[Site, str, dict[str, str]]) -> None:
    site, token, ids = shop
    tried = 0
    for operation in SUBSCRIPTIONS:
        odd = [
            replaced(variables(operation, ids), path, operation.field, value)
            for path, value in leaves(operation, ODD)
        ]
        odd += [emptied(variables(operation, ids), path, operation.field) for path in operation.lists()]
        for given in odd:
            answer = await refusal(site, token, operation, given)
            assert answer is None or "INTERNAL_ERROR" not in codes(answer), (operation.name, given, answer)
            assert answer is None or are_placed(operation, answer), (operation.name, given, answer)
            tried += 1
    assert tried > 30


async def test_objects_of_another_company_do_not_exist(
    make_site: Callable[..., Site], company: UUID, other_company: UUID
) -> None:
    victim, intruder = make_site(company), make_site(other_company)
    theirs = await create_objects(victim, *await user_tokens(victim))
    admin, customer = await user_tokens(intruder)
    own = await create_objects(intruder, admin, customer)
    refused = {}
    for operation in SUBSCRIPTIONS:
        assert await refusal(intruder, admin, operation, variables(operation, own)) is None, operation.name
        for path, kind in named(operation):
            attack = replaced(variables(operation, own), path, operation.field, theirs[kind])
            answer = await refusal(intruder, admin, operation, attack)
            if answer is not None:
                assert are_placed(operation, answer), (operation.name, answer)
                refused[operation.name] = codes(answer)
    assert refused == {
        "orderPresence": {"NOT_FOUND"},
        "orderStatusChanged": {"NOT_FOUND"},
        "productChanged": {"NOT_FOUND"},
        "productPresence": {"NOT_FOUND"},
        "stockChanged": {"NOT_FOUND"},
    }
