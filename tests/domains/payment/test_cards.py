"""Cards are validated and passed on; their numbers appear nowhere else."""

import asyncio
import copy
import io
import json
import logging
import pickle
import random
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import structlog

from domains.kernel.actor import Actor
from domains.kernel.database import Database, Tx
from domains.kernel.serialization import to_json_value
from domains.kernel.values.money import Money
from domains.kernel.values.secret import Secret
from domains.payment.cards import CardDetails, contains_card_number, is_card_number, require_card
from domains.payment.errors import CardInvalid, CardNotAccepted, CardNumberRefused, PaymentDeclined
from domains.payment.models import DeclineReason, Payment
from domains.payment.providers.requests import AuthorizationRequest, MethodToken
from domains.payment.service import PaymentService
from gateway import logs
from gateway.providers.mock.declines import (
    APPROVES,
    AUTHENTICATES,
    DECLINES,
    EXPIRED,
    LACKS_FUNDS,
    TIMES_OUT_CHARGED,
    TIMES_OUT_UNCHARGED,
    WRONG_CODE,
)
from gateway.providers.mock.mock_payments import MockPayments
from tests.domains.payment.conftest import make_order
from tests.domains.payment.payer import card

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NUMBERS = (
    *(APPROVES, DECLINES, LACKS_FUNDS, EXPIRED, WRONG_CODE, AUTHENTICATES),
    *(TIMES_OUT_UNCHARGED, TIMES_OUT_CHARGED),
)
TABLES = "select tablename from pg_tables where schemaname = 'public' order by tablename"


def checked(number: str = APPROVES, month: int = 11, year: int = 2026, code: str | None = "123") -> CardDetails:
    return require_card(Secret(number), month, year, None if code is None else Secret(code), now=NOW)


@pytest.mark.parametrize("number", [*NUMBERS, "4242 4242 4242 4242", "4242-4242-4242-4242"])
def test_a_number_with_a_valid_check_digit_is_a_card(number: str) -> None:
    digits = number.replace(" ", "").replace("-", "")
    assert checked(number).number.reveal() == digits
    assert checked(number).last4 == digits[-4:]


REAL_LOOKING = ("5555555555554444", "3782 822463 10005", "4111-1111-1111-1111", "6011111111111117", "30569309025904")


@pytest.mark.parametrize("number", REAL_LOOKING)
def test_a_number_that_is_not_a_test_card_is_refused_and_not_repeated(number: str) -> None:
    with pytest.raises(CardNumberRefused) as refused:
        checked(number)
    assert refused.value.field == ("card", "number")
    assert number[-4:] not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "is_number", "is_contained"),
    [
        *((number, True, True) for number in REAL_LOOKING),
        ("pm_1PqGZ2", False, False),
        ("0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b", False, False),
        ("4111111111111112", False, False),
        ("https://shop.example/back?n=4111111111111111", False, True),
        ("https://shop.example/back?order=2026113000001&t=1796000000000", False, False),
        ("41111111111111111111", False, False),
        ("", False, False),
    ],
)
def test_card_numbers_are_found_in_texts(text: str, is_number: bool, is_contained: bool) -> None:
    assert (is_card_number(text), contains_card_number(text)) == (is_number, is_contained)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"number": "4242424242424241"}, "number"),
        ({"number": ""}, "number"),
        ({"number": "0" * 11}, "number"),
        ({"number": "0" * 20}, "number"),
        ({"number": "４２４２４２４２４２４２４２４２"}, "number"),  # noqa: RUF001 - digits, but not ASCII's
        ({"number": "4242 4242 4242 424x"}, "number"),
        ({"month": 0}, "expiry_month"),
        ({"month": 13}, "expiry_month"),
        ({"month": 10}, "expiry_year"),
        ({"year": 2025}, "expiry_year"),
        ({"year": 26}, "expiry_year"),
        ({"year": 2**31 - 1}, "expiry_year"),
        ({"code": "12"}, "security_code"),
        ({"code": "12345"}, "security_code"),
        ({"code": "12x"}, "security_code"),
    ],
)
def test_an_invalid_card_is_refused_with_its_field_and_without_its_value(given: dict[str, Any], field: str) -> None:
    with pytest.raises(CardInvalid) as refused:
        checked(**given)
    assert refused.value.field == ("card", field)
    texts = "".join(traceback.format_exception(refused.value))
    assert [value for value in given.values() if isinstance(value, str) and value and f"'{value}'" in texts] == []


def test_a_card_is_valid_until_the_end_of_its_month() -> None:
    end = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    assert require_card(Secret(APPROVES), 11, 2026, None, now=end).expiry_month == 11
    with pytest.raises(CardInvalid):
        require_card(Secret(APPROVES), 11, 2026, None, now=datetime(2026, 12, 1, tzinfo=UTC))


def test_no_representation_of_a_card_contains_its_number_or_code() -> None:
    shown = card(APPROVES)
    charge = AuthorizationRequest(UUID(int=1), Money(Decimal(1), "EUR"), shown)
    prints: list[Callable[[Any], str]] = [
        repr,
        str,
        format,
        "{!r}".format,
        lambda value: json.dumps(value, default=str),
    ]
    texts = [show(value) for value in (shown, shown.number, charge, [shown]) for show in prints]
    texts += [str(asdict_or_refused(shown)), str(vars_of(shown.number)), f"{shown.number:>30}"]
    assert [text for text in texts if APPROVES in text or "'123'" in text] == []


def test_no_representation_of_a_token_or_an_error_contains_a_secret() -> None:
    token = MethodToken(Secret("tok_secret"))
    shown = AuthorizationRequest(UUID(int=1), Money(Decimal(1), "EUR"), token)
    errors = (CardNotAccepted("TOKENS"), PaymentDeclined(DeclineReason.CARD_DECLINED, None, provider_code="NO"))
    assert [text for text in (repr(token), repr(shown), *map(repr, errors)) if "tok_secret" in text] == []
    assert (errors[1].reason, errors[1].provider_code) == ("CARD_DECLINED", "NO")


def asdict_or_refused(shown: CardDetails) -> Any:
    """The result of `dataclasses.asdict` for a card: it copies deeply, which a secret refuses."""
    for take in (asdict, astuple):
        with pytest.raises(TypeError, match="must not be pickled"):
            take(shown)
    return [getattr(shown, name) for name in CardDetails.__slots__]


def vars_of(secret: Secret) -> Any:
    with pytest.raises(TypeError):
        vars(secret)
    return dir(secret)


@pytest.mark.parametrize("store", [pickle.dumps, copy.deepcopy, copy.copy, to_json_value])
def test_a_card_cannot_be_copied_or_serialized(store: Any) -> None:
    with pytest.raises(TypeError):
        store(card(APPROVES).number)


def test_only_card_numbers_have_a_hint() -> None:
    assert (Secret(APPROVES).hint, Secret("123").hint, Secret("a password").hint) == ("4242", "", "")


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The logs of the server while the test runs, with tracebacks."""
    handlers, level = list(logging.root.handlers), logging.root.level
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    logs.configure("debug")
    try:
        yield written
    finally:
        structlog.reset_defaults()
        logging.root.handlers[:] = handlers
        logging.root.setLevel(level)


async def test_card_numbers_are_in_no_table_log_or_error(
    database: Database,
    actor: Actor,
    company: UUID,
    owner: Any,
    payments: PaymentService,
    provider: MockPayments,
    logged: io.StringIO,
) -> None:
    async def pay(number: str) -> None:
        order = await make_order(owner, company)

        async def begin(tx: Tx) -> Payment | None:
            return await payments.create(tx, order, Decimal(5), "EUR", card(number))

        payment = await database.run(begin, actor)
        assert payment is not None
        outcome = await payments.operations.authorize(database.reader(actor.company_id), payment, card(number))
        await database.run(lambda tx: payments.record(tx, payment.id, outcome), actor)
        try:
            await provider.authorize(AuthorizationRequest(payment.id, Money(Decimal(0), "XXXX"), card(number)))
        except Exception:
            structlog.get_logger("test").exception("charge failed", card=card(number))
            logging.getLogger("test").exception("charge of %s failed", card(number))

    await asyncio.gather(*(pay(number) for number in NUMBERS))
    texts = logged.getvalue()
    assert (texts.count("charge failed"), texts.count("charge of CardDetails")) == (len(NUMBERS), len(NUMBERS))
    assert [number for number in NUMBERS if number in texts] == []
    found = []
    for table in [row["tablename"] for row in await owner.fetch(TABLES)]:
        for number in NUMBERS:
            sql = f'select count(*) from "{table}" t where t::text like $1'  # noqa: S608 - the catalogue's own names
            if await owner.fetchval(sql, f"%{number}%"):
                found.append((table, number))
    assert found == []
    assert await owner.fetchval("select count(*) from payments where company_id = $1", company) == len(NUMBERS)


@pytest.mark.parametrize(
    "text",
    [
        "5654d526-41c7-44eb-bdad-596002693429",
        "https://shop.example/orders/6855B86A-AAAB-4C46-A839-275148416934?paid",
        "20260812104500",
    ],
)
def test_the_digits_of_an_id_or_a_time_are_no_card_number(text: str) -> None:
    assert not contains_card_number(text)


def test_a_card_number_beside_an_id_is_found() -> None:
    assert contains_card_number("5654d526-41c7-44eb-bdad-596002693429 5555555555554444")


def test_no_id_is_taken_for_a_card_number() -> None:
    assert not any(contains_card_number(str(uuid4_of(number))) for number in range(50_000))


def uuid4_of(seed: int) -> UUID:
    """A random UUID, the same for a seed."""
    return UUID(int=random.Random(seed).getrandbits(128), version=4)  # noqa: S311 - not a secret
