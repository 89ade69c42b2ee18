"""A client of the GraphQL API that tells apart what was answered, refused, never sent, and of unknown outcome."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import httpx

CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 70.0  # longer than a server takes for a request
INSIST_SECONDS: Final = 150.0  # longer than the lease of a request whose server was killed
PAUSE: Final = 0.1
# Refusals of a request that may succeed later: nothing was done, and the same request can be sent again.
TRANSIENT: Final = frozenset({"BUSY", "REQUEST_IN_PROGRESS", "RATE_LIMITED"})


@dataclass(frozen=True, slots=True)
class Answered:
    """The request took effect; `payload` is that of its mutation, without errors."""

    payload: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The request had no effect, for a reason with a code."""

    code: str
    message: str

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.code in TRANSIENT


@dataclass(frozen=True, slots=True)
class Unsent:
    """No server was reached: the request has no effect."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The connection was lost, or the server failed: the request may have had its effect, or may still have it."""

    reason: str


Outcome: TypeAlias = Answered | Refused | Unsent | Unknown


@dataclass(slots=True)
class Client:
    """Sends operations from one network address, with or without a user's token.

    `urls` are the servers: each request goes to the first of them that accepts a connection, beginning with the
    `first`.
    """

    http: httpx.AsyncClient
    urls: Sequence[str]
    address: str = "192.0.2.1"
    token: str | None = None
    first: int = 0
    faults: list[str] = field(default_factory=list)
    """The answers with a status of 500 and above, or an internal error; a server that is killed gives none."""
    lost: list[str] = field(default_factory=list)
    """The failures of connections after a request was sent."""

    async def send(self, document: str, variables: Mapping[str, Any]) -> Outcome:
        """Send an operation with one field, whose payload has errors, once."""
        outcome: Outcome = Unsent("no server")
        for number in range(len(self.urls)):
            url = self.urls[(self.first + number) % len(self.urls)]
            outcome = await self._send(url, document, variables)
            if not isinstance(outcome, Unsent):
                break
        return outcome

    async def mutate(self, document: str, **given: Any) -> Outcome:
        """Send a mutation with an `input` once."""
        return await self.send(document, {"input": given})

    async def insist(self, document: str, *, seconds: float = INSIST_SECONDS, **given: Any) -> Answered | Refused:
        """Send a mutation with an idempotency key until it is answered or refused for good. Raises TimeoutError."""
        assert "idempotencyKey" in given, "only a request with a key can be repeated"
        deadline = time.monotonic() + seconds
        while True:
            outcome = await self.mutate(document, **given)
            if isinstance(outcome, Answered) or (isinstance(outcome, Refused) and not outcome.is_transient):
                return outcome
            if time.monotonic() > deadline:
                raise TimeoutError(f"No answer within {seconds} s; the last outcome was {outcome}.")
            await asyncio.sleep(PAUSE)

    async def done(self, document: str, **variables: Any) -> Any:
        """The payload of an operation that must succeed at once."""
        outcome = await self.send(document, variables)
        assert isinstance(outcome, Answered), outcome
        return outcome.payload

    async def _send(self, url: str, document: str, variables: Mapping[str, Any]) -> Outcome:
        headers = {"x-forwarded-for": self.address}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        body = {"query": document, "variables": variables}
        try:
            response = await self.http.post(f"{url}/graphql", json=body, headers=headers)
        except httpx.ConnectError as error:
            return Unsent(repr(error))
        except httpx.TransportError as error:
            self.lost.append(repr(error))
            return Unknown(repr(error))
        return self._outcome_of(response)

    def _outcome_of(self, response: httpx.Response) -> Outcome:
        answer = response.json()
        if response.is_server_error or "errors" in answer:
            assert response.status_code == 200 or response.is_server_error, response.text
            codes = [error["extensions"]["code"] for error in answer["errors"]]
            assert response.is_server_error or codes == ["INTERNAL_ERROR"], response.text
            self.faults.append(response.text)
            return Unknown(response.text)
        (payload,) = answer["data"].values()
        if isinstance(payload, Mapping) and payload.get("errors"):
            error = payload["errors"][0]
            return Refused(error["code"], error["message"])
        return Answered(payload)


def http_client() -> httpx.AsyncClient:
    """Connections without a limit on their number."""
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.AsyncClient(timeout=timeout, limits=limits)
