"""Secrets are in no URL, log or cookie, and only in the response that they belong to."""

import logging
import sys
from collections.abc import Callable

import pytest
import structlog
from structlog.testing import capture_logs

from domains.auth.service import AuthSettings
from domains.kernel.errors import Unauthenticated
from gateway.http.settings import HttpSettings
from tests.domains.auth.conftest import KEY, PASSWORD
from tests.gateway.graphql.auth import operations as ops
from tests.gateway.site import Site

NEW = "a new horse battery staple"


async def use_all_secrets(site: Site) -> list[str]:
    """Run every operation with secrets, with valid and invalid ones; returns the secrets."""
    email, address = site.email(), site.email()
    ticket = (await site.do(ops.REGISTER, email=email, password=PASSWORD))["ticket"]
    code = site.mailbox.last(email).code
    await site.refused(ops.EMAIL_VERIFY, email=email, ticket="0" * 64, code=code)
    first = (await site.do(ops.EMAIL_VERIFY, email=email, ticket=ticket, code=code))["auth"]
    await site.refused(ops.LOGIN, email=email, password=NEW)
    second = (await site.do(ops.REFRESH_TOKEN, refreshToken=first["refreshToken"]))["auth"]
    await site.refused(ops.REFRESH_TOKEN, refreshToken=first["refreshToken"])
    await site.denied(ops.ME, second["accessToken"])
    await site.do(ops.PASSWORD_RESET_REQUEST, email=email)
    reset = site.mailbox.last(email).token
    await site.do(ops.PASSWORD_RESET, token=reset, newPassword=NEW)
    third = await site.login(email, NEW)
    await site.do(ops.EMAIL_CHANGE_REQUEST, third["accessToken"], newEmail=address, currentPassword=NEW)
    change = site.mailbox.last(address).code
    await site.do(ops.EMAIL_CHANGE_CONFIRM, third["accessToken"], code=change)
    tokens = [auth[name] for auth in (first, second, third) for name in ("accessToken", "refreshToken")]
    return [PASSWORD, NEW, ticket, code, reset, change, *tokens]


# ASVS 16.2.5
async def test_no_log_contains_a_secret(
    make_site: Callable[..., Site], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(http=HttpSettings(access_log=True))
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        secrets = await use_all_secrets(site)
    written = f"{logs}{caplog.text}{capfd.readouterr()}"
    assert any(entry["event"] == "request" for entry in logs)
    assert [secret for secret in secrets if secret in written] == []


# ASVS 16.2.5: a fault is logged with its traceback, which holds no values.
async def test_no_log_of_a_fault_contains_a_secret(
    site: Site, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(type(site.mailbox), "encrypt", fail)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        answer = (
            await site.post(ops.REGISTER, input={"email": site.email(), "password": PASSWORD, "firstName": "Ada"})
        ).json()
    finally:
        structlog.reset_defaults()
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    written = capfd.readouterr().err
    assert "the disk is full" in written
    assert PASSWORD not in written + str(answer)


# ASVS 14.2.1
@pytest.mark.parametrize("name", ["access_token", "token", "authorization", "auth", "jwt"])
async def test_a_token_in_the_url_is_ignored(site: Site, name: str) -> None:
    token = await site.token()
    response = await site.send("GET", params={"query": "{ me { id } }", name: token})
    assert (response.status_code, response.json()["data"]) == (200, {"me": None})


# ASVS 14.2.1: nothing that takes a secret works by GET.
async def test_secrets_cannot_be_sent_in_a_url(site: Site) -> None:
    email = (await site.account()).email
    login = f'mutation {{ login(input: {{email: "{email}", password: "{PASSWORD}"}}) {{ auth {{ accessToken }} }} }}'
    response = await site.send("GET", params={"query": login})
    assert response.status_code == 405
    assert "accessToken" not in response.text


# ASVS 3.3.1 to 3.3.4: no cookie is used, so none can be stolen or sent by another site.
async def test_no_response_sets_a_cookie_and_request_cookies_are_ignored(site: Site) -> None:
    auth = await site.login((await site.account()).email)
    responses = [
        await site.post(ops.ME, auth["accessToken"]),
        await site.post(ops.REFRESH_TOKEN, input={"refreshToken": auth["refreshToken"]}),
    ]
    assert [response.headers.get("set-cookie") for response in responses] == [None, None]
    token = responses[1].json()["data"]["refreshToken"]["auth"]["accessToken"]
    site.headers = {"cookie": f"token={token}; accessToken={token}; session={token}"}
    assert await site.value(ops.ME) is None


async def test_responses_with_tokens_are_not_cached(site: Site) -> None:
    email = (await site.account()).email
    response = await site.post(ops.LOGIN, input={"email": email, "password": PASSWORD})
    assert response.headers["cache-control"] == "no-store"


# ASVS 9.2.2: the tokens of other purposes give no access.
async def test_other_tokens_are_refused_as_access_token(site: Site) -> None:
    email = site.email()
    ticket = (await site.do(ops.REGISTER, email=email, password=PASSWORD))["ticket"]
    code = site.mailbox.last(email).code
    auth = (await site.do(ops.EMAIL_VERIFY, email=email, ticket=ticket, code=code))["auth"]
    await site.do(ops.PASSWORD_RESET_REQUEST, email=email)
    for token in (auth["refreshToken"], ticket, site.mailbox.last(email).token, code):
        response = await site.post(ops.ME, token)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer a b", "bearer \x7f", "Token abc", ""])
async def test_a_malformed_authorization_header_is_refused(site: Site, header: str) -> None:
    site.headers = {"authorization": header}
    assert (await site.post(ops.ME)).status_code == 401


def test_the_representation_of_settings_contains_no_secret() -> None:
    assert KEY.decode() not in repr(AuthSettings(secrets=[KEY]))


async def test_an_error_does_not_contain_the_token(site: Site) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await site.auth.sessions.authenticate(site.database, "eyJhbGciOiJub25lIn0.e30.", site.company_id)
    assert "eyJ" not in refused.value.message
