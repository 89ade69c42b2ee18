"""No number of a real card is accepted, wherever it is given: no log, row, event, request or answer has it."""

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from domains.kernel.actor import Actor
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.order.operations import CARD, PAY, paying
from tests.gateway.graphql.payment.attempts.conftest import ORIGIN
from tests.gateway.graphql.payment.attempts.operations import CREATE, creating
from tests.gateway.graphql.payment.stored_rows import stored
from tests.gateway.site import Site

NUMBERS = ("5555555555554444", "378282246310005", "4111 1111 1111 1111", "6011-1111-1111-1117")
LITERAL = """mutation { paymentCreate(input: {idempotencyKey: "k", instrument: {hosted: %s}}) { errors { code } } }"""


def places(number: str) -> list[tuple[str, dict[str, Any]]]:
    """The requests that have a number where a client may put it, by mistake or to have it stored."""
    plain = number.replace(" ", "").replace("-", "")
    creations: list[dict[str, Any]] = [
        {"instrument": {"card": CARD | {"number": number}}},
        {"instrument": {"card": CARD | {"securityCode": number}}},
        {"instrument": {"token": number}},
        {"provider": number},
        {"returnUrl": number},
        {"returnUrl": f"{ORIGIN}/back?card={plain}"},
        {"orderToken": number},
        {"idempotencyKey": number},
    ]
    payments: list[dict[str, Any]] = [
        {"card": CARD | {"number": number}},
        {"card": CARD | {"securityCode": number}},
        {"orderToken": number},
        {"idempotencyKey": number, "card": CARD},
        {"idempotencyKey": number, "method": "INVOICE", "card": None},
    ]
    return [(CREATE, given) for given in creations] + [(PAY, given) for given in payments]


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_real_number_is_refused_wherever_it_is_given(
    shop: Storefront, site: Site, owner: Any, number: str, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    async def asked(*_: Any) -> None:
        raise AssertionError("The provider was asked.")

    monkeypatch.setattr(MockPayments, "authorize", asked)
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    answers = []
    with capture_logs() as logs:
        for operation, given in places(number):
            variables = (creating if operation is CREATE else paying)(order.id, **given)
            answer = await site.ask(operation, ada, **variables)
            (result,) = answer["data"].values()
            assert {error["code"] for error in result["errors"]} & {"CARD_NUMBER_REFUSED", "CARD_INVALID"}, (
                given,
                answer,
            )
            answers.append(answer)
    told = json.dumps(answers) + json.dumps(logs, default=repr) + "".join(capfd.readouterr()) + await stored(owner)
    for form in {number, number.replace(" ", "").replace("-", "")}:
        assert form not in told
    assert (await shop.count("payments"), await shop.count("idempotency_keys")) == (0, 0)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_number_in_another_variable_or_type_is_not_repeated(
    shop: Storefront, site: Site, owner: Any, number: str, capfd: Any
) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    plain = int(number.replace(" ", "").replace("-", ""))
    requests: list[tuple[str, dict[str, Any]]] = [
        (CREATE, creating(number)),
        (CREATE, creating(order.id, instrument={"hosted": number})),
        (CREATE, creating(order.id, saveMethod=number)),
        (CREATE, creating(order.id, returnUrl=plain)),
        (CREATE, creating(order.id, instrument={"card": CARD | {"expiryMonth": plain}})),
        (CREATE, creating(order.id, instrument={"card": CARD | {"expiryYear": plain}})),
        (CREATE, creating(order.id, instrument={"card": CARD, "note": number})),
        (CREATE, creating(order.id, instrument={number: True})),
        (CREATE, creating(order.id, note=number)),
        (PAY, paying(order.id, method=number)),
        (LITERAL % plain, {}),
    ]
    answers = []
    with capture_logs() as logs:
        for operation, variables in requests:
            answers.append(await site.ask(operation, ada, **variables))
    assert all(answer.get("errors") for answer in answers), answers
    told = json.dumps(answers) + json.dumps(logs, default=repr) + "".join(capfd.readouterr()) + await stored(owner)
    for form in {number, str(plain)}:
        assert form not in told
    assert await shop.count("payments") == 0


async def test_a_variable_that_no_field_uses_is_not_kept(
    shop: Storefront, site: Site, owner: Any, capfd: Any
) -> None:
    ada = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    with capture_logs() as logs:
        answer = await site.ask(CREATE, ada, note="5555555555554444", **creating(order.id))
    told = json.dumps(answer) + json.dumps(logs, default=repr) + "".join(capfd.readouterr()) + await stored(owner)
    assert answer["data"]["paymentCreate"]["errors"] == []
    assert "5555555555554444" not in told


async def test_test_cards_are_accepted_and_not_stored(shop: Storefront, site: Site, owner: Any) -> None:
    ada: Actor = await shop.customer()
    order = await shop.buy(ada, ("A", 1))
    answer = await site.data(CREATE, ada, **creating(order.id, instrument={"card": CARD}))
    assert answer["paymentCreate"]["errors"] == []
    assert "4242424242424242" not in await stored(owner)
