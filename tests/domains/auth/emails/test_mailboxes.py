"""Which addresses are one mailbox: Python and the database agree."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domains.auth.emails.addresses import normalize_email
from domains.auth.emails.mailboxes import mailbox_of

DOMAINS = ("gmail.com", "googlemail.com", "proton.me", "protonmail.com", "pm.me", "example.com", "xn--gmail.com")
ODD = ["", "@", "a", "+", "+@example.com", "+x@gmail.com", "a@", "a+@b", "a@b@gmail.com", "a+b@c@example.com"]


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ann@example.com", "ann@example.com"),
        ("ANN@Example.COM", "ann@example.com"),
        ("ann+1@example.com", "ann@example.com"),
        ("ann+shop+2@example.com", "ann@example.com"),
        ("a.n.n@example.com", "a.n.n@example.com"),
        ("a.n.n+1@gmail.com", "ann@gmail.com"),
        ("A.nn@GoogleMail.com", "ann@gmail.com"),
        ("a.n-n_@protonmail.com", "ann@proton.me"),
        ("ann@pm.me", "ann@proton.me"),
        ("+tag@example.com", "+tag@example.com"),
        ("jürgen+1@exämple.com", "jürgen@exämple.com"),
    ],
)
def test_an_address_has_its_mailbox(address: str, mailbox: str) -> None:
    assert mailbox_of(normalize_email(address)) == mailbox


def test_the_mailbox_of_a_mailbox_is_itself() -> None:
    for address in ("a.b+c@gmail.com", "a-b@pm.me", "a+b@example.com", *ODD):
        assert mailbox_of(mailbox_of(address)) == mailbox_of(address)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    names=st.lists(st.tuples(st.text("ab.+-_éß@", max_size=8), st.sampled_from(DOMAINS)), min_size=30, max_size=30)
)
async def test_postgresql_and_python_compute_the_same_mailbox(owner: Any, names: list[tuple[str, str]]) -> None:
    addresses = [f"{name}@{domain}" for name, domain in names] + ODD
    rows = await owner.fetch("select a, mailbox_of(a) from unnest($1::text[]) as t (a)", addresses)
    assert {row[0]: row[1] for row in rows} == {address: mailbox_of(address) for address in addresses}
