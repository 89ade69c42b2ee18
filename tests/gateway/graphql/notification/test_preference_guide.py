"""The operations of docs/notification-preferences.md, one after the other."""

from domains.role.models import SystemRole
from tests.gateway.demo.guides.test_payment_guide import filled, operations
from tests.gateway.graphql.catalog.conftest import shop
from tests.gateway.site import Site

__all__ = ["shop"]


async def test_the_operations_of_the_guide_choose_and_suppress(shop: Site) -> None:
    mine, choose, update, profile, of_user, create, listed, delete = operations("docs/notification-preferences.md")
    ann = await shop.token(SystemRole.CUSTOMER)
    assert {each["chosenAt"] for each in await shop.value(mine, ann)} == {None}
    chosen = await shop.value(choose, ann)
    assert chosen["errors"] == []
    changed = await shop.value(update, ann)
    assert changed["errors"] == []
    assert await shop.value(profile, ann) == changed["profile"]
    user_id = (await shop.value("{ me { id } }", ann))["id"]
    seen = await shop.value(filled(of_user, user_id), "admin")
    assert (seen["newsletterSubscribed"], seen["notificationPreferences"]) == (True, chosen["preferences"])
    made = (await shop.value(create, "admin"))["suppression"]
    found = await shop.value(listed, "admin")
    assert found == {"totalCount": 1, "nodes": [{**made, "category": None}]}
    lifted = await shop.value(filled(delete, made["id"]), "admin")
    assert lifted == {"deletedId": made["id"], "errors": []}
