"""Root fields: permission first, errors converted, one transaction, loaders cleared."""

from typing import Any

import pytest

from tests.gateway.toy_shop import THINGS, RecordingDatabase

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


async def test_a_relation_of_many_parents_is_loaded_once(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask("{ things(first: 4) { nodes { name maker { name } } } }")
    assert [node["maker"] and node["maker"]["name"] for node in answer["data"]["things"]["nodes"]] == [
        None,
        "Maker 1",
        "Maker 2",
        "Maker 0",
    ]
    assert db.loads == [("makers", 3)]


async def test_a_command_commits_and_returns_its_payload(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask(CHANGE, {"name": "fine"}, token="customer")
    assert answer["data"] == {"thingChange": {"thing": {"name": "Thing 1"}, "errors": []}}
    assert db.log == ["commit"]


async def test_a_domain_error_rolls_back_and_is_returned_in_the_payload(ask: Any, db: RecordingDatabase) -> None:
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
async def test_each_error_has_its_graphql_type_and_transaction_outcome(
    ask: Any, db: RecordingDatabase, name: str, kind: str, outcome: str
) -> None:
    answer = await ask(CHANGE, {"name": name}, token="customer")
    assert [error["__typename"] for error in answer["data"]["thingChange"]["errors"]] == [kind]
    assert db.log == [outcome]


async def test_without_permission_nothing_is_executed(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask(CHANGE, {"name": "fine"})
    assert answer["data"] == {"thingChange": None}
    assert [error["extensions"] for error in answer["errors"]] == [{"code": "UNAUTHENTICATED"}]
    assert db.log == []


async def test_pages_of_many_parents_are_loaded_once(ask: Any, db: RecordingDatabase) -> None:
    page = "thingPage(first: $n) { totalCount nodes { name } }"
    answer = await ask(f"query ($n: Int) {{ things(first: 4) {{ nodes {{ maker {{ {page} }} }} }} }}", {"n": 1})
    makers = [node["maker"] for node in answer["data"]["things"]["nodes"] if node["maker"]]
    assert [maker["thingPage"]["totalCount"] for maker in makers] == [11, 10, 11]
    firsts = [[node["name"] for node in maker["thingPage"]["nodes"]] for maker in makers]
    assert firsts == [["Thing 1"], ["Thing 2"], ["Thing 3"]]
    assert db.loads == [("makers", 3), ("pages", 3)]


async def test_a_nested_page_above_the_limit_fails_alone(ask: Any, db: RecordingDatabase) -> None:
    page = "thingPage(first: 101) { totalCount }"
    answer = await ask(f'{{ thing(id: "{THINGS[1].id}") {{ name maker {{ name {page} }} }} }}')
    assert answer["data"]["thing"] == {"name": "Thing 1", "maker": None}
    assert answer["errors"][0]["extensions"] == {"code": "OUT_OF_RANGE", "input": ["first"]}
    assert db.loads == [("makers", 1)]


async def test_objects_loaded_at_a_higher_level_are_not_loaded_again(ask: Any, db: RecordingDatabase) -> None:
    await ask("{ things(first: 4) { nodes { maker { things { maker { name } } } } } }")
    assert db.loads == [("makers", 3), ("things", 3)]


async def test_two_relations_with_one_loader_share_a_statement(ask: Any, db: RecordingDatabase) -> None:
    answer = await ask("{ things(first: 2) { nodes { a: maker { id } b: maker { name } } } }")
    assert answer["data"]["things"]["nodes"][1]["b"] == {"name": "Maker 1"}
    assert db.loads == [("makers", 1)]


async def test_a_write_clears_the_loaders(ask: Any, db: RecordingDatabase) -> None:
    change = 'thingChange(input: {name: "x"}) { thing { maker { name } } errors { code } }'
    await ask(f"mutation {{ a: {change} b: {change} }}", token="customer")
    assert db.loads == [("makers", 1), ("makers", 1)]
