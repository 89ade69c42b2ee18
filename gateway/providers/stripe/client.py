"""The client of Stripe's API: shared connections, bounded waiting, errors without secrets, silent logs."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx2
import stripe
import structlog
from stripe import StripeClient, _util

from domains.kernel.values.secret import Secret
from domains.payment.errors import ProviderCredentialsRefused
from gateway.providers.stripe.errors import KeyReused, Refused
from gateway.providers.stripe.provider import NAME

LOG: Final = structlog.get_logger(__name__)
ADVICE: Final = (
    "Copy the secret key from Stripe's dashboard (Developers, API keys) into the payment settings. A restricted key "
    "must have the permissions that the setting `secret_key` names."
)
CONNECT_TIMEOUT: Final = 3.0  # seconds
ANSWER_TIMEOUT: Final = 10.0  # seconds of a whole request, below those that the payment domain waits for all of them
# Another request with the same idempotency key, or about the same object, is being carried out.
LOCKED: Final = b'"lock_timeout"'
PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.6)  # seconds until a locked request is repeated
CONFLICT: Final = 409
TOO_MANY: Final = 429


class _Silence(logging.Filter):
    """Drops what libraries log below warnings: addresses with tokens in them, and whole bodies."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


for _name in ("stripe", "httpx2"):
    logging.getLogger(_name).addFilter(_Silence())
stripe.enable_telemetry = False
_util.STRIPE_LOG = None  # the environment's STRIPE_LOG would print bodies, client secrets included


class SharedHttpClient(stripe.HTTPClient):
    """The HTTP client of all accounts, over httpx2: Stripe's library has one for httpx only."""

    name = "httpx2"

    def __init__(self) -> None:
        super().__init__()
        self._client = httpx2.AsyncClient(timeout=httpx2.Timeout(ANSWER_TIMEOUT, connect=CONNECT_TIMEOUT))

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """The answer to a request. Raises TimeoutError or ConnectionError when there is none.

        A request that meets a lock is repeated; Stripe has not begun it.
        """
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                response = await self._send(method, url, headers, post_data)
                for pause in PAUSES:
                    if not _is_locked(response):
                        break
                    await asyncio.sleep(pause)
                    response = await self._send(method, url, headers, post_data)
        except (TimeoutError, httpx2.TimeoutException):
            raise TimeoutError("Stripe did not answer in time.") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
            raise ConnectionError("Stripe could not be reached.") from None
        return response.content, response.status_code, response.headers

    async def close_async(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _send(self, method: str, url: str, headers: Mapping[str, str], post_data: Any) -> httpx2.Response:
        return await self._client.request(method, url, headers=dict(headers), content=post_data)


def _is_locked(response: httpx2.Response) -> bool:
    return response.status_code == CONFLICT or (response.status_code == TOO_MANY and LOCKED in response.content)


def make_client(secret_key: Secret, http_client: SharedHttpClient, base_url: str | None) -> StripeClient:
    """The client of an account. It repeats no request by itself: its caller knows what may be repeated."""
    return StripeClient(
        secret_key.reveal(),
        http_client=http_client,
        base_addresses={"api": base_url.rstrip("/")} if base_url else None,
        max_network_retries=0,
    )


@contextmanager
def answered() -> Iterator[None]:
    """Translate the errors of Stripe's library, which carry headers and bodies, to errors without any.

    Raises Refused for a request that Stripe refused, KeyReused for an idempotency key with other parameters,
    ProviderCredentialsRefused, and ConnectionError for an answer that says nothing about the outcome.
    """
    try:
        yield
    except stripe.IdempotencyError:
        raise KeyReused from None
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise _refused(error) from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        LOG.warning("stripe_credentials_rejected", http_status=error.http_status, request_id=error.request_id)
        raise ProviderCredentialsRefused(NAME, ADVICE) from None
    except stripe.StripeError as error:
        raise ConnectionError(f"Stripe did not carry out a request (HTTP status {error.http_status}).") from None


def _refused(error: stripe.CardError | stripe.InvalidRequestError) -> Refused:
    body = error.json_body if isinstance(error.json_body, dict) else {}
    details = body.get("error")
    given = details if isinstance(details, dict) else {}
    intent = given.get("payment_intent")
    return Refused(
        _text(given.get("code")) or _text(given.get("type")) or "invalid_request_error",
        decline_code=_text(given.get("decline_code")),
        param=_text(given.get("param")),
        intent_id=_text(intent.get("id")) if isinstance(intent, dict) else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def is_replayed(answer: stripe.StripeObject) -> bool:
    """Whether an answer is the stored one of an earlier request with the same idempotency key, perhaps outdated."""
    response = answer.last_response
    headers = response.headers if response else None
    return bool(headers) and (headers or {}).get("idempotent-replayed") == "true"
