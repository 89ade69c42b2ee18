"""The rooms of an event: by its channel, its company and its keys."""

from typing import Any
from uuid import UUID

import pytest

from domains.auth.events import UserDisabled
from domains.catalog.events import ProductDeleted, ProductUpdated
from domains.inventory.events import StockAdjusted
from gateway.live.channels import UNKNOWN, Channel, Channels, Room
from gateway.live.stream import LiveEvent
from tests.gateway.live.samples import CHANNELS, COMPANY, OTHER, PRODUCTS, STOCK, UNHEARD, USERS, body


def rooms(topic: str, company_id: UUID | None = COMPANY, **payload: Any) -> list[Room]:
    return CHANNELS.rooms_of(LiveEvent.decoded("1-1", body(topic, company_id, **payload)))


def test_an_event_is_in_the_room_of_its_key_and_in_that_of_its_company() -> None:
    assert rooms(ProductUpdated.topic, product_id="tea") == [PRODUCTS.room(COMPANY), PRODUCTS.room(COMPANY, "tea")]


def test_an_event_with_several_keys_is_in_the_room_of_each_once() -> None:
    items = [{"sku": "TEA"}, {"sku": "CUP"}, {"sku": "TEA"}]
    found = rooms(StockAdjusted.topic, items=items)
    assert found == [STOCK.room(COMPANY), STOCK.room(COMPANY, "TEA"), STOCK.room(COMPANY, "CUP")]


def test_an_event_without_a_key_is_in_the_room_of_its_company() -> None:
    assert rooms(ProductDeleted.topic, product_id="tea") == [PRODUCTS.room(COMPANY)]
    assert rooms(ProductUpdated.topic, product_id=None) == [PRODUCTS.room(COMPANY)]


def test_the_rooms_of_a_channel_of_every_company_have_none() -> None:
    expected = [Room("user", None), Room("user", None, "ada")]
    assert rooms(UserDisabled.topic, OTHER, user_id="ada") == expected
    assert rooms(UserDisabled.topic, None, user_id="ada") == expected
    assert USERS.room(COMPANY, "ada") == expected[1]


def test_the_room_of_an_id_is_that_of_its_text() -> None:
    assert PRODUCTS.room(COMPANY, UUID(int=5)) == PRODUCTS.room(COMPANY, str(UUID(int=5)))


@pytest.mark.parametrize("payload", [{}, {"items": [{}]}, {"items": 5}])
def test_an_event_that_lacks_its_key_may_concern_every_key(payload: dict[str, Any]) -> None:
    assert rooms(StockAdjusted.topic, **payload) == [STOCK.room(COMPANY), STOCK.room(COMPANY, UNKNOWN)]


def test_an_event_of_no_channel_has_no_room() -> None:
    assert rooms(UNHEARD) == []


def test_the_topics_of_all_channels_are_known() -> None:
    topics = sorted([ProductUpdated.topic, ProductDeleted.topic, StockAdjusted.topic, UserDisabled.topic])
    assert list(CHANNELS.topics) == topics


def test_two_channels_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"There are two channels product\."):
        Channels([PRODUCTS, Channel("product", {})])
