"""The address book: one default per type, and no access to addresses of other users."""

import asyncio
from typing import Any, cast
from uuid import UUID

import pytest

from domains.account import data
from domains.account.errors import AddressNotFound, TooManyAddresses
from domains.account.events import AddressAdded, AddressChanged, AddressChangedByStaff, AddressDeleted
from domains.account.models import Address, AddressChanges, AddressType, NewAddress
from domains.kernel.actor import Actor
from domains.kernel.errors import InvalidInput, PermissionDenied, Unauthenticated
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required, TooLong
from domains.role.models import SystemRole
from tests.domains.auth.conftest import Shop

SHIPPING, BILLING = AddressType.SHIPPING, AddressType.BILLING


def new_address(type: AddressType = SHIPPING, **more: Any) -> NewAddress:
    given = {
        "full_name": "Ada Lovelace",
        "address_line_1": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "gb",
    }
    return NewAddress(type=type, **(given | more))


async def create_address(shop: Shop, actor: Actor, type: Any = SHIPPING, **more: Any) -> Address:
    address: Address = await shop.run(shop.accounts.addresses.create, actor, new_address(type, **more))
    return address


async def change_address(shop: Shop, actor: Actor, address_id: UUID, **changes: Any) -> Address:
    address: Address = await shop.run(
        shop.accounts.addresses.update, actor, address_id, cast("AddressChanges", changes)
    )
    return address


async def list_addresses(shop: Shop, actor: Actor, **which: Any) -> list[Address]:
    page = await shop.accounts.addresses.find(shop.db.reader(shop.company_id), actor, PageArgs(first=100), **which)
    return list(page.items)


async def default_ids(shop: Shop, actor: Actor) -> dict[AddressType, list[UUID]]:
    found: dict[AddressType, list[UUID]] = {}
    for address in await list_addresses(shop, actor):
        if address.is_default:
            found.setdefault(address.type, []).append(address.id)
    return found


async def test_the_first_address_of_a_type_is_its_default(shop: Shop) -> None:
    actor = await shop.actor()
    home, office = await create_address(shop, actor), await create_address(shop, actor)
    bill = await create_address(shop, actor, BILLING)
    assert await default_ids(shop, actor) == {SHIPPING: [home.id], BILLING: [bill.id]}
    assert [address.id for address in await list_addresses(shop, actor)] == [bill.id, office.id, home.id]
    assert [address.id for address in await list_addresses(shop, actor, address_type=SHIPPING)] == [
        office.id,
        home.id,
    ]
    assert (home.country, home.user_id, home.phone) == ("GB", actor.user_id, None)


async def test_a_new_default_address_replaces_the_old_one(shop: Shop) -> None:
    actor = await shop.actor()
    await create_address(shop, actor)
    second = await create_address(shop, actor, is_default=True)
    assert await default_ids(shop, actor) == {SHIPPING: [second.id]}
    third = await create_address(shop, actor)
    assert (await change_address(shop, actor, third.id, is_default=True)).is_default
    assert await default_ids(shop, actor) == {SHIPPING: [third.id]}


async def test_a_default_address_is_replaced_only_by_another_default(shop: Shop) -> None:
    actor = await shop.actor()
    home = await create_address(shop, actor)
    assert (await change_address(shop, actor, home.id, is_default=False)).is_default


async def test_the_newest_address_becomes_the_default_when_the_default_is_deleted(shop: Shop) -> None:
    actor = await shop.actor()
    first, _, third = [await create_address(shop, actor) for _ in range(3)]
    deleted = await shop.run(shop.accounts.addresses.delete, actor, first.id)
    assert deleted.id == first.id
    assert await default_ids(shop, actor) == {SHIPPING: [third.id]}


async def test_changing_the_type_of_an_address_leaves_a_default_for_each_type(shop: Shop) -> None:
    actor = await shop.actor()
    home, office = await create_address(shop, actor), await create_address(shop, actor)
    await create_address(shop, actor, BILLING)
    moved = await change_address(shop, actor, home.id, type=BILLING)
    assert (moved.type, moved.is_default) == (BILLING, True)
    assert await default_ids(shop, actor) == {SHIPPING: [office.id], BILLING: [home.id]}


async def test_an_address_that_becomes_the_first_of_its_type_becomes_its_default(shop: Shop) -> None:
    actor = await shop.actor()
    home, office = await create_address(shop, actor), await create_address(shop, actor)
    moved = await change_address(shop, actor, office.id, type=BILLING)
    assert (moved.type, moved.is_default) == (BILLING, True)
    assert await default_ids(shop, actor) == {SHIPPING: [home.id], BILLING: [office.id]}


async def test_parallel_changes_of_type_and_default_leave_a_default_for_each_type(shop: Shop) -> None:
    """Each pair makes an address the default and moves it at the same time."""
    actor = await shop.actor()
    addresses = [await create_address(shop, actor) for _ in range(8)] + [await create_address(shop, actor, BILLING)]
    for address in addresses[1:8]:
        await asyncio.gather(
            change_address(shop, actor, address.id, is_default=True),
            change_address(shop, actor, address.id, type=BILLING),
        )
        left = {each.type for each in await list_addresses(shop, actor)}
        assert {kind: len(ids) for kind, ids in (await default_ids(shop, actor)).items()} == dict.fromkeys(left, 1)


async def test_parallel_changes_of_the_default_leave_one_default(shop: Shop) -> None:
    actor = await shop.actor()
    await asyncio.gather(*(create_address(shop, actor, is_default=True) for _ in range(8)))
    addresses = await list_addresses(shop, actor)
    await asyncio.gather(
        *(change_address(shop, actor, address.id, is_default=True) for address in addresses),
        *(create_address(shop, actor, is_default=True) for _ in range(4)),
    )
    assert len(await list_addresses(shop, actor)) == 12
    assert [len(ids) for ids in (await default_ids(shop, actor)).values()] == [1]


async def test_parallel_deletions_leave_a_default_while_addresses_remain(shop: Shop) -> None:
    actor = await shop.actor()
    addresses = [await create_address(shop, actor) for _ in range(6)]
    delete = shop.accounts.addresses.delete
    await asyncio.gather(*(shop.run(delete, actor, address.id) for address in addresses[:5]))
    assert await default_ids(shop, actor) == {SHIPPING: [addresses[5].id]}
    await shop.run(delete, actor, addresses[5].id)
    assert await list_addresses(shop, actor) == []


async def test_a_change_affects_only_the_given_fields(shop: Shop) -> None:
    actor = await shop.actor()
    home = await create_address(shop, actor, address_line_2="Back door", phone="+44 20 7946 0000")
    changed = await change_address(shop, actor, home.id, city="Bath", postal_code="ba11aa", address_line_2=None)
    assert (changed.city, changed.postal_code, changed.address_line_2) == ("Bath", "BA1 1AA", None)
    assert (changed.full_name, changed.phone, changed.is_default) == (home.full_name, home.phone, True)


@pytest.mark.parametrize(
    ("field", "value", "error", "at_fault"),
    [
        ("full_name", " ", Required, "full_name"),
        ("address_line_1", "", Required, "address_line_1"),
        ("city", "x" * 300, TooLong, "city"),
        ("postal_code", "1" * 21, TooLong, "postal_code"),
        ("postal_code", "ABC", InvalidInput, "postal_code"),
        ("postal_code", "", Required, "postal_code"),
        ("city", "", Required, "city"),
        ("province", "x" * 101, TooLong, "province"),
        ("country", "XX", InvalidInput, "country"),
        ("country", "Germany", InvalidInput, "country"),
        ("country", "", Required, "country"),
        ("phone", "\0", InvalidInput, "phone"),
        ("address_line_2", "\ud800", InvalidInput, "address_line_2"),
    ],
)
async def test_invalid_addresses_are_refused_with_the_field(
    shop: Shop, field: str, value: str, error: type[Exception], at_fault: str
) -> None:
    actor = await shop.actor()
    with pytest.raises(error) as refused:
        await create_address(shop, actor, **{field: value})
    assert getattr(refused.value, "field", None) == (at_fault,)
    home = await create_address(shop, actor)
    with pytest.raises(error):
        await change_address(shop, actor, home.id, **{field: value})


@pytest.mark.parametrize("field", ["full_name", "address_line_1", "city", "postal_code", "country", "type"])
async def test_null_for_a_required_field_is_refused(shop: Shop, field: str) -> None:
    actor = await shop.actor()
    home = await create_address(shop, actor)
    with pytest.raises(Required):
        await change_address(shop, actor, home.id, **{field: None})


async def test_an_address_has_the_format_of_its_country(shop: Shop) -> None:
    actor = await shop.actor()
    dubai = await create_address(shop, actor, city="Dubai", postal_code=None, country="ae", phone="04 123 4567")
    assert (dubai.country, dubai.postal_code, dubai.phone) == ("AE", "", "+97141234567")
    kosovo = await create_address(
        shop, actor, city="Prishtina", postal_code="10000", country="XK", province="Prishtina"
    )
    assert (kosovo.country, kosovo.postal_code, kosovo.province) == ("XK", "10000", "Prishtina")


async def test_changing_the_country_requires_the_fields_of_the_new_country(shop: Shop) -> None:
    actor = await shop.actor()
    home = await create_address(shop, actor)
    with pytest.raises(InvalidInput) as refused:
        await change_address(shop, actor, home.id, country="US", city="Springfield")
    assert refused.value.field == ("postal_code",)
    moved = await change_address(
        shop, actor, home.id, country="US", city="Springfield", postal_code="62704", province="IL"
    )
    assert (moved.country, moved.postal_code, moved.province) == ("US", "62704", "IL")
    assert (
        await change_address(shop, actor, home.id, country="AE", city="Dubai", postal_code=None)
    ).postal_code == ""


# Addresses from before are not looked at again by a change of something else.
async def test_a_change_does_not_validate_unchanged_fields(shop: Shop, owner: Any) -> None:
    actor = await shop.actor()
    home = await create_address(shop, actor)
    await owner.execute("update addresses set postal_code = 'ABC', country = 'US' where id = $1", home.id)
    assert (await change_address(shop, actor, home.id, full_name="Augusta King", city="London")).postal_code == "ABC"


async def test_an_address_book_is_limited_to_a_hundred_addresses(shop: Shop) -> None:
    actor = await shop.actor()
    assert actor.user_id is not None
    home = await create_address(shop, actor)
    row: data.AddressCreate = {
        "user_id": actor.user_id,
        "type": SHIPPING,
        "full_name": home.full_name,
        "address_line_1": home.address_line_1,
        "city": home.city,
        "postal_code": home.postal_code,
        "country": "GB",
    }
    await shop.db.run(lambda tx: data.address.create_many(tx, [row] * 99), actor)
    with pytest.raises(TooManyAddresses):
        await create_address(shop, actor)


async def test_customers_cannot_access_addresses_of_other_customers(
    shop: Shop, other_company: UUID, make_shop: Any
) -> None:
    owner, stranger = await shop.actor(), await shop.actor()
    home = await create_address(shop, owner)
    support_elsewhere = await make_shop(other_company).actor(SystemRole.ADMIN)
    for actor in (stranger, support_elsewhere):
        with pytest.raises(AddressNotFound):
            await change_address(shop, actor, home.id, city="Nowhere")
        with pytest.raises(AddressNotFound):
            await shop.run(shop.accounts.addresses.delete, actor, home.id)
    with pytest.raises(PermissionDenied):
        await list_addresses(shop, stranger, user_id=owner.user_id)
    with pytest.raises(Unauthenticated):
        await list_addresses(shop, shop.guest)
    with pytest.raises(Unauthenticated):
        await create_address(shop, shop.guest)
    assert await list_addresses(shop, owner) == [home]


async def test_staff_manage_addresses_of_customers(shop: Shop) -> None:
    owner, support = await shop.actor(), await shop.actor(SystemRole.SUPPORT)
    home = await create_address(shop, owner)
    assert await list_addresses(shop, support, user_id=owner.user_id) == [home]
    assert (await change_address(shop, support, home.id, city="Leeds")).city == "Leeds"
    with pytest.raises(AddressNotFound):
        await shop.run(shop.accounts.addresses.delete, support, home.id)


async def test_an_address_book_belongs_to_one_company(shop: Shop, other_company: UUID, make_shop: Any) -> None:
    user = await shop.account()
    other = make_shop(other_company)
    here, there = await shop.logged_in(user.email), await other.logged_in(user.email)
    home = await create_address(shop, here)
    assert await list_addresses(other, there) == []
    with pytest.raises(AddressNotFound):
        await change_address(other, there, home.id, city="Nowhere")
    away = await create_address(other, there)
    assert away.is_default
    assert await default_ids(shop, here) == {SHIPPING: [home.id]}


async def test_each_change_of_an_address_is_emitted(shop: Shop) -> None:
    actor, admin = await shop.actor(), await shop.actor(SystemRole.ADMIN)
    book, emitted = shop.accounts.addresses, list[Any]()

    async def run(who: Actor, work: Any, *args: Any) -> Any:
        async with shop.db.transaction(who) as tx:
            result = await work(tx, who, *args)
            emitted.extend(tx.events)
        return result

    address = await run(actor, book.create, new_address())
    await run(actor, book.update, address.id, {"city": "Leeds"})
    await run(admin, book.update, address.id, {"city": "York"})
    await run(actor, book.delete, address.id)
    of: dict[str, Any] = {"user_id": actor.user_id, "address_id": address.id}
    assert emitted == [
        AddressAdded(**of),
        AddressChanged(**of),
        AddressChanged(**of),
        AddressChangedByStaff(**of, was_deleted=False),
        AddressDeleted(**of),
    ]
