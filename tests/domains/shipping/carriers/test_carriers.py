"""Carriers: their credentials are encrypted and never shown, and their addresses lead to the public internet only."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.clock import FixedClock
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.validation import errors_of
from domains.kernel.values.secret import Secret
from domains.shipping.carriers.carrier import CarrierCredential
from domains.shipping.carriers.carriers import MAX_CARRIERS, Carriers
from domains.shipping.carriers.endpoints import optional_endpoint
from domains.shipping.carriers.errors import (
    CarrierAdapterUnknown,
    CarrierCodeTaken,
    CarrierEndpointRefused,
    CarrierInUse,
    CarrierNotFound,
    TooManyCarriers,
)
from domains.shipping.carriers.models import CarrierChanges, NewLabel
from domains.shipping.carriers.parcels import require_label
from domains.shipping.carriers.registry import CarrierAdapters
from domains.shipping.carriers.requests import Parcel
from gateway.infra.encryption import Cipher
from gateway.providers.carriers.manual import ManualAdapter
from gateway.providers.carriers.unsupported import UnsupportedCarrier
from tests.domains.order.storefront import Storefront
from tests.domains.shipping.carriers.depot import SECRET, Depot

KEY = Cipher([b"k" * 32], b"carriers of tests")


@dataclass(frozen=True)
class Pigeon:
    """An adapter of a carrier outside, with an account."""

    name: str = "PIGEON"
    fields: Sequence[CarrierCredential] = (
        CarrierCredential("api_key", "Its key.", is_secret=True),
        CarrierCredential("account", "Its number."),
    )
    is_built_in: bool = False
    quotes_rates: bool = True
    sells_labels: bool = True
    takes_typed_labels: bool = False

    def connect(self, account: Any) -> UnsupportedCarrier:
        return UnsupportedCarrier()

    async def close(self) -> None:
        return None


@pytest.fixture
def carriers(clock: FixedClock) -> Carriers:
    return Carriers(CarrierAdapters((Pigeon(), ManualAdapter()), KEY), clock)


def pigeon(**changes: Any) -> CarrierChanges:
    new: Any = {
        "name": "Pigeons",
        "code": "Pigeon",
        "adapter": "PIGEON",
        "credentials": {"api_key": Secret("k3y"), "account": Secret("77")},
    }
    new |= changes
    made: CarrierChanges = new
    return made


async def create(shop: Storefront, carriers: Carriers, **changes: Any) -> Any:
    return await shop.run(lambda tx: carriers.create(tx, pigeon(**changes)))


async def refusals(work: Any) -> list[tuple[str, tuple[str, ...]]]:
    with pytest.raises(DomainError) as raised:
        await work
    return [(type(error).__name__, tuple(error.field)) for error in errors_of(raised.value)]


async def test_a_carrier_is_stored_with_encrypted_secrets(shop: Storefront, carriers: Carriers, owner: Any) -> None:
    made = await create(shop, carriers, api_endpoint=" https://api.pigeon.example.com/v2")
    assert (made.code, made.api_endpoint) == ("pigeon", "https://api.pigeon.example.com/v2")
    assert [(each.field.name, each.is_set, each.value) for each in made.credentials] == [
        ("api_key", True, None),
        ("account", True, "77"),
    ]
    assert "k3y" not in repr(made)
    row = await owner.fetchrow("select * from carriers where id = $1", made.id)
    assert "k3y" not in str(dict(row))
    assert b"k3y" in KEY.decrypt(row["encrypted_secrets"].encode())
    (event,) = await events(shop, "carrier.created")
    assert "k3y" not in event


async def events(shop: Storefront, topic: str) -> list[str]:
    rows = await shop.owner.fetch(
        "select payload::text from outbox_events where company_id = $1 and topic = $2", shop.company_id, topic
    )
    return [row[0] for row in rows]


async def test_credentials_that_are_not_named_stay(shop: Storefront, carriers: Carriers, owner: Any) -> None:
    made = await create(shop, carriers)
    changes: CarrierChanges = {"credentials": {"account": Secret("78")}}
    changed = await shop.run(lambda tx: carriers.update(tx, made.id, changes))
    assert [each.value for each in changed.credentials] == [None, "78"]
    row = await owner.fetchrow("select * from carriers where id = $1", made.id)
    assert b"k3y" in KEY.decrypt(row["encrypted_secrets"].encode())
    assert await events(shop, "carrier.updated") == [
        f'{{"code": "pigeon", "changed": ["configuration", "credentials.account"], "carrier_id": "{made.id}"}}'
    ]
    same = await shop.run(lambda tx: carriers.update(tx, made.id, {"name": "Pigeons"}))
    assert same == changed


async def test_all_errors_of_a_carrier_are_raised_together(shop: Storefront, carriers: Carriers) -> None:
    new = pigeon(name=" ", code="-", api_endpoint="http://pigeon.example.com", credentials={"key": Secret("1")})
    assert await refusals(shop.run(lambda tx: carriers.create(tx, new))) == [
        ("Required", ("name",)),
        ("InvalidInput", ("code",)),
        ("CarrierEndpointRefused", ("api_endpoint",)),
        ("CarrierCredentialUnknown", ("credentials", "key")),
        ("Required", ("credentials", "api_key")),
        ("Required", ("credentials", "account")),
    ]
    credentials = {"api_key": Secret("k 3"), "account": Secret("x" * 501)}
    assert await refusals(shop.run(lambda tx: carriers.create(tx, pigeon(credentials=credentials)))) == [
        ("InvalidInput", ("credentials", "api_key")),
        ("InvalidInput", ("credentials", "account")),
    ]


async def test_an_unknown_or_closed_adapter_is_refused(shop: Storefront, clock: FixedClock) -> None:
    closed = Carriers(CarrierAdapters((Pigeon(), ManualAdapter()), KEY, closed=["PIGEON"]), clock)
    assert [each.name for each in closed.adapters.offered] == ["MANUAL"]
    with pytest.raises(CarrierAdapterUnknown, match="The adapters are MANUAL"):
        await create(shop, closed)
    with pytest.raises(CarrierAdapterUnknown):
        await create(shop, closed, adapter="OWL")


async def test_a_carrier_whose_adapter_was_closed_is_kept_and_sells_nothing(
    shop: Storefront, carriers: Carriers, clock: FixedClock
) -> None:
    made = await create(shop, carriers)
    assert made.is_available
    closed = Carriers(CarrierAdapters((Pigeon(),), KEY, closed=["PIGEON"]), clock)
    renamed = await shop.run(lambda tx: closed.update(tx, made.id, {"name": "Doves"}))
    assert (renamed.name, renamed.is_available) == ("Doves", False)
    gone = Carriers(CarrierAdapters((ManualAdapter(),), KEY), clock)
    shown = await gone.find(shop.database.reader(shop.company_id), made.id)
    assert (shown.credentials, shown.is_available) == ([], False)
    other_key = Carriers(CarrierAdapters((Pigeon(),), Cipher([b"o" * 32], b"")), clock)
    shown = await other_key.find(shop.database.reader(shop.company_id), made.id)
    assert ([each.is_set for each in shown.credentials], shown.is_available) == ([False, True], False)


async def test_a_code_is_unique_also_at_once(shop: Storefront, carriers: Carriers) -> None:
    outcomes = await asyncio.gather(*(create(shop, carriers) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in outcomes if isinstance(each, BaseException)] == [CarrierCodeTaken] * 2
    other = await create(shop, carriers, code="other")
    with pytest.raises(CarrierCodeTaken):
        await shop.run(lambda tx: carriers.update(tx, other.id, {"code": "pigeon"}))


async def test_a_company_has_at_most_fifty_carriers(shop: Storefront, carriers: Carriers, owner: Any) -> None:
    await create(shop, carriers)
    await owner.execute(
        "insert into carriers (id, company_id, name, code, adapter, encrypted_secrets, updated_at) "
        "select gen_random_uuid(), $1, 'C', 'c' || n, 'MANUAL', '', now() from generate_series(3, $2) n",
        shop.company_id,
        MAX_CARRIERS,
    )
    both = (create(shop, carriers, code="a"), create(shop, carriers, code="b"))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in outcomes if isinstance(each, BaseException)] == [TooManyCarriers]


async def test_a_carrier_with_labels_is_not_deleted(depot: Depot) -> None:
    shop, carriers = depot.shop, depot.shop.services.shipping.carriers
    await depot.buy()
    with pytest.raises(CarrierInUse):
        await shop.run(lambda tx: carriers.delete(tx, depot.mock.id))
    await shop.run(lambda tx: carriers.delete(tx, depot.table.id))
    with pytest.raises(CarrierNotFound):
        await shop.run(lambda tx: carriers.delete(tx, depot.table.id))
    with pytest.raises(CarrierNotFound):
        await shop.run(lambda tx: carriers.update(tx, new_id(), {"name": "X"}))


async def test_a_deletion_at_once_with_a_purchase_leaves_no_label_without_its_carrier(depot: Depot) -> None:
    shop, carriers = depot.shop, depot.shop.services.shipping.carriers
    outcomes = await asyncio.gather(
        depot.buy(), shop.run(lambda tx: carriers.delete(tx, depot.mock.id)), return_exceptions=True
    )
    assert any(isinstance(each, BaseException) for each in outcomes)
    labels = await depot.labels()
    kept = await shop.owner.fetchval("select count(*) from carriers where id = $1", depot.mock.id)
    assert kept == len(labels) == int(not isinstance(outcomes[0], BaseException))


async def test_another_company_sees_no_carrier(depot: Depot, other_company: UUID) -> None:
    reader = depot.shop.database.reader(other_company)
    with pytest.raises(CarrierNotFound):
        await depot.shop.services.shipping.carriers.find(reader, depot.mock.id)
    assert await depot.shop.services.shipping.carriers.opened(reader) == {}
    assert SECRET not in repr(depot.mock)


# ---- addresses of APIs


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com",
        "https://localhost",
        "https://LOCALHOST:8443/x",
        "https://127.0.0.1",
        "https://127.1",
        "https://2130706433",
        "https://0x7f.1",
        "https://10.0.0.1/v1",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[::127.0.0.1]/",
        "https://[fec0::1]/",
        "https://[ff0e::1]/",
        "https://224.0.0.1",
        "https://intranet",
        "https://db.internal",
        "https://printer.local.",
        "https://user@api.example.com",
        "https://api.example.com/#part",
        "/path",
        "ftp://api.example.com",
        "nowhere",
    ],
)
def test_an_address_that_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(CarrierEndpointRefused):
        optional_endpoint(url, is_built_in=False)


def test_a_public_address_is_normalized_and_a_built_in_one_is_a_note() -> None:
    assert (
        optional_endpoint("https://api.example.com:8443/v2", is_built_in=False) == "https://api.example.com:8443/v2"
    )
    assert optional_endpoint("https://8.8.8.8", is_built_in=False) == "https://8.8.8.8"
    assert optional_endpoint(" ", is_built_in=False) is None
    assert optional_endpoint("http://localhost/x", is_built_in=True) == "http://localhost/x"


# ---- parcels

SIDES = st.decimals(Decimal("0.01"), 1000, places=2)


@given(st.decimals(Decimal("0.001"), 1000, places=3), st.none() | st.tuples(SIDES, SIDES, SIDES))
def test_every_parcel_within_the_limits_is_taken(weight: Decimal, sides: tuple[Decimal, ...] | None) -> None:
    parcel = Parcel(weight, *(sides or ()))
    checked = require_label(
        NewLabel(carrier_id=new_id(), service="S", parcel=parcel), "EUR", takes_typed_labels=False
    )
    assert checked.parcel == parcel


@given(st.decimals().filter(lambda value: not value.is_finite() or not 0 < value <= 1000))
def test_no_parcel_beyond_the_limits_is_taken(value: Decimal) -> None:
    for parcel in (Parcel(value), Parcel(Decimal(1), value, Decimal(1), Decimal(1))):
        new = NewLabel(carrier_id=new_id(), service="S", parcel=parcel)
        with pytest.raises(DomainError):
            require_label(new, "EUR", takes_typed_labels=False)
