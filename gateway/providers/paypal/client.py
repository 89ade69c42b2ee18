"""PayPal's REST API over HTTP: authentication, time limits, and what becomes of answers and errors."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeAlias

import httpx2
import orjson
import structlog

from domains.kernel.clock import Clock
from domains.kernel.values.secret import Secret
from domains.payment.errors import ProviderCredentialsRefused
from gateway.providers.paypal.environments import Site
from gateway.providers.paypal.errors import PayPalTimeout, PayPalUnavailable
from gateway.providers.paypal.provider import NAME
from gateway.providers.paypal.tokens import AccessToken, AccessTokens

Json: TypeAlias = dict[str, Any]

ADVICE: Final = (
    "Compare `client_id`, `client_secret` and `environment` with the app in PayPal's developer dashboard, and enable "
    "the features that the app needs."
)
TIMEOUT: Final = httpx2.Timeout(8.0, connect=3.0, pool=3.0)
LIMITS: Final = httpx2.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=30.0)
MAX_ANSWER: Final = 4 * 1024 * 1024  # octets
ISSUE: Final = re.compile(r"[A-Z0-9_]{1,80}")
IN_PROGRESS: Final = frozenset({"ORDER_COMPLETION_IN_PROGRESS", "PREVIOUS_REQUEST_IN_PROGRESS"})
log = structlog.get_logger("gateway.paypal")


def open_http() -> httpx2.AsyncClient:
    """A client for all companies. Its library logs no addresses: some contain the token of a payment method."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    return httpx2.AsyncClient(timeout=TIMEOUT, limits=LIMITS, follow_redirects=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of PayPal: a success, or a refusal with its issues."""

    status: int
    body: Json = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether PayPal has carried out the request."""
        return 200 <= self.status < 300

    @property
    def issues(self) -> list[str]:
        """The codes of a refusal, the most exact one first."""
        details = self.body.get("details")
        given = [each.get("issue") for each in details if isinstance(each, dict)] if isinstance(details, list) else []
        given += [self.body.get("name"), self.body.get("error")]
        texts = [text.upper() for text in given if isinstance(text, str)]
        return [text for text in texts if ISSUE.fullmatch(text)] or [f"HTTP_{self.status}"]


@dataclass(frozen=True, slots=True)
class Account:
    """A company's app at PayPal."""

    site: Site
    client_id: str
    client_secret: Secret


@dataclass(slots=True)
class PayPalClient:
    """Sends requests with a company's access token; a token that PayPal no longer accepts is replaced once."""

    account: Account
    http: httpx2.AsyncClient = field(repr=False)
    tokens: AccessTokens = field(repr=False)
    clock: Clock = field(repr=False)

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request and return the answer. `key` identifies it, so that PayPal carries it out once.

        Raises PayPalTimeout or PayPalUnavailable without an answer, and ProviderCredentialsRefused.
        """
        token = await self.tokens.get(self._issue)
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {token.text.reveal()}", "Prefer": "return=representation"}
            if key is not None:
                headers["PayPal-Request-Id"] = key
            if body is not None:
                headers["Content-Type"] = "application/json"
            content = None if body is None else orjson.dumps(body)
            answer = await self._exchange(method, path, headers, content, query)
            if answer.status != 401 or is_last:
                break
            token = await self.tokens.get(self._issue, refused=token)
        return self._accepted(answer, method)

    async def _issue(self) -> AccessToken:
        """A new access token."""
        account, asked_at = self.account, self.clock.now()
        auth = httpx2.BasicAuth(account.client_id, account.client_secret.reveal())
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        content = b"grant_type=client_credentials"
        answer = await self._exchange("POST", "/v1/oauth2/token", headers, content, auth=auth)
        if answer.status in {400, 401, 403}:
            raise self._refused(answer)
        text, seconds = answer.body.get("access_token"), answer.body.get("expires_in")
        if not (answer.is_success and isinstance(text, str) and text and isinstance(seconds, int)):
            raise PayPalUnavailable(f"PayPal issued no access token (HTTP {answer.status}).")
        return AccessToken(Secret(text), asked_at + timedelta(seconds=min(seconds, 86_400)))

    async def _exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes | None,
        query: Mapping[str, str] | None = None,
        auth: httpx2.BasicAuth | None = None,
    ) -> Answer:
        url = f"{self.account.site.base_url}{path}"
        try:
            async with self.http.stream(
                method, url, headers=headers, content=content, params=query, auth=auth
            ) as response:
                received = await bounded(response, MAX_ANSWER)
        except httpx2.TimeoutException:
            raise PayPalTimeout("PayPal did not answer in time.") from None
        except httpx2.HTTPError as error:
            raise PayPalUnavailable(f"PayPal could not be reached: {type(error).__name__}.") from None
        return Answer(response.status_code, _parsed(response.status_code, received))

    def _accepted(self, answer: Answer, method: str) -> Answer:
        """The answer, if PayPal has decided about the request."""
        if answer.is_success:
            return answer
        issue, debug_id = answer.issues[0], answer.body.get("debug_id")
        log.info(
            "PayPal refused a request",
            method=method,
            status=answer.status,
            issue=issue,
            debug_id=debug_id if isinstance(debug_id, str) and debug_id.isalnum() else None,
        )
        if answer.status in {401, 403}:
            raise self._refused(answer)
        is_later = answer.status in {408, 409, 425, 429} or answer.status >= 500
        if is_later or answer.status < 400 or not IN_PROGRESS.isdisjoint(answer.issues):
            raise PayPalUnavailable(f"PayPal did not carry out the request: {issue} (HTTP {answer.status}).")
        return answer

    def _refused(self, answer: Answer) -> ProviderCredentialsRefused:
        environment = self.account.site.environment
        log.warning(
            "PayPal refused the credentials of a company",
            environment=environment.value,
            status=answer.status,
            issues=answer.issues,
        )
        return ProviderCredentialsRefused(NAME, f"Environment {environment}: {', '.join(answer.issues)}. {ADVICE}")


async def bounded(response: httpx2.Response, limit: int) -> bytes:
    """The body of a response. Raises PayPalUnavailable when it is longer than the limit."""
    received = bytearray()
    async for chunk in response.aiter_bytes():
        received += chunk
        if len(received) > limit:
            raise PayPalUnavailable("PayPal's answer is too long.")
    return bytes(received)


def _parsed(status: int, received: bytes) -> Json:
    """The object of a body. An error without one has an empty object, a success must have it."""
    if not received:
        return {}
    try:
        parsed = orjson.loads(received)
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, dict):
        return parsed
    if status < 400:
        raise PayPalUnavailable("PayPal's answer cannot be read.")
    return {}
