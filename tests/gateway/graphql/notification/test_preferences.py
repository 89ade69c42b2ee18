"""Choices about notifications through the API: one's own, and those of customers for staff."""

import asyncio
from typing import Any

from domains.role.models import SystemRole
from tests.gateway.graphql.catalog.conftest import shop
from tests.gateway.site import Site

__all__ = ["shop"]
ROW = "{ category channel enabled frequency isRequired chosenAt source }"
MINE = f"{{ myNotificationPreferences {ROW} }}"
PROFILE = "{ myNotificationProfile { language timeZone quietHours { start end } } }"
CHOOSE = f"""mutation ($input: NotificationPreferencesUpdateInput!) {{
  notificationPreferencesUpdate(input: $input) {{ preferences {ROW} errors {{ code path }} }} }}"""
UPDATE = """mutation ($input: NotificationProfileUpdateInput!) { notificationProfileUpdate(input: $input) {
  profile { language timeZone quietHours { start end } } errors { code path } } }"""
OF_USERS = f"""{{ users(first: 10) {{ nodes {{ id notificationPreferences {ROW}
  notificationProfile {{ language quietHours {{ start }} }} }} }} }}"""
OF_USER = """query ($id: ID!) { user(id: $id) { notificationPreferences { category channel enabled }
  notificationProfile { language } } }"""
ME = "{ me { id newsletterSubscribed } }"
NOTHING = {"language": None, "timeZone": None, "quietHours": None}


def choice(category: str, enabled: bool, channel: str = "EMAIL", **given: Any) -> dict[str, Any]:
    return {"category": category, "channel": channel, "enabled": enabled, **given}


def one(rows: list[dict[str, Any]], category: str, channel: str = "EMAIL") -> dict[str, Any]:
    (found,) = [each for each in rows if (each["category"], each["channel"]) == (category, channel)]
    return found


async def choose(site: Site, who: str, *choices: dict[str, Any]) -> Any:
    return await site.value(CHOOSE, who, input={"preferences": list(choices)})


async def test_without_choices_every_category_and_channel_has_its_default(shop: Site) -> None:
    rows = await shop.value(MINE, "customer")
    assert shop.count.data == 2  # the user, the choices
    assert len(rows) == 10 * 4
    assert "STAFF" not in {each["category"] for each in rows}
    assert one(rows, "NEWS") == choice("NEWS", False, frequency="IMMEDIATE", isRequired=False) | {
        "chosenAt": None,
        "source": None,
    }
    assert (one(rows, "ACCOUNT")["enabled"], one(rows, "ACCOUNT")["isRequired"]) == (True, True)
    assert await shop.value(PROFILE, "customer") == NOTHING


async def test_a_choice_is_stored_with_its_time_and_only_for_its_user(shop: Site) -> None:
    stored = await choose(shop, "customer", choice("NEWS", True, frequency="WEEKLY"), choice("CARTS", False))
    assert shop.count.data == 5  # the user, the choices, the suppressions, what is stored now, the event
    assert stored["errors"] == []
    news = one(stored["preferences"], "NEWS")
    assert (news["enabled"], news["frequency"], news["source"]) == (True, "WEEKLY", "ACCOUNT")
    assert news["chosenAt"]
    assert await shop.value(MINE, "customer") == stored["preferences"]
    assert not one(await shop.value(MINE, "clerk"), "NEWS")["enabled"]


async def test_a_profile_changes_by_what_is_given_alone(shop: Site) -> None:
    hours = {"start": "22:00", "end": "07:30"}
    made = await shop.value(UPDATE, "customer", input={"language": "DE", "quietHours": hours})
    assert made == {"profile": {"language": "de", "timeZone": None, "quietHours": hours}, "errors": []}
    assert shop.count.data == 2  # the user, the profile
    await shop.value(UPDATE, "customer", input={"timeZone": "America/New_York"})
    profile = {"language": "de", "timeZone": "America/New_York", "quietHours": hours}
    assert await shop.value(PROFILE, "customer") == profile
    made = await shop.value(UPDATE, "customer", input={"quietHours": None, "language": None, "timeZone": None})
    assert made["profile"] == NOTHING
    assert await shop.value(PROFILE, "clerk") == NOTHING


async def test_what_is_required_or_there_twice_is_refused_with_its_path(shop: Site) -> None:
    refused = await choose(shop, "customer", choice("NEWS", True), choice("ACCOUNT", False), choice("STAFF", False))
    assert refused["preferences"] is None
    assert [(each["code"], each["path"]) for each in refused["errors"]] == [
        ("NOT_APPLICABLE", ["input", "preferences", "1", "category"]),
        ("NOT_APPLICABLE", ["input", "preferences", "2", "category"]),
    ]
    many = await choose(shop, "customer", *[choice("NEWS", True)] * 41)
    assert [(each["code"], each["path"]) for each in many["errors"]] == [("TOO_MANY", ["input", "preferences"])]
    assert not one(await shop.value(MINE, "customer"), "NEWS")["enabled"]
    assert (await choose(shop, "customer"))["errors"] == []


async def test_first_choices_at_once_both_end_and_one_holds(shop: Site) -> None:
    categories = ["NEWS", "CARTS", "ORDERS"]
    changes = [
        [choice(each, True) for each in categories],
        [choice(each, False) for each in reversed(categories)],
    ] * 3
    made = await asyncio.gather(*(choose(shop, "customer", *each) for each in changes))
    assert [each["errors"] for each in made] == [[]] * 6
    rows = await shop.value(MINE, "customer")
    assert len({one(rows, each)["enabled"] for each in categories}) == 1
    profiles = [{"language": language} for language in ("de", "fr")] * 3
    done = await asyncio.gather(*(shop.value(UPDATE, "customer", input=each) for each in profiles))
    assert [each["errors"] for each in done] == [[]] * 6


async def test_staff_see_the_choices_of_customers_in_two_statements(shop: Site) -> None:
    ann, ben = [await shop.token(SystemRole.CUSTOMER) for _ in range(2)]
    await choose(shop, ann, choice("NEWS", True))
    await choose(shop, ben, choice("CARTS", False))
    await shop.value(UPDATE, ann, input={"language": "fr"})
    found = {each["id"]: each for each in (await shop.value(OF_USERS, "admin"))["nodes"]}
    assert shop.count.data == 3  # the users, their choices, their profiles
    of_ann, of_ben = [found[(await shop.value(ME, who))["id"]] for who in (ann, ben)]
    assert one(of_ann["notificationPreferences"], "NEWS")["enabled"]
    assert not one(of_ben["notificationPreferences"], "CARTS")["enabled"]
    assert [(await shop.value(ME, who))["newsletterSubscribed"] for who in (ann, ben)] == [True, False]
    assert shop.count.data == 2  # the user, the choices
    assert of_ann["notificationProfile"]["language"] == "fr"
    assert of_ben["notificationProfile"] == {"language": None, "quietHours": None}


async def test_guests_have_no_choices_and_nobody_sees_those_of_others(shop: Site) -> None:
    await choose(shop, "customer", choice("NEWS", True))
    for query, variables in (
        (MINE, {}),
        (PROFILE, {}),
        (CHOOSE, {"input": {"preferences": []}}),
        (UPDATE, {"input": {}}),
    ):
        assert await shop.denied(query, **variables) == "UNAUTHENTICATED"
    customer = str(shop.actors["customer"].user_id)
    assert await shop.denied(OF_USERS, "clerk") == "FORBIDDEN"
    assert await shop.denied(OF_USER, "clerk", id=customer) == "FORBIDDEN"


async def test_choices_are_those_of_one_company(shop: Site, make_site: Any, other_company: Any) -> None:
    await choose(shop, "customer", choice("NEWS", True))
    await shop.value(UPDATE, "customer", input={"language": "de"})
    elsewhere, stranger = make_site(other_company), shop.actors["stranger"]
    assert await elsewhere.value(OF_USER, stranger, id=str(shop.actors["customer"].user_id)) is None
    assert not one(await elsewhere.value(MINE, stranger), "NEWS")["enabled"]
