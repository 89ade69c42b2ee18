"""Profiles: users change only their own names and telephone number."""

from typing import Any
from uuid import UUID

import pytest

from domains.account.models import ProfileChanges
from domains.auth import data
from domains.kernel.actor import Actor
from domains.kernel.errors import InvalidInput, Unauthenticated
from domains.kernel.text.validation import TooLong
from tests.domains.auth.conftest import Shop

PAYLOAD = "select payload from outbox_events where topic = $1 and aggregate_id = $2"


async def test_a_profile_change_affects_only_the_given_fields(shop: Shop, owner: Any) -> None:
    actor = await shop.actor()
    update = shop.accounts.profile.update
    user = await shop.run(update, actor, ProfileChanges(first_name=" Élise ", phone="+49 30 123456"))
    assert (user.first_name, user.last_name, user.phone) == ("Élise", "Lovelace", "+4930123456")
    assert (await data.user.find_many(shop.db.reader(shop.company_id), where={"id": user.id}))[
        0
    ].search_text.startswith("elise lovelace ")
    user = await shop.run(update, actor, ProfileChanges(last_name=None, phone=None))
    assert (user.first_name, user.last_name, user.phone) == ("Élise", "", None)
    changed = await owner.fetch(f"{PAYLOAD} order by sequence", "user.updated", actor.user_id)
    assert [each[0]["changed"] for each in changed] == [["first_name", "phone"], ["last_name", "phone"]]


async def test_a_profile_change_without_a_difference_writes_nothing(shop: Shop, owner: Any) -> None:
    actor = await shop.actor()
    await shop.run(shop.accounts.profile.update, actor, ProfileChanges(first_name="Ada"))
    assert await owner.fetch(PAYLOAD, "user.updated", actor.user_id) == []


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        (ProfileChanges(first_name="x" * 101), TooLong, "first_name"),
        (ProfileChanges(last_name="\ud800"), InvalidInput, "last_name"),
        (ProfileChanges(phone="0" * 60), TooLong, "phone"),
    ],
)
async def test_invalid_profile_fields_are_refused_with_the_field(
    shop: Shop, changes: ProfileChanges, error: type[Exception], field: str
) -> None:
    actor = await shop.actor()
    with pytest.raises(error) as refused:
        await shop.run(shop.accounts.profile.update, actor, changes)
    assert getattr(refused.value, "field", None) == (field,)


async def test_a_guest_has_no_profile(shop: Shop) -> None:
    ghost = Actor(shop.guest.kind, shop.company_id, user_id=UUID(int=9))
    for actor in (shop.guest, ghost):
        with pytest.raises(Unauthenticated):
            await shop.run(shop.accounts.profile.update, actor, ProfileChanges(first_name="Eve"))
