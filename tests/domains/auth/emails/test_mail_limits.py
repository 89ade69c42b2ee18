"""Mails to one mailbox are limited, from all networks together."""

from contextlib import suppress

import pytest

from domains.auth.models import Origin
from domains.kernel.errors import RateLimited
from tests.domains.auth.conftest import ELSEWHERE, HOME, Shop
from tests.domains.auth.test_registration import register


async def test_mails_to_one_mailbox_are_limited_per_network(shop: Shop) -> None:
    email = shop.email()
    for _ in range(5):
        await register(shop, email)
    with pytest.raises(RateLimited) as refused:
        await register(shop, email)
    assert refused.value.retry_after == 900
    assert len([mail for mail in shop.mailbox.mails if mail.to == email]) == 5


async def test_mails_to_one_mailbox_from_many_networks_are_limited_to_two_each(shop: Shop) -> None:
    email, sent = shop.email(), []
    for network in range(6):
        before = len(shop.mailbox.mails)
        for _ in range(6):
            with suppress(RateLimited):
                await shop.auth.passwords.request_reset(shop.db, shop.guest, Origin(f"198.51.100.{network}"), email)
        sent.append(len(shop.mailbox.mails) - before)
    assert sent == [5, 4, 2, 2, 2, 2]


async def test_mails_to_one_mailbox_are_limited_over_all_networks(shop: Shop) -> None:
    email = shop.email()
    for network in range(120):
        with suppress(RateLimited):
            await shop.auth.passwords.request_reset(shop.db, shop.guest, Origin(f"198.51.{network}.1"), email)
    assert len(shop.mailbox.mails) == 100


# Plus tags and, at Gmail, dots lead to one mailbox: other spellings bring no more mails to it.
async def test_spellings_of_one_mailbox_share_its_limit(shop: Shop) -> None:
    name = shop.email().partition("@")[0]
    spellings = [f"{name}+{number}@gmail.com" for number in range(3)]
    spellings += [f"{name[:number]}.{name[number:]}@googlemail.com" for number in range(1, 4)]
    for email in spellings:
        with suppress(RateLimited):
            await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, email)
    assert [mail.to for mail in shop.mailbox.mails] == spellings[:5]


async def test_mails_for_one_network_are_limited(shop: Shop) -> None:
    for _ in range(60):
        await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, shop.email())
    with pytest.raises(RateLimited):
        await shop.auth.passwords.request_reset(shop.db, shop.guest, HOME, shop.email())
    await shop.auth.passwords.request_reset(shop.db, shop.guest, ELSEWHERE, shop.email())
