"""The push services to which notifications for browsers may go."""

import pytest

from gateway.providers.notifications.installation import may_push
from gateway.settings import load


@pytest.mark.parametrize(
    ("url", "is_known"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc:def", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://push.apple.com./abc", True),
        ("https://notpush.apple.com/abc", False),
        ("https://push.apple.com.example.com/abc", False),
        ("https://slow.example.com/push.apple.com", False),
        ("https://push.apple.com@slow.example.com/", False),
        ("http://web.push.apple.com/abc", False),
        ("", False),
    ],
)
def test_an_endpoint_is_one_of_a_known_push_service(url: str, is_known: bool) -> None:
    assert may_push(load({}))(url) is is_known


def test_a_setting_names_other_push_services() -> None:
    check = may_push(load({}, web_push_services="push.example.org, fcm.googleapis.com"))
    assert check("https://eu.push.example.org/abc")
    assert check("https://fcm.googleapis.com/abc")
    assert not check("https://web.push.apple.com/abc")
    assert not check("https://127.0.0.1/abc")
