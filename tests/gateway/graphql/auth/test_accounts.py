"""A customer's account through the API: register, confirm, log in, change, log out."""

from collections.abc import Callable
from datetime import timedelta

from tests.domains.auth.conftest import PASSWORD
from tests.gateway.graphql.auth import operations as ops
from tests.gateway.site import Site

NEW = "a new horse battery staple"
HOUSE = {
    "type": "SHIPPING",
    "fullName": "Ada Lovelace",
    "addressLine1": "12 St James's Square",
    "city": "London",
    "postalCode": "SW1Y 4JH",
    "country": "GB",
}


async def test_a_customer_registers_confirms_and_is_logged_in(site: Site) -> None:
    email = site.email()
    registered = await site.do(ops.REGISTER, email=email, password=PASSWORD, firstName="Ada")
    assert (registered["mailSent"], len(registered["ticket"]), registered["auth"]) == (True, 64, None)
    code = site.mailbox.last(email).code
    auth = (await site.do(ops.EMAIL_VERIFY, email=email, ticket=registered["ticket"], code=code))["auth"]
    user = auth["user"]
    assert (user["email"], user["firstName"], user["emailVerified"]) == (email, "Ada", True)
    assert user["role"] == {"code": "CUSTOMER"}
    assert await site.value(ops.ME, auth["accessToken"]) == {**user, "addresses": []}
    assert (await site.login(email))["user"] == user


async def test_the_demo_logs_in_without_confirmation(make_site: Callable[..., Site]) -> None:
    site = make_site(require_confirmed_email=False)
    email = site.email()
    auth = (await site.do(ops.REGISTER, email=email, password=PASSWORD))["auth"]
    assert (await site.value(ops.ME, auth["accessToken"]))["email"] == email
    taken = await site.refused(ops.REGISTER, email=email, password=PASSWORD)
    assert (taken["code"], taken["path"]) == ("EMAIL_TAKEN", ["input", "email"])


async def test_a_verification_code_can_be_sent_again(site: Site) -> None:
    email = site.email()
    ticket = (await site.do(ops.REGISTER, email=email, password=PASSWORD))["ticket"]
    assert (await site.do(ops.EMAIL_VERIFICATION_RESEND, email=email, ticket=ticket))["mailSent"]
    code = site.mailbox.last(email).code
    assert (await site.do(ops.EMAIL_VERIFY, email=email, ticket=ticket, code=code))["auth"]["user"]["email"] == email


async def test_tokens_report_when_to_renew_them(site: Site) -> None:
    auth = await site.login((await site.account()).email)
    assert auth["accessTokenExpiresAt"] == (site.clock.now() + timedelta(minutes=15)).isoformat()
    assert auth["sessionExpiresAt"] == (site.clock.now() + timedelta(days=90)).isoformat()


# ASVS 10.4.5
async def test_tokens_are_refreshed_and_a_reused_one_ends_the_session(site: Site) -> None:
    auth = await site.login((await site.account()).email)
    following = (await site.do(ops.REFRESH_TOKEN, refreshToken=auth["refreshToken"]))["auth"]
    assert (await site.value(ops.ME, following["accessToken"]))["id"] == auth["user"]["id"]
    again = await site.refused(ops.REFRESH_TOKEN, refreshToken=auth["refreshToken"])
    assert (again["code"], again["path"]) == ("SESSION_REVOKED", ["input", "refreshToken"])
    assert await site.denied(ops.ME, following["accessToken"]) == "UNAUTHENTICATED"
    ended = await site.refused(ops.REFRESH_TOKEN, refreshToken=following["refreshToken"])
    assert ended["code"] == "INVALID_TOKEN"


# ASVS 7.4.1
async def test_logout_ends_the_access_token(site: Site) -> None:
    token = await site.token()
    assert (await site.value(ops.LOGOUT, token))["endedSessions"] == 1
    response = await site.post(ops.ME, token)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


# ASVS 7.5.2
async def test_sessions_are_listed_and_ended(site: Site) -> None:
    email = (await site.account()).email
    site.headers = {"user-agent": "Phone"}
    phone = (await site.login(email))["accessToken"]
    site.headers = {"user-agent": "Laptop"}
    laptop = (await site.login(email))["accessToken"]
    listed = await site.value(ops.SESSIONS, laptop)
    assert [(each["userAgent"], each["ipAddress"], each["isCurrent"]) for each in listed["nodes"]] == [
        ("Laptop", "192.0.2.7", True),
        ("Phone", "192.0.2.7", False),
    ]
    assert listed["totalCount"] == 2
    ended = await site.do(ops.SESSION_END, laptop, id=listed["nodes"][1]["id"])
    assert ended["session"] == {"id": listed["nodes"][1]["id"], "isCurrent": False}
    assert await site.denied(ops.ME, phone) == "UNAUTHENTICATED"
    gone = await site.refused(ops.SESSION_END, laptop, id=listed["nodes"][1]["id"])
    assert gone["code"] == "NOT_FOUND"
    third, fourth = (await site.login(email))["accessToken"], (await site.login(email))["accessToken"]
    assert (await site.value(ops.SESSIONS_END_OTHERS, laptop))["endedSessions"] == 2
    assert {await site.denied(ops.ME, each) for each in (third, fourth)} == {"UNAUTHENTICATED"}
    assert (await site.value(ops.LOGOUT, laptop, input={"everywhere": True}))["endedSessions"] == 1


async def test_a_forgotten_password_is_reset(site: Site) -> None:
    email = (await site.account()).email
    token = (await site.login(email))["accessToken"]
    assert (await site.do(ops.PASSWORD_RESET_REQUEST, email=email))["mailSent"]
    mailed = site.mailbox.last(email).token
    weak = await site.refused(ops.PASSWORD_RESET, token=mailed, newPassword="12345678")
    assert (weak["code"], weak["path"]) == ("WEAK_PASSWORD", ["input", "newPassword"])
    assert (await site.do(ops.PASSWORD_RESET, token=mailed, newPassword=NEW))["passwordChanged"]
    assert await site.denied(ops.ME, token) == "UNAUTHENTICATED"
    assert (await site.login(email, NEW))["user"]["email"] == email
    again = await site.refused(ops.PASSWORD_RESET, token=mailed, newPassword=PASSWORD)
    assert (again["code"], again["path"]) == ("INVALID_RESET_TOKEN", ["input", "token"])


# ASVS 6.2.3, 7.4.3
async def test_changing_the_password_requires_the_current_one(site: Site) -> None:
    email = (await site.account()).email
    token, other = (await site.login(email))["accessToken"], (await site.login(email))["accessToken"]
    wrong = await site.refused(ops.PASSWORD_CHANGE, token, currentPassword=NEW, newPassword=NEW)
    assert (wrong["code"], wrong["path"]) == ("WRONG_PASSWORD", ["input", "currentPassword"])
    changed = await site.do(ops.PASSWORD_CHANGE, token, currentPassword=PASSWORD, newPassword=NEW)
    assert (changed["passwordChanged"], changed["endedSessions"]) == (True, 1)
    assert await site.denied(ops.ME, other) == "UNAUTHENTICATED"
    assert (await site.value(ops.ME, token))["email"] == email
    assert (await site.login(email, NEW))["user"]["email"] == email


# ASVS 7.5.1
async def test_changing_the_address_requires_password_and_code(site: Site) -> None:
    token, address = await site.token(), site.email()
    wrong = await site.refused(ops.EMAIL_CHANGE_REQUEST, token, newEmail=address, currentPassword=NEW)
    assert wrong["code"] == "WRONG_PASSWORD"
    assert (await site.do(ops.EMAIL_CHANGE_REQUEST, token, newEmail=address, currentPassword=PASSWORD))["mailSent"]
    assert (await site.value(ops.ME, token))["pendingEmail"] == address
    code = site.mailbox.last(address).code
    user = (await site.do(ops.EMAIL_CHANGE_CONFIRM, token, code=code))["user"]
    assert (user["email"], user["pendingEmail"]) == (address, None)
    used = await site.refused(ops.EMAIL_CHANGE_CONFIRM, token, code=code)
    assert (used["code"], used["path"]) == ("INVALID_CODE", ["input", "code"])


async def test_a_profile_change_affects_only_the_given_fields(site: Site) -> None:
    token = await site.token()
    user = (await site.do(ops.PROFILE_UPDATE, token, firstName="Élise", phone="+49 30 1234"))["user"]
    assert (user["firstName"], user["lastName"], user["phone"]) == ("Élise", "Lovelace", "+49301234")
    assert (await site.do(ops.PROFILE_UPDATE, token, phone=None))["user"]["phone"] is None
    long = await site.refused(ops.PROFILE_UPDATE, token, lastName="x" * 101)
    assert (long["code"], long["path"]) == ("TOO_LONG", ["input", "lastName"])


async def test_an_address_book_is_managed(site: Site) -> None:
    token = await site.token()
    first = (await site.do(ops.ADDRESS_CREATE, token, **HOUSE))["address"]
    assert first == {**HOUSE, "id": first["id"], "addressLine2": None, "phone": None, "isDefault": True}
    second = (await site.do(ops.ADDRESS_CREATE, token, **HOUSE, isDefault=True))["address"]
    moved = {"city": "Paris", "country": "FR", "postalCode": "75008"}
    changed = (await site.do(ops.ADDRESS_UPDATE, token, id=first["id"], **moved))["address"]
    assert changed == {**first, **moved, "isDefault": False}
    listed = await site.value(ops.ADDRESSES, token)
    assert (listed["nodes"], listed["totalCount"]) == ([second, changed], 2)
    assert (await site.value(ops.ME, token))["addresses"] == [{"id": second["id"]}, {"id": first["id"]}]
    assert (await site.do(ops.ADDRESS_DELETE, token, id=second["id"]))["address"] == second
    assert (await site.value(ops.ADDRESSES, token))["nodes"] == [{**changed, "isDefault": True}]
    abroad = HOUSE | {"country": "AE", "city": "Dubai"}
    del abroad["postalCode"]
    assert (await site.do(ops.ADDRESS_CREATE, token, **abroad))["address"]["postalCode"] == ""
    wrong = await site.refused(ops.ADDRESS_CREATE, token, **(HOUSE | {"country": "US", "postalCode": "ABC"}))
    assert (wrong["code"], wrong["path"]) == ("INVALID", ["input", "postalCode"])
    wrong = await site.refused(ops.ADDRESS_CREATE, token, **(HOUSE | {"country": "Atlantis"}))
    assert (wrong["code"], wrong["path"]) == ("INVALID", ["input", "country"])


async def test_a_guest_has_no_user(site: Site) -> None:
    assert await site.value(ops.ME) is None
    assert site.count.actor == 0


async def test_each_account_operation_executes_a_fixed_number_of_statements(site: Site) -> None:
    email = (await site.account()).email
    seen = {}
    auth = await site.login(email)
    auth = await site.login(email)
    seen["login"] = site.count
    token = auth["accessToken"]
    auth = (await site.do(ops.REFRESH_TOKEN, refreshToken=auth["refreshToken"]))["auth"]
    seen["refreshToken"] = site.count
    await site.value(ops.ME, token)  # what the role grants is remembered from now on
    for name, query in {"me": ops.ME, "sessions": ops.SESSIONS, "addresses": ops.ADDRESSES}.items():
        await site.value(query, token)
        seen[name] = site.count
    await site.value(ops.LOGOUT, token)
    seen["logout"] = site.count
    assert {name: (count.data, count.actor) for name, count in seen.items()} == {
        "login": (7, 0),
        "refreshToken": (4, 0),
        "me": (3, 1),
        "sessions": (2, 1),
        "addresses": (2, 1),
        "logout": (3, 1),
    }
