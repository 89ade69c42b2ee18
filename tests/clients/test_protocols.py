"""The rules of the documents of GraphQL over WebSocket and over SSE, each against a real server."""

import subprocess
from typing import Any

import orjson
import pytest

from gateway.graphql.core.schema import Schema
from tests.clients.protocols import operations, sse
from tests.clients.protocols.rules import Rule
from tests.clients.toolchain import Workspace
from tests.gateway.http.live.peers import Peer, live_shop

pytestmark = pytest.mark.clients


@pytest.mark.parametrize("rule", operations.RULES, ids=str)
async def test_graphql_over_websocket(
    rule: Rule, schema: Schema, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = recorded(monkeypatch)
    async with live_shop(schema, rule.settings) as shop:
        await rule.conversation(shop)
    assert refusal_of(workspace, messages) == ""


@pytest.mark.parametrize("rule", sse.RULES, ids=str)
async def test_graphql_over_sse(rule: Rule, schema: Schema) -> None:
    async with live_shop(schema) as shop:
        await rule.conversation(shop)
        assert await shop.emptied()


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All messages that the server will have sent."""
    messages: list[Any] = []
    receive = Peer.receive

    async def recording(peer: Peer) -> Any:
        messages.append(await receive(peer))
        return messages[-1]

    monkeypatch.setattr(Peer, "receive", recording)
    return messages


def refusal_of(workspace: Workspace, messages: list[Any]) -> str:
    """Why graphql-ws does not accept the messages of the server; empty when it accepts all."""
    lines = b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in messages)
    command = [workspace.node.node, "validate_messages.mjs"]
    done = subprocess.run(command, cwd=workspace.folder, input=lines, capture_output=True, timeout=60, check=False)
    return done.stderr.decode()


def test_a_message_that_the_document_does_not_have_is_noticed(workspace: Workspace) -> None:
    assert refusal_of(workspace, [{"type": "pong"}, {"type": "next", "id": "1"}]).endswith(
        '{"type":"next","id":"1"}\n'
    )
