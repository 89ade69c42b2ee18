"""The container files say what the project says: checked by reading, no engine needed."""

import re

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
    known = {name.upper() for name in Settings.model_fields} | {"PATH", "PYTHONUNBUFFERED"}
    assert set(environment) | set(in_image) <= known
