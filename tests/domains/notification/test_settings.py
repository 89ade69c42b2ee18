"""The addresses that a company sets for its messages: only those of web pages."""

import pytest

from domains.kernel.errors import InvalidInput
from domains.notification.settings import SETTINGS, URL_LENGTH


@pytest.mark.parametrize("name", ["storefront_url", "logo_url"])
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//shop.example",
        "/products",
        "https://",
        "https:///products",
        "https://shop.example@evil.example/",
        "https://@evil.example/",
        "https://:word@evil.example/",
        "https://[::1",
        "https://[x]/",
        "https://shop.example:port/",
        "https://shop.example:99999/",
        "https://shop.example\uff0fevil.example/",
        "https://shop.example/\r\nBcc: eve@example.com",
        "https://shop.example/\x01",
        "https://shop.example/\x7f",
        'https://shop.example/"onclick="',
        "https://shop.example\\@evil.example/",
        "https://shop.example/" + "a" * URL_LENGTH,
    ],
)
def test_an_address_that_is_not_of_a_web_page_is_refused(name: str, url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        SETTINGS[name].check(url, "EUR")
    assert refused.value.field == (name,)


@pytest.mark.parametrize(
    "url", ["https://shop.example", "http://localhost:3000/", "https://[2001:db8::1]:8443/a?b=c#d"]
)
def test_an_address_of_a_web_page_is_kept_as_it_is(url: str) -> None:
    assert SETTINGS["storefront_url"].check(url, "EUR") == url
