"""Credentials, buyers and certificates only go to and come from PayPal's own hosts."""

import pytest

from gateway.providers.paypal.environments import Environment, Site

CERT = "/v1/notifications/certs/CERT-1"
LIVE, SANDBOX = Site.of(Environment.LIVE), Site.of(Environment.SANDBOX)
LOCAL = Site.of(Environment.SANDBOX, "http://127.0.0.1:8080/")
OTHERS = [
    "https://www.paypal.com.example/checkoutnow",
    "https://www.paypal.com@example.com/checkoutnow",
    "https://www.paypal.com:8443/checkoutnow",
    "https://example.com/www.paypal.com",
    "https://example.com\\@www.paypal.com/",
    "http://www.paypal.com/checkoutnow",
    "javascript://www.paypal.com/%0aalert(1)",
    "//www.paypal.com/checkoutnow",
    "https://www.paypal.com\u2024example/",
    "https://[www.paypal.com/",
    "https://www.paypal.com/" + "x" * 2_000,
    "",
]


def test_the_hosts_of_the_api_are_paypals() -> None:
    assert (LIVE.base_url, SANDBOX.base_url) == ("https://api-m.paypal.com", "https://api-m.sandbox.paypal.com")
    assert LOCAL.base_url == "http://127.0.0.1:8080"


def test_pages_of_paypal_are_those_of_its_environment() -> None:
    assert LIVE.is_page("https://www.paypal.com/checkoutnow?token=1")
    assert SANDBOX.is_page("https://www.sandbox.paypal.com/checkoutnow?token=1")
    assert not LIVE.is_page("https://www.sandbox.paypal.com/checkoutnow?token=1")
    assert not SANDBOX.is_page("https://www.paypal.com/checkoutnow?token=1")


@pytest.mark.parametrize("url", OTHERS)
def test_other_pages_are_refused(url: str) -> None:
    assert not any(site.is_page(url) for site in (LIVE, SANDBOX, LOCAL))


def test_certificates_are_those_of_the_environment_below_their_path() -> None:
    assert LIVE.is_certificate(f"https://api.paypal.com{CERT}")
    assert LIVE.is_certificate(f"https://api-m.paypal.com{CERT}")
    assert SANDBOX.is_certificate(f"https://api.sandbox.paypal.com{CERT}")
    assert not LIVE.is_certificate(f"https://api.sandbox.paypal.com{CERT}")
    assert not SANDBOX.is_certificate(f"https://api.paypal.com{CERT}")


@pytest.mark.parametrize(
    "url",
    [
        f"http://api.paypal.com{CERT}",
        f"https://api.paypal.com.example{CERT}",
        f"https://api.paypal.com@example.com{CERT}",
        f"https://api.paypal.com:444{CERT}",
        f"https://www.paypal.com{CERT}",
        f"https://api.paypal.com{CERT}?next=1",
        f"https://api.paypal.com{CERT}#1",
        "https://api.paypal.com/v1/notifications/certs/../../x",
        "https://api.paypal.com/other/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/",
        f"https://api.paypal.com{CERT}/x",
    ],
)
def test_other_certificates_are_refused(url: str) -> None:
    assert not any(site.is_certificate(url) for site in (LIVE, SANDBOX, LOCAL))


def test_a_local_server_of_tests_is_all_of_paypal() -> None:
    assert LOCAL.is_certificate(f"http://127.0.0.1:8080{CERT}")
    assert LOCAL.is_page("http://127.0.0.1:8080/checkoutnow")
    assert not LOCAL.is_page("https://www.sandbox.paypal.com/checkoutnow")
    assert not LOCAL.is_certificate(f"https://api.sandbox.paypal.com{CERT}")
    assert not LOCAL.is_own("http://127.0.0.1:8081/")
