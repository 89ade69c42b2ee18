"""Root fields: permission first, problems converted, one transaction, loaders cleared."""

from typing import Any

import pytest

from tests.gateway.toy import RecordingDatabase

CHANGE = """
mutation ($name: String!) {
  thingChange(input: {name: $name}) {
    thing { name }
    errors {
      __typename code message path
      ... on TooManyError { available }
      ... on RateLimitedError { retryAfter }
    }
  }
}
"""


async def test_a_relation_of_many_parents_loads_once(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask("{ things(first: 4) { nodes { name maker { name } } } }")
    assert [node["maker"] and node["maker"]["name"] for node in answer["data"]["things"]["nodes"]] == [
        None,
        "Maker 1",
        "Maker 2",
        "Maker 0",
    ]
    assert db.loads == [("makers", 3)]


async def test_a_command_commits_and_shows_its_payload(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask(CHANGE, {"name": "fine"}, token="customer")
    assert answer["data"] == {"thingChange": {"thing": {"name": "Thing 0"}, "errors": []}}
    assert db.log == ["commit"]


async def test_a_refusal_of_the_domain_rolls_back_and_is_data(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask(CHANGE, {"name": "too many"}, token="customer")
    assert answer["data"]["thingChange"] == {
        "thing": None,
        "errors": [
            {
                "__typename": "TooManyError",
                "code": "INSUFFICIENT_STOCK",
                "message": "Only 2 are left.",
                "path": ["input", "quantity"],
                "available": 2,
            }
        ],
    }
    assert db.log == ["rollback"]


@pytest.mark.parametrize(
    ("name", "kind", "outcome"),
    [("counted", "GenericUserError", "commit"), ("later", "RateLimitedError", "rollback")],
)
async def test_each_error_has_its_type_and_outcome(
    ask: Any, db: RecordingDatabase, name: str, kind: str, outcome: str
) -> None:
    answer = await ask(CHANGE, {"name": name}, token="customer")
    assert [error["__typename"] for error in answer["data"]["thingChange"]["errors"]] == [kind]
    assert db.log == [outcome]


async def test_without_permission_nothing_runs(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask(CHANGE, {"name": "fine"})
    assert answer["data"] is None
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "UNAUTHENTICATED"}]
    assert db.log == []
