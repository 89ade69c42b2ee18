"""Notes on orders: who writes, changes, deletes and sees them, and how many there are."""

import asyncio
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.kernel.errors import DomainError, TooMany
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.permissions import PermissionAction as A
from domains.kernel.permissions import PermissionResource as R
from domains.kernel.text.validation import Required, TooLong
from domains.order.errors import OrderNotFound
from domains.order.notes import notes
from domains.order.notes.errors import OrderNoteNotFound, OrderNoteOfAnother
from tests.domains.actors import administrator
from tests.domains.order.storefront import Storefront
from tests.gateway.graphql.payment.gift_cards.test_gift_cards import clerk


async def ordered(shop: Storefront) -> tuple[Actor, Any]:
    await shop.stock("A", 9)
    ada = await shop.customer()
    return ada, await shop.buy(ada, ("A", 1))


async def write(shop: Storefront, actor: Actor, order: Any, text: str = "Fragile", **given: Any) -> Any:
    return await shop.run(lambda tx: shop.services.order.notes.add(tx, actor, order.id, text, **given), actor)


async def shown(shop: Storefront, actor: Actor, order: Any) -> list[tuple[str, bool]]:
    found = await shop.services.order.notes.of_orders(shop.database.reader(shop.company_id), actor, [order.id])
    return [(each.note, each.is_internal) for each in found]


async def test_the_buyer_sees_the_notes_that_are_not_internal(shop: Storefront) -> None:
    ada, order = await ordered(shop)
    staff = await shop.staff()
    with counting() as count:
        note = await write(shop, staff, order, "  Call first\nthen ship ")
    assert count.data == 4
    await write(shop, staff, order, "Your parcel has a bow.", is_internal=False)
    assert (note.note, note.is_internal, note.created_by) == ("Call first\nthen ship", True, staff.user_id)
    both = [("Call first\nthen ship", True), ("Your parcel has a bow.", False)]
    assert (await shown(shop, staff, order), await shown(shop, ada, order)) == (both, both[1:])
    assert await shown(shop, Actor.anonymous(shop.company_id), order) == both[1:]
    assert (await shop.topics())[-2:] == ["order.note_added"] * 2
    assert await shop.order(order.id) == order


async def test_a_note_is_changed_and_deleted_by_its_author_or_a_manager(shop: Storefront) -> None:
    _, order = await ordered(shop)
    service, staff = shop.services.order.notes, await shop.staff()
    note = await write(shop, staff, order)
    colleague = clerk(shop, (R.ORDERS, A.READ), (R.ORDERS, A.UPDATE))
    for change in (
        lambda tx: service.update(tx, colleague, note.id, note="Mine"),
        lambda tx: service.delete(tx, colleague, note.id),
    ):
        with pytest.raises(OrderNoteOfAnother):
            await shop.run(change, colleague)
    manager = administrator(shop.company_id)
    with counting() as count:
        changed = await shop.run(lambda tx: service.update(tx, manager, note.id, is_internal=False), manager)
    assert (count.data, changed.note, changed.is_internal, changed.created_by) == (5, "Fragile", False, staff.user_id)
    same = await shop.run(lambda tx: service.update(tx, staff, note.id, note="Fragile", is_internal=False), staff)
    assert same == changed
    await shop.run(lambda tx: service.delete(tx, staff, note.id), staff)
    assert await shown(shop, staff, order) == []
    with pytest.raises(OrderNoteNotFound):
        await shop.run(lambda tx: service.delete(tx, staff, note.id), staff)
    assert (await shop.topics())[-3:] == ["order.note_added", "order.note_updated", "order.note_deleted"]


@pytest.mark.parametrize(("text", "error"), [(" \n", Required), ("x" * 5_001, TooLong)])
async def test_a_note_has_a_bounded_text(shop: Storefront, text: str, error: type[DomainError]) -> None:
    _, order = await ordered(shop)
    staff = await shop.staff()
    note = await write(shop, staff, order, "x" * 5_000)
    with pytest.raises(error) as raised:
        await write(shop, staff, order, text)
    assert raised.value.field == ("note",)
    with pytest.raises(error):
        await shop.run(lambda tx: shop.services.order.notes.update(tx, staff, note.id, note=text), staff)
    assert await shop.count("order_notes") == 1


async def test_orders_of_nobody_and_of_other_companies_have_no_notes(shop: Storefront, other_company: Any) -> None:
    _, order = await ordered(shop)
    staff, stranger = await shop.staff(), administrator(other_company)
    note = await write(shop, staff, order)
    service = shop.services.order.notes
    with pytest.raises(OrderNotFound):
        await shop.run(lambda tx: service.add(tx, staff, new_id(), "x"), staff)
    with pytest.raises(OrderNotFound):
        await shop.run(lambda tx: service.add(tx, stranger, order.id, "x"), stranger)
    with pytest.raises(OrderNoteNotFound):
        await shop.run(lambda tx: service.update(tx, stranger, note.id, note="x"), stranger)
    with pytest.raises(OrderNoteNotFound):
        await shop.run(lambda tx: service.delete(tx, stranger, note.id), stranger)
    assert await shown(shop, staff, order) == [("Fragile", True)]


async def test_an_order_has_a_bounded_number_of_notes_also_by_two_at_once(
    shop: Storefront, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "MAX_NOTES", 3)
    _, order = await ordered(shop)
    staff = await shop.staff()
    written = await asyncio.gather(*(write(shop, staff, order) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(each, TooMany) for each in written) == 2
    assert await shop.count("order_notes") == 3


async def test_of_an_update_and_a_deletion_at_once_the_note_is_gone(shop: Storefront) -> None:
    _, order = await ordered(shop)
    staff, service = await shop.staff(), shop.services.order.notes
    note = await write(shop, staff, order)
    outcomes = await asyncio.gather(
        shop.run(lambda tx: service.delete(tx, staff, note.id), staff),
        shop.run(lambda tx: service.update(tx, staff, note.id, note="Late"), staff),
        shop.run(lambda tx: service.delete(tx, staff, note.id), staff),
        return_exceptions=True,
    )
    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert {type(each) for each in refused} == {OrderNoteNotFound}
    assert len(refused) in {1, 2}
    assert (await shop.topics()).count("order.note_deleted") == 1
    assert await shop.count("order_notes") == 0
