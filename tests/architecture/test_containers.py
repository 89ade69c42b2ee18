"""The container files are consistent with the project; read as text, without a container engine."""

import re
from urllib.parse import urlsplit

import yaml

from gateway.infra.migrations import FOLDER
from gateway.settings import Settings
from tests.architecture.test_budgets import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_compose_has_the_production_shape() -> None:
    assert set(COMPOSE["services"]) == {"migrate", "gateway", "worker", "postgres", "redis", "rabbitmq"}


def test_everything_waits_for_what_it_needs() -> None:
    waits = {name: set(service.get("depends_on", {})) for name, service in COMPOSE["services"].items()}
    assert waits["migrate"] == {"postgres"}
    assert waits["gateway"] == waits["worker"] == {"migrate", "redis", "rabbitmq"}


def test_every_awaited_service_can_say_that_it_is_healthy() -> None:
    awaited = {
        name
        for service in COMPOSE["services"].values()
        for name, wait in service.get("depends_on", {}).items()
        if wait["condition"] == "service_healthy"
    }
    assert {name for name in awaited if "healthcheck" not in COMPOSE["services"][name]} == set()


def test_no_secret_is_written_down() -> None:
    secrets = re.findall(r"(?:PASSWORD|PASS|JWT_KEYS): (.*)", (ROOT / "docker-compose.yml").read_text())
    assert [secret for secret in secrets if not secret.startswith("${")] == []


def test_the_image_copies_only_what_exists_and_runs_as_nobody_special() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert "USER commerce" in DOCKERFILE


def test_the_migrations_stand_beside_the_code_in_the_image() -> None:
    _, build, final = DOCKERFILE.split("\nFROM ")
    assert FOLDER == ROOT / "migrations"
    assert "COPY migrations migrations" in build
    assert "--editable ." in build
    assert "COPY --from=build /app /app" in final


def test_the_server_is_told_only_settings_that_exist() -> None:
    environment = COMPOSE["services"]["gateway"]["environment"]
    in_image = re.findall(r"(\w+)=\S+", re.search(r"^ENV (.*COMMERCE_HOME.*)$", DOCKERFILE, re.MULTILINE)[1])  # type: ignore[index]
    of_others = {"PATH", "PYTHONUNBUFFERED", "PGPASSWORD"}
    assert set(environment) | set(in_image) <= {name.upper() for name in Settings.model_fields} | of_others


def test_no_password_stands_inside_a_url() -> None:
    urls = {name: value for name, value in COMPOSE["x-commerce"]["environment"].items() if name.endswith("_URL")}
    assert {name: value for name, value in urls.items() if "$" in value or urlsplit(value).password} == {}


def test_mail_and_the_address_of_the_proxy_can_be_set() -> None:
    environment = COMPOSE["x-commerce"]["environment"]
    mail = {name for name in map(str.upper, Settings.model_fields) if name.startswith("SMTP_") or name == "MAIL_FROM"}
    assert mail | {"TRUSTED_PROXIES"} <= set(environment)


def test_what_is_kept_outside_the_database_outlives_the_container() -> None:
    (home,) = re.findall(r"COMMERCE_HOME=(\S+)", DOCKERFILE)
    services = [COMPOSE["services"][name] for name in ("gateway", "worker", "migrate")]
    assert [service["volumes"] for service in services] == [[f"home:{home}"]] * 3
    assert set(COMPOSE["volumes"]) == {"home", "postgres", "rabbitmq"}


def test_every_variable_that_must_be_set_is_named_in_the_first_lines() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    head = text.split("\nname:")[0]
    asked = set(re.findall(r"\$\{(\w+)", text))
    assert {name for name in asked if name not in head} == set()
    assert "commerce create-admin" in head


def test_the_health_check_asks_where_the_server_listens() -> None:
    (check,) = re.findall(r"^HEALTHCHECK (.*)$", DOCKERFILE, re.MULTILINE)
    assert "os.environ['PORT']" in check
    assert "8000" not in check
