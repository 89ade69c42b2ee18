"""Stripe's events: which payment each kind of object is about, and what is refused."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from domains.kernel.ids import new_id
from domains.kernel.values.secret import Secret
from domains.payment.errors import WebhookMalformed, WebhookSignatureInvalid
from domains.payment.providers.results import WebhookEvent
from gateway.providers.stripe.webhooks import HEADER, read_event
from gateway.providers.webhook_signature import header_of, sign
from tests.gateway.providers.stripe.terminal import StripeTerminal

REFERENCE = new_id()
OURS = {"reference": str(REFERENCE)}


def body_of(changed: Any, type: str = "payment_intent.succeeded") -> bytes:
    return orjson.dumps({"id": "evt_1", "type": type, "created": 1_800_000_000, "data": {"object": changed}})


@pytest.mark.parametrize(
    ("changed", "provider_ids", "has_reference"),
    [
        (
            {"object": "payment_intent", "id": "pi_1", "latest_charge": "ch_1", "metadata": OURS},
            ("pi_1", "ch_1"),
            True,
        ),
        ({"object": "payment_intent", "id": "pi_1", "latest_charge": None, "metadata": {}}, ("pi_1",), False),
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1", "metadata": OURS}, ("pi_1", "ch_1"), True),
        (
            {"object": "refund", "id": "re_1", "charge": "ch_1", "payment_intent": "pi_1", "metadata": OURS},
            ("pi_1", "ch_1", "re_1"),
            False,
        ),
        (
            {"object": "dispute", "id": "dp_1", "charge": "ch_1", "payment_intent": {"id": "pi_1"}, "metadata": OURS},
            ("pi_1", "ch_1", "dp_1"),
            False,
        ),
        ({"object": "customer", "id": "cus_1", "metadata": OURS}, (), False),
        ({"object": "setup_intent", "id": "seti_1", "metadata": OURS}, (), False),
        ({"object": "payment_intent", "id": "pi_1", "metadata": {"reference": "another shop's"}}, ("pi_1",), False),
        ({"object": "charge", "id": 1, "payment_intent": ["x"], "metadata": []}, (), False),
        (None, (), False),
        ("pi_1", (), False),
    ],
)
def test_an_event_names_the_payment_that_changed(
    changed: Any, provider_ids: tuple[str, ...], has_reference: bool
) -> None:
    assert read_event(body_of(changed)) == WebhookEvent(
        "evt_1",
        "payment_intent.succeeded",
        datetime.fromtimestamp(1_800_000_000, UTC),
        provider_ids,
        REFERENCE if has_reference else None,
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"evt_1"',
        b'{"id": "evt_1", "type": "x"}',
        b'{"id": "", "type": "x", "created": 1}',
        b'{"id": "evt_1", "type": null, "created": 1}',
        b'{"id": "evt_1", "type": "x", "created": true}',
        b'{"id": "evt_1", "type": "x", "created": "2026-11-30"}',
        b'{"id": "evt_1", "type": "x", "created": 1e99}',
        b'{"id": "evt_1", "type": "x", "created": 99999999999999999}',
    ],
)
def test_a_body_that_is_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(WebhookMalformed):
        read_event(body)


@pytest.mark.parametrize("name", ["Stripe-Signature", "stripe-signature", "STRIPE-SIGNATURE"])
def test_the_signature_is_found_in_a_header_of_any_case(name: str) -> None:
    assert header_of({"host": "shop.example", name: "t=1,v1=0"}, HEADER) == "t=1,v1=0"
    assert header_of({"host": "shop.example"}, HEADER) is None


async def test_a_webhook_of_another_account_is_refused(terminal: StripeTerminal) -> None:
    body = body_of({"object": "payment_intent", "id": "pi_1", "metadata": OURS})
    signature = sign(body, Secret("whsec_of_another_account"), terminal.clock.now())
    with pytest.raises(WebhookSignatureInvalid):
        await terminal.provider.parse_webhook(body, {"Stripe-Signature": signature})
    both = signature + "," + terminal.signed(body)["Stripe-Signature"].partition(",")[2]
    assert (await terminal.provider.parse_webhook(body, {"Stripe-Signature": both})).reference == REFERENCE
