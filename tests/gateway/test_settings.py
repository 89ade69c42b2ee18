"""Settings: an unknown or invalid one stops the start with its name."""

import os
import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.http.settings import HttpSettings
from gateway.rate_limits.rate_limits import RateLimitSettings
from gateway.settings import BadSettings, Settings, load

LONG = "k" * 32


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "DATABASE_URL",
        "REDIS_URL",
        "RABBITMQ_URL",
        "PORT",
        "HOST",
        "COMMERCE_HOME",
        "JWT_KEYS",
        "MOCK_PAYMENTS",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "is_taken"),
    [
        ({}, True),
        ({"DATABASE_URL": "postgresql://db/shop"}, False),
        ({"DATABASE_URL": "postgresql://db/shop", "MOCK_PAYMENTS": "true"}, True),
        ({"MOCK_PAYMENTS": "false"}, False),
    ],
)
def test_test_cards_are_for_laptops_unless_a_setting_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_taken: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load().takes_test_cards is is_taken


def problems(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        load()
    return str(caught.value).splitlines()


def test_every_setting_has_a_default() -> None:
    settings = load()
    assert (settings.host, settings.port, settings.commerce_home) == ("127.0.0.1", 8000, Path(".commerce"))
    assert settings.database_url is None
    assert settings.require_confirmed_email


def test_a_stopping_server_waits_longer_than_a_request_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load().http.shutdown_timeout, HttpSettings().shutdown_timeout) == (35, 35)
    monkeypatch.setenv("REQUEST_TIMEOUT", "59.5")
    assert load().http.shutdown_timeout == 65
    monkeypatch.setenv("SHUTDOWN_TIMEOUT", "0")
    assert load().http.shutdown_timeout == 0


@pytest.mark.parametrize("url", ["redis://:se/cret@host:6379/0", "redis://:se#cret@host", "redis://host:70000"])
def test_a_password_that_is_not_encoded_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    (problem,) = problems(monkeypatch, REDIS_URL=url)
    assert problem.startswith("REDIS_URL: is no URL; percent-encode a user or password")
    assert "se" not in problem.partition(": ")[2].replace("user", "").replace("password", "")


def test_the_protocol_of_traces_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems(monkeypatch, OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
    expected = "must be http/protobuf, the only protocol here; collectors expect it on port 4318."
    assert problem == f"OTEL_EXPORTER_OTLP_PROTOCOL: {expected}"


def test_keys_of_payment_accounts_are_sent_over_https_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_URL", "http://127.0.0.1:8420")
    monkeypatch.setenv("PAYPAL_URL", "https://paypal.example")
    assert (load().stripe_url, load().paypal_url) == ("http://127.0.0.1:8420", "https://paypal.example")
    for url in ("http://stripe.example", "https://stripe.example/v1", "*"):
        (problem,) = problems(monkeypatch, STRIPE_URL=url)
        assert problem.startswith("STRIPE_URL: ")


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://a.example, https://b.example,")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8,::1/128")
    http = load().http
    assert http.cors_origins == ("https://a.example", "https://b.example")
    assert http.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def test_a_list_of_operations_turns_graphiql_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load().operations_files, load().http.graphiql) == ((), True)
    monkeypatch.setenv("OPERATIONS_FILES", "web.json, /etc/commerce/mobile.json")
    assert load().operations_files == (Path("web.json"), Path("/etc/commerce/mobile.json"))
    assert (load().http.graphiql, load().limits.introspection) == (False, True)


def test_the_command_line_overrides_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    assert [load(port=None).port, load(port=9001).port] == [9000, 9001]


def test_an_empty_value_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("PORT", "")
    assert (load().database_url, load().port) == (None, 8000)


def test_rate_limits_are_set_one_by_one_and_turned_off_by_0(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().rate_limits == RateLimitSettings()
    given = {"READS_PER_ADDRESS": 1, "READS_PER_ACCOUNT": 2, "WRITES_PER_ADDRESS": 3, "WRITES_PER_ACCOUNT": 4}
    given |= {"SENSITIVE_PER_ADDRESS": 5, "SENSITIVE_PER_ACCOUNT": 0}
    for name, value in given.items():
        monkeypatch.setenv(f"RATE_LIMIT_{name}", str(value))
    assert load().rate_limits == RateLimitSettings(1, 2, 3, 4, 5, 0)


@pytest.mark.parametrize("value", ["-1", "1000001", "1.5", "many"])
def test_a_rate_limit_is_a_number_from_0_to_a_million(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    (problem,) = problems(monkeypatch, RATE_LIMIT_WRITES_PER_ACCOUNT=value)
    assert problem.startswith("RATE_LIMIT_WRITES_PER_ACCOUNT: ")


def test_an_unknown_setting_is_named_with_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, COMMERCE_HOEM="/x", COMMERCE_PORT="1") == [
        "COMMERCE_HOEM is not a setting. Do you mean COMMERCE_HOME?",
        "COMMERCE_PORT is not a setting. Do you mean PORT?",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://root:secret@db/x"),
        ("REDIS_URL", "localhost:6379"),
        ("RABBITMQ_URL", "http://broker"),
        ("RABBITMQ_NAMESPACE", "a secret/#"),
        ("LOG_LEVEL", "loud"),
        ("TRUSTED_PROXIES", "everyone"),
        ("SMTP_SECURITY", "rot13"),
        ("GRAPHQL_MAX_DEPTH", "0"),
        ("INTROSPECTION", "perhaps"),
        ("WORKERS", "0"),
        ("MAIL_FROM", "shop"),
        ("MAIL_FROM", "Shop <>"),
        ("MAIL_FROM", "our shop@example.com"),
        ("CORS_ORIGINS", "shop.example"),
        ("CORS_ORIGINS", "https://shop.example/"),
        ("CORS_ORIGINS", "https://shop.example,null"),
        ("OPERATIONS_FILES", ", "),
    ],
)
def test_an_invalid_value_is_named_and_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    found = problems(monkeypatch, **{name: value})
    assert {line.split(":")[0] for line in found} == {name}
    assert "secret" not in " ".join(found)


def test_several_server_processes_need_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problems(monkeypatch, WORKERS="2") == [
        "WORKERS above 1 needs REDIS_URL: server processes share rate limits through Redis."
    ]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1")
    assert load().workers == 2


def test_an_invalid_network_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = problems(monkeypatch, TRUSTED_PROXIES="10.0.0.0/8, 10.0.0.1/8")
    assert problem.startswith("TRUSTED_PROXIES: 10.0.0.1/8 has host bits set; write networks like 10.0.0.0/8")


@pytest.mark.parametrize(
    "sender", ["shop@example.com", "Shop <shop@localhost>", '"Müller, Söhne" <post@müller.example>']
)
def test_a_sender_may_have_a_name(monkeypatch: pytest.MonkeyPatch, sender: str) -> None:
    monkeypatch.setenv("MAIL_FROM", sender)
    assert load().mail_from == sender


def test_any_origin_may_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "*")
    assert load().cors_origins == ("*",)


def test_the_representation_contains_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop:secret@db/shop")
    monkeypatch.setenv("JWT_KEYS", f"a:{LONG}")
    monkeypatch.setenv("SMTP_PASSWORD", "secret")
    assert "secret" not in repr(load())
    assert LONG not in repr(load())


def test_keys_are_listed_newest_first_with_or_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_KEYS", f"new:{LONG}1, {LONG}2")
    assert load().signing_keys() == [f"{LONG}1".encode(), f"{LONG}2".encode()]


@pytest.mark.parametrize("keys", ["short", f"a:{LONG},b:short", f"{LONG},:", ","])
def test_a_key_under_256_bits_stops_the_start(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    assert problems(monkeypatch, JWT_KEYS=keys)[0].startswith("JWT_KEYS: each secret needs 32 bytes or more")


def test_without_keys_one_is_generated_once_in_a_private_file(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    first, again = (load(commerce_home=home).signing_keys() for _ in range(2))
    assert first == again
    assert len(first[0]) == 64
    assert [file.name for file in home.iterdir()] == ["jwt.key"]
    assert (home / "jwt.key").stat().st_mode & 0o777 == 0o600


def test_a_temporary_key_file_of_a_dead_process_does_not_prevent_the_start(tmp_path: Path) -> None:
    """In a container every process has the same number."""
    (tmp_path / f"jwt.{os.getpid()}").write_text("half a k")
    (key,) = load(commerce_home=tmp_path).signing_keys()
    assert (tmp_path / "jwt.key").read_bytes() == key
    assert len(key) == 64


def test_the_readme_lists_exactly_the_settings() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    rows = re.findall(r"^\| (`[A-Z_]+`[^|]*) \|", readme, re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"`([A-Z_0-9]+)`", row)}
    assert listed == {name.upper() for name in Settings.model_fields}


def test_links_begin_with_the_public_url_or_lead_to_this_machine() -> None:
    assert load({}, public_url="https://api.shop.example").origin == "https://api.shop.example"
    assert load({}, port=9000).origin == "http://localhost:9000"
