"""PayPal's published OpenAPI files, against which each request and response of the fake is validated.

They lie beside the project. Where they are not there, nothing is validated, as a line at the start of the tests says.
"""

from typing import Any, Final

import orjson
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.security.exceptions import SecurityProviderError
from openapi_core.security.factories import SecurityProviderFactory
from openapi_core.security.providers import BaseProvider
from openapi_core.testing import MockRequest, MockResponse

from tests.shared_data import PAYPAL

FILES: Final = {
    "/v2/checkout/": "checkout_orders_v2.json",
    "/v2/payments/": "payments_payment_v2.json",
    "/v3/vault/": "vault_payment_tokens_v3.json",
    "/v1/notifications/": "notifications_webhooks_v1.json",
}
SERVER: Final = "https://api-m.sandbox.paypal.com"


class BearerProvider(BaseProvider):
    """OAuth 2.0: each request has an access token."""

    def __call__(self, parameters: RequestParameters) -> str:
        given = str(parameters.header.get("Authorization", ""))
        if not given.startswith("Bearer "):
            raise SecurityProviderError("A request has no access token.")
        return given


class Security(SecurityProviderFactory):
    PROVIDERS = SecurityProviderFactory.PROVIDERS | {"oauth2": BearerProvider}


class Specification:
    """Validates by the file that describes a path."""

    def __init__(self) -> None:
        # That the files themselves are OpenAPI takes seconds to verify, and is PayPal's to see to.
        config = Config(security_provider_factory=Security(), spec_validator_cls=None)
        files = FILES if PAYPAL.exists() else {}
        read = {prefix: orjson.loads((PAYPAL / name).read_bytes()) for prefix, name in files.items()}
        if read:
            _complete(read)
        self._by_prefix = {prefix: OpenAPI.from_dict(each, config) for prefix, each in read.items()}

    def violation(self, request: MockRequest, response: MockResponse | None = None) -> str | None:
        """What is wrong with a request, or with the response to it; None when PayPal's file allows it."""
        if not self._by_prefix:
            return None
        described = next(each for prefix, each in self._by_prefix.items() if request.path.startswith(prefix))
        try:
            if response is None:
                described.validate_request(request)
            else:
                described.validate_response(request, response)
        except OpenAPIError as error:
            details = [str(each.message) for each in getattr(error.__cause__, "schema_errors", ())]
            side = "request" if response is None else f"response {response.status_code}"
            return f"{side} of {request.method} {request.path}: {error!r} {error.__cause__!r} {details}"
        return None


def request_of(method: str, path: str, headers: dict[str, str], query: dict[str, str], body: bytes) -> MockRequest:
    """A request as the validation takes it."""
    content_type = headers.get("content-type", "")
    return MockRequest(SERVER, method, path, args=query, headers=headers, data=body, content_type=content_type)


def response_of(status: int, body: object) -> MockResponse:
    """A response as the validation takes it."""
    return MockResponse(b"" if body is None else orjson.dumps(body), status)


def _complete(read: dict[str, Any]) -> None:
    """Add the two values that PayPal's reference documents and its files do not have."""
    orders = read["/v2/checkout/"]["components"]["schemas"]
    # https://developer.paypal.com/api/rest/reference/orders/v2/errors: also of "Capture order".
    title = "ACTION_DOES_NOT_MATCH_INTENT"
    issue = {"title": title, "properties": {"issue": {"type": "string", "enum": [title]}}}
    orders["orders.capture-422"]["properties"]["details"]["items"]["anyOf"].append(issue)
    # https://developer.paypal.com/sdk/vault/v2/definitions/token_id_request: type and pattern of a setup token.
    token = read["/v3/vault/"]["components"]["schemas"]["token_id_request"]["properties"]
    token["type"]["enum"].append("SETUP_TOKEN")
