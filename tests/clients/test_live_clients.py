"""Client libraries subscribe as they come: graphql-ws, graphql-sse, Apollo Client and urql."""

from typing import Any

import pytest

from gateway.graphql.core.schema import Schema
from tests.clients.libraries import subscriber
from tests.clients.protocols.sse import is_watched
from tests.clients.toolchain import Workspace
from tests.gateway.http.live.peers import live_shop
from tests.gateway.live.toys import CHANGED, ONE, TWO

pytestmark = pytest.mark.clients
LIBRARIES = ["graphql-ws", "apollo", "urql-ws", "graphql-sse", "urql-sse", "urql-fetch"]
INVALID = "subscription { nothing }"


def named(result: dict[str, Any]) -> str:
    """The name of the thing in a result."""
    return str(result["data"]["thingChanged"]["thing"]["name"])


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_library_gets_events_and_unsubscribes(library: str, schema: Schema, workspace: Workspace) -> None:
    async with live_shop(schema) as shop:
        url = f"http://127.0.0.1:{shop.served.port}/graphql"
        async with subscriber(workspace, library, url, CHANGED, id=str(ONE)) as client:
            await shop.until(lambda: is_watched(shop))
            await shop.toys.change(ONE, TWO)
            await shop.toys.change(ONE)
            results = [await client.next(), await client.next()]
            assert [named(each) for each in results] == ["Thing 1", "Thing 1"]
            await client.unsubscribe()
        await shop.until(lambda: not is_watched(shop))


@pytest.mark.parametrize("library", LIBRARIES)
async def test_a_library_reports_an_invalid_subscription(library: str, schema: Schema, workspace: Workspace) -> None:
    async with live_shop(schema) as shop:
        url = f"http://127.0.0.1:{shop.served.port}/graphql"
        async with subscriber(workspace, library, url, INVALID) as client:
            assert "Cannot query field" in str(await client.next())
