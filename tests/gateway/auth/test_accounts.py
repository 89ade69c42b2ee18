"""A customer's way through the API: register, confirm, sign in, change everything, sign out."""

from tests.domains.auth.conftest import PASSWORD
from tests.gateway.auth.conftest import Site

REGISTER = """
mutation ($email: String!, $password: String!) {
  register(input: {email: $email, password: $password, firstName: "Ada"}) {
    mailSent ticket auth { accessToken } errors { code message path }
  }
}
"""
VERIFY = """
mutation ($email: String!, $ticket: String!, $code: String!) {
  emailVerify(input: {email: $email, ticket: $ticket, code: $code}) {
    auth { accessToken refreshToken user { email firstName emailVerified isActive role { code } addresses { id } } }
    errors { code message path }
  }
}
"""
ME = "{ me { email } }"


async def test_a_customer_registers_confirms_and_is_signed_in(site: Site) -> None:
    email = f"ada-{site.company_id}@example.com"
    registered = (await site.ask(REGISTER, email=email, password=PASSWORD))["register"]
    assert {**registered, "ticket": len(registered["ticket"])} == {
        "mailSent": True,
        "ticket": 64,
        "auth": None,
        "errors": [],
    }
    code = site.mailbox.last(email).code
    verified = (await site.ask(VERIFY, email=email, ticket=registered["ticket"], code=code))["emailVerify"]
    assert verified["errors"] == []
    assert verified["auth"]["user"] == {
        "email": email,
        "firstName": "Ada",
        "emailVerified": True,
        "isActive": True,
        "role": {"code": "CUSTOMER"},
        "addresses": [],
    }
    assert await site.ask(ME, verified["auth"]["accessToken"]) == {"me": {"email": email}}
    assert (await site.login(email))["auth"]["user"]["email"] == email
