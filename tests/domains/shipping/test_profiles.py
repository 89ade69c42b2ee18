"""Shipping profiles of a company: the default one, and when they can be deleted."""

from typing import Any

import pytest

from domains.kernel.database import Reader, Tx
from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.validation import errors_of
from domains.shipping import profiles
from domains.shipping.errors import ShippingProfileInUse, ShippingProfileNotFound
from domains.shipping.events import ShippingProfileCreated, ShippingProfileDeleted, ShippingProfileUpdated
from domains.shipping.service import ShippingService
from tests.domains.shipping.conftest import MakeMethod, MakeProfile, MakeZone


async def test_a_new_default_profile_takes_the_place_of_the_other(
    shipping: ShippingService, make_profile: MakeProfile, tx: Tx
) -> None:
    usual = await make_profile("Usual", is_default=True)
    bulky = await shipping.profiles.create(tx, {"name": " Bulky ", "is_default": True})
    found = (await shipping.profiles.find_page(tx, PageArgs(first=5))).items
    assert [(each.name, each.is_default) for each in found] == [("Usual", False), ("Bulky", True)]
    changed = await shipping.profiles.update(tx, usual.id, {"name": "Normal", "is_default": True})
    assert (changed.name, changed.is_default) == ("Normal", True)
    assert await shipping.profiles.update(tx, usual.id, {"name": "Normal"}) == changed
    assert tx.events == [
        ShippingProfileUpdated(shipping_profile_id=usual.id, changed=["is_default"]),
        ShippingProfileCreated(shipping_profile_id=bulky.id),
        ShippingProfileUpdated(shipping_profile_id=bulky.id, changed=["is_default"]),
        ShippingProfileUpdated(shipping_profile_id=usual.id, changed=["is_default", "name"]),
    ]


async def test_a_profile_of_a_method_cannot_be_deleted(
    shipping: ShippingService, make_zone: MakeZone, make_method: MakeMethod, make_profile: MakeProfile, tx: Tx
) -> None:
    used, unused = await make_profile(), await make_profile("Unused")
    await make_method(await make_zone(), profile_ids=[used.id])
    await shipping.profiles.delete(tx, unused.id)
    assert tx.events == [ShippingProfileDeleted(shipping_profile_id=unused.id)]
    with pytest.raises(ShippingProfileInUse):
        await shipping.profiles.delete(tx, used.id)


async def test_what_is_wrong_with_a_profile_is_named_together(
    shipping: ShippingService, make_profile: MakeProfile, tx: Tx, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "MAX_PROFILES", 1)
    given: Any = {"name": "", "is_default": None}
    with pytest.raises(DomainError) as caught:
        await shipping.profiles.create(tx, given)
    assert [(type(each).__name__, *each.field) for each in errors_of(caught.value)] == [
        ("Required", "name"), ("Required", "is_default")
    ]  # fmt: skip
    await make_profile()
    with pytest.raises(DomainError, match="at most 1 shipping profiles"):
        await shipping.profiles.create(tx, {"name": "Second"})
    for action in (shipping.profiles.update(tx, new_id(), {"name": "M"}), shipping.profiles.delete(tx, new_id())):
        with pytest.raises(ShippingProfileNotFound):
            await action
    assert [each.name for each in (await shipping.profiles.find_page(reader, PageArgs(first=5))).items] == [
        "Furniture"
    ]
    assert (await shipping.profiles.find_page(reader, PageArgs(first=5), search="x")).items == []
