"""Rate limits through the API: aliases and forged addresses give no further attempts; responses reveal nothing."""

from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from domains.kernel.actor import Actor
from domains.role.models import SystemRole
from gateway.http.settings import HttpSettings
from tests.domains.auth.conftest import PASSWORD
from tests.gateway.graphql.auth import operations as ops
from tests.gateway.site import Site

DEVICE_LOGIN = ops.mutation("login", "auth { deviceToken }")
WRONG = "wrong horse battery staple"
REFUSED = {
    "__typename": "GenericUserError",
    "code": "INVALID_CREDENTIALS",
    "message": "The e-mail address or the password is wrong, or the address is not confirmed yet.",
    "path": None,
}


async def guesses(site: Site, email: str, tries: int) -> list[str]:
    return [(await site.refused(ops.LOGIN, email=email, password=f"{WRONG} {n}"))["code"] for n in range(tries)]


# ASVS 6.3.1: several logins in one document are several guesses.
async def test_aliases_do_not_increase_the_number_of_attempts(site: Site, hashes: list[str]) -> None:
    email = (await site.account()).email
    hashes.clear()
    fields = " ".join(
        f'a{number}: login(input: {{email: "{email}", password: "{WRONG} {number}"}}) {{ auth {{ accessToken }} '
        "errors { code } }"
        for number in range(20)
    )
    answer = (await site.post(f"mutation {{ {fields} }}")).json()
    codes = [payload["errors"][0]["code"] for payload in answer["data"].values()]
    assert codes == ["INVALID_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 16
    assert len(hashes) == 4


# ASVS 6.3.1: the right password behind wrong ones in the same document is not reached either.
async def test_a_correct_password_among_many_aliases_is_not_accepted(site: Site) -> None:
    email = (await site.account()).email
    passwords = [f"{WRONG} {number}" for number in range(10)] + [PASSWORD]
    fields = " ".join(
        f'a{number}: login(input: {{email: "{email}", password: "{password}"}}) {{ auth {{ accessToken }} }}'
        for number, password in enumerate(passwords)
    )
    answer = (await site.post(f"mutation {{ {fields} }}")).json()
    assert all(payload["auth"] is None for payload in answer["data"].values())


# ASVS 6.3.1: a batch of operations is no request at all.
async def test_a_batch_of_logins_is_refused_as_a_whole(site: Site, hashes: list[str]) -> None:
    email = (await site.account()).email
    hashes.clear()
    one = {"query": ops.LOGIN, "variables": {"input": {"email": email, "password": WRONG}}}
    response = await site.send(json=[one] * 10)
    assert (response.status_code, hashes) == (400, [])


# ASVS 15.3.4
async def test_a_forged_forwarded_address_does_not_reset_the_limit(site: Site) -> None:
    email, seen = (await site.account()).email, []
    for number in range(8):
        site.headers = {
            "x-forwarded-for": f"203.0.113.{number}",
            "x-real-ip": f"203.0.113.{number}",
            "forwarded": f"for=203.0.113.{number}",
            "client-ip": f"203.0.113.{number}",
            "cf-connecting-ip": f"203.0.113.{number}",
            "true-client-ip": f"203.0.113.{number}",
        }
        seen += await guesses(site, email, 1)
    assert seen == ["INVALID_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 4


# ASVS 15.3.4: behind a proxy of ours the client's address counts, and what the client wrote before it does not.
async def test_clients_behind_a_trusted_proxy_are_limited_separately(make_site: Callable[..., Site]) -> None:
    site = make_site(http=HttpSettings(access_log=False, trusted_proxies=(ip_network("192.0.2.0/24"),)))
    email = (await site.account()).email
    seen: dict[str, list[str]] = {}
    for number in range(6):
        for client in ("198.51.100.1", "198.51.100.2"):
            site.headers = {"x-forwarded-for": f"203.0.113.{number}, {client}"}
            seen.setdefault(client, []).extend(await guesses(site, email, 1))
    expected = ["INVALID_CREDENTIALS"] * 4 + ["ACCOUNT_LOCKED"] * 2
    assert seen == {"198.51.100.1": expected, "198.51.100.2": expected}


async def test_a_lockout_reports_the_wait_and_the_alternative(site: Site) -> None:
    email = (await site.account()).email
    await guesses(site, email, 4)
    assert await site.refused(ops.LOGIN, email=email, password=PASSWORD) == {
        "__typename": "RateLimitedError",
        "code": "ACCOUNT_LOCKED",
        "message": "Too many wrong attempts. Try again later, or reset the password.",
        "path": None,
        "retryAfter": 60,
    }


# An office behind one address: the mistakes of some keep nobody else out.
async def test_four_wrong_attempts_at_four_accounts_do_not_lock_the_fifth(site: Site) -> None:
    for _ in range(4):
        assert await guesses(site, (await site.account()).email, 4) == ["INVALID_CREDENTIALS"] * 4
    email = (await site.account()).email
    assert (await site.login(email))["user"]["email"] == email


async def test_a_known_device_is_not_locked_out_by_others(site: Site) -> None:
    email = (await site.account(SystemRole.SUPER_ADMIN)).email
    token = (await site.do(DEVICE_LOGIN, email=email, password=PASSWORD))["auth"]["deviceToken"]
    for number in range(12):
        site.ip = f"198.51.100.{number}"
        await guesses(site, email, 1)
    site.ip = "203.0.113.9"
    assert (await site.refused(ops.LOGIN, email=email, password=PASSWORD))["code"] == "ACCOUNT_LOCKED"
    auth = (await site.do(DEVICE_LOGIN, email=email, password=PASSWORD, deviceToken=token))["auth"]
    assert auth["deviceToken"].split(".")[0] == token.split(".")[0]


# ASVS 6.1.1
async def test_a_locked_out_user_resets_and_logs_in(site: Site) -> None:
    email = (await site.account()).email
    site.ip = "198.51.100.66"
    await guesses(site, email, 8)
    site.ip = "192.0.2.7"
    await site.do(ops.PASSWORD_RESET_REQUEST, email=email)
    new = "a new horse battery staple"
    await site.do(ops.PASSWORD_RESET, token=site.mailbox.last(email).token, newPassword=new)
    assert (await site.login(email, new))["user"]["email"] == email


def shape(response: Any) -> tuple[object, ...]:
    """All of an answer that an attacker sees, but its random ticket and request id."""
    body = response.json()
    for payload in body["data"].values():
        if payload.get("ticket"):
            payload["ticket"] = len(payload["ticket"])
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, str(body), str(sorted(headers.items()))


# ASVS 6.3.8: message, status, headers, statements, hashes and mails are the same.
@pytest.mark.parametrize(
    ("mutation", "more"),
    [
        (ops.LOGIN, {"password": WRONG}),
        (ops.REGISTER, {"password": PASSWORD}),
        (ops.PASSWORD_RESET_REQUEST, {}),
        (ops.EMAIL_VERIFICATION_RESEND, {"ticket": "0" * 64}),
        (ops.EMAIL_VERIFY, {"ticket": "0" * 64, "code": "000000"}),
    ],
    ids=["login", "register", "passwordResetRequest", "emailVerificationResend", "emailVerify"],
)
async def test_no_response_reveals_whether_the_account_exists(
    site: Site, hashes: list[str], mutation: str, more: dict[str, str]
) -> None:
    known, unknown = (await site.account()).email, site.email()
    await site.login(known)
    seen = []
    for email in (known, unknown):
        hashes.clear()
        mails = len(site.mailbox.mails)
        site.clock.advance(timedelta(minutes=1))  # the limits of requests are whole, and show what this one takes
        response = await site.post(mutation, input={"email": email, **more})
        count = site.count
        seen.append((shape(response), len(hashes), count.data, count.control, len(site.mailbox.mails) - mails))
    assert seen[0] == seen[1]
    assert "errors" not in seen[0][0]


async def test_a_refused_login_has_the_same_response_for_every_reason(site: Site) -> None:
    known, disabled = await site.account(), await site.account()
    unconfirmed = site.email()
    await site.do(ops.REGISTER, email=unconfirmed, password=PASSWORD)
    await site.database.run(
        lambda tx: site.auth.members.disable(tx, tx.actor, disabled.id), Actor.system(site.company_id)
    )
    for number, (email, password) in enumerate(
        [
            (known.email, WRONG),
            (disabled.email, PASSWORD),
            (unconfirmed, PASSWORD),
            (site.email(), PASSWORD),
            ("?", ""),
        ]
    ):
        site.ip = f"192.0.2.{number}"
        assert await site.refused(ops.LOGIN, email=email, password=password) == REFUSED
