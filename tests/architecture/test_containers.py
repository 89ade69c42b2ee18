"""The container files are consistent with the project; read as text, without a container engine."""

import re
from urllib.parse import urlsplit

import yaml

from domains.auth.sessions import sessions
from gateway.infra import postgres
from gateway.infra.migrations import FOLDER
from gateway.messaging import background
from gateway.settings import Settings
from tests.architecture.test_budgets import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PROMETHEUS = ROOT / "deploy" / "prometheus"
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_compose_has_the_production_shape() -> None:
    assert set(COMPOSE["services"]) == {"migrate", "gateway", "worker", "postgres", "redis", "rabbitmq"}


def test_every_service_waits_for_its_dependencies() -> None:
    waits = {name: set(service.get("depends_on", {})) for name, service in COMPOSE["services"].items()}
    assert waits["migrate"] == {"postgres"}
    assert waits["gateway"] == waits["worker"] == {"migrate", "redis", "rabbitmq"}


def test_every_awaited_service_has_a_health_check() -> None:
    awaited = {
        name
        for service in COMPOSE["services"].values()
        for name, wait in service.get("depends_on", {}).items()
        if wait["condition"] == "service_healthy"
    }
    assert {name for name in awaited if "healthcheck" not in COMPOSE["services"][name]} == set()


def test_a_process_that_is_stopped_has_the_time_to_end() -> None:
    http = Settings().http
    assert http.shutdown_timeout > http.execution_timeout
    longest = http.shutdown_timeout + sessions.CLOSE_SECONDS + background.STOP_SECONDS + 2 * postgres.CLOSE_SECONDS
    graces = {COMPOSE["services"][name]["stop_grace_period"] for name in ("gateway", "worker")}
    assert [grace[-1] for grace in graces] == ["s"]
    assert longest < int(graces.pop()[:-1]) - 5


def test_prometheus_finds_every_process_with_metrics() -> None:
    processes = {name for name in COMPOSE["services"] if name in {"gateway", "worker"}}
    (job,) = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    (found,) = job["dns_sd_configs"]
    assert (set(found["names"]), str(found["port"])) == (
        processes,
        COMPOSE["x-commerce"]["environment"]["METRICS_PORT"],
    )
    absent = re.findall(r'absent\(up\{job="commerce", process="(\w+)"\}\)', (PROMETHEUS / "alerts.yml").read_text())
    assert (set(absent), job["relabel_configs"]) == (
        processes,
        [{"source_labels": ["__meta_dns_name"], "target_label": "process"}],
    )


def test_no_secret_is_written_in_the_file() -> None:
    secrets = re.findall(r"(?:PASSWORD|PASS|JWT_KEYS): (.*)", (ROOT / "docker-compose.yml").read_text())
    assert [secret for secret in secrets if not secret.startswith("${")] == []


def test_the_image_copies_existing_paths_and_runs_as_an_unprivileged_user() -> None:
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    assert "USER commerce" in DOCKERFILE


def test_the_image_contains_the_migrations() -> None:
    _, build, final = DOCKERFILE.split("\nFROM ")
    assert FOLDER == ROOT / "migrations"
    assert "COPY migrations migrations" in build
    assert "--editable ." in build
    assert "COPY --from=build /app /app" in final


def test_the_services_receive_only_existing_settings() -> None:
    environment = COMPOSE["services"]["gateway"]["environment"]
    in_image = re.findall(r"(\w+)=\S+", re.search(r"^ENV (.*COMMERCE_HOME.*)$", DOCKERFILE, re.MULTILINE)[1])  # type: ignore[index]
    of_others = {"PATH", "PYTHONUNBUFFERED", "PGPASSWORD"}
    assert set(environment) | set(in_image) <= {name.upper() for name in Settings.model_fields} | of_others


def test_no_url_contains_a_password() -> None:
    environment = COMPOSE["x-commerce"]["environment"]
    assert environment["PUBLIC_URL"] == "${PUBLIC_URL:-}"  # an origin as it is given
    urls = {name: each for name, each in environment.items() if name.endswith("_URL") and name != "PUBLIC_URL"}
    assert {name: value for name, value in urls.items() if "$" in value or urlsplit(value).password} == {}


def test_mail_and_the_address_of_the_proxy_can_be_set() -> None:
    environment = COMPOSE["x-commerce"]["environment"]
    mail = {name for name in map(str.upper, Settings.model_fields) if name.startswith("SMTP_") or name == "MAIL_FROM"}
    assert mail | {"TRUSTED_PROXIES"} <= set(environment)


def test_files_outside_the_database_are_in_volumes() -> None:
    (home,) = re.findall(r"COMMERCE_HOME=(\S+)", DOCKERFILE)
    services = [COMPOSE["services"][name] for name in ("gateway", "worker", "migrate")]
    assert [service["volumes"] for service in services] == [[f"home:{home}"]] * 3
    assert set(COMPOSE["volumes"]) == {"home", "postgres", "rabbitmq"}


def test_every_required_variable_is_named_in_the_first_lines() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    head = text.split("\nname:")[0]
    asked = set(re.findall(r"\$\{(\w+)", text))
    assert {name for name in asked if name not in head} == set()
    assert "commerce create-admin" in head


def test_the_health_check_uses_the_port_of_the_server() -> None:
    (check,) = re.findall(r"^HEALTHCHECK (.*)$", DOCKERFILE, re.MULTILINE)
    assert "os.environ['PORT']" in check
    assert "8000" not in check
