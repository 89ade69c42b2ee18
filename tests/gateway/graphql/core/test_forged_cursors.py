"""Cursors that a client has changed: every list answers with a page or refuses the cursor, never with a fault."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLEnumType, GraphQLField, GraphQLInputObjectType, get_named_type

from gateway.graphql.core.errors import FAULT
from gateway.graphql.core.schema import build_schema
from tests.gateway.graphql.core.test_nodes import Scene, scene

__all__ = ["scene"]
NUMBERS: list[Any] = [None, True, 1.5, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63), 2**63]
TEXTS: list[Any] = [
    None,
    "",
    "\x00",
    "NaN",
    "-1e99",
    "9" * 99,
    "0001-01-01T00:00:01+00:00",
    "9999-12-31T23:59:59-14:00",
    5,
    [],
]


def lists() -> dict[str, GraphQLField]:
    """The lists of the root that need no argument."""
    query = build_schema().graphql.query_type
    assert query is not None
    return {
        name: field
        for name, field in query.fields.items()
        if "after" in field.args and not any(str(each.type).endswith("!") for each in field.args.values())
    }


def orders_of(field: GraphQLField) -> Iterator[str]:
    """The argument of each order of a list; an empty text for a list with one order."""
    sort = field.args.get("sortBy")
    if sort is None:
        yield ""
        return
    kind = get_named_type(sort.type)
    assert isinstance(kind, GraphQLInputObjectType)
    fields = get_named_type(kind.fields["field"].type)
    assert isinstance(fields, GraphQLEnumType)
    for name in fields.values:
        yield from (f", sortBy: {{field: {name}, direction: {direction}}}" for direction in ("ASC", "DESC"))


def forgeries(cursor: str) -> Iterator[str]:
    """The cursor with each of its values replaced by others."""
    order, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    for place, value in enumerate(values):
        for other in NUMBERS if isinstance(value, int | float) else TEXTS:
            forged = [order, *values[:place], other, *values[place + 1 :]]
            yield base64.urlsafe_b64encode(json.dumps(forged).encode()).decode().rstrip("=")


async def test_no_forged_cursor_causes_a_fault(scene: Scene) -> None:
    tried: set[str] = set()
    faults: list[Any] = []
    for name, field in lists().items():
        for order in orders_of(field):
            page = await scene.site.ask(f"{{ {name}(first: 1{order}) {{ edges {{ cursor }} }} }}", scene.admin)
            if "errors" in page or not page["data"][name]["edges"]:
                continue
            tried.add(name)
            for cursor in forgeries(page["data"][name]["edges"][0]["cursor"]):
                document = f'{{ {name}(first: 1, after: "{cursor}"{order}) {{ edges {{ cursor }} }} }}'
                answer = await scene.site.ask(document, scene.admin)
                codes = {each["extensions"]["code"] for each in answer.get("errors", [])}
                if FAULT in codes:
                    faults.append((name, order, base64.urlsafe_b64decode(cursor + "===")))
    assert faults == []
    assert {"categories", "orders", "products", "promotions", "reviews", "roles", "users"} <= tried
