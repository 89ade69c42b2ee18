"""All settings, typed, from the environment; an unknown or invalid one fails the start with its name."""

import difflib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from math import ceil
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Annotated, Any, Final, Self
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.graphql.engine.limits import GraphQLLimits
from gateway.http.settings import HttpSettings
from gateway.rate_limits.rate_limits import RateLimitSettings
from gateway.setting_types import (
    KEY_OCTETS,
    OTLP_PROTOCOL,
    Contact,
    Files,
    Keys,
    Listed,
    LogLevel,
    Network,
    Origin,
    OtlpProtocol,
    ProviderUrl,
    Sender,
    SmtpSecurity,
    VapidKey,
    keys_of,
    url_of,
)

PREFIX: Final = "COMMERCE_"
SENDING_SECONDS: Final = 5  # for an answer, after a request
HTTP: Final = HttpSettings()
LIMITS: Final = GraphQLLimits()
RATES: Final = RateLimitSettings()
MAX_RATE: Final = 1_000_000
PUSH_SERVICES: Final = (
    "fcm.googleapis.com",  # Chrome
    "push.services.mozilla.com",
    "notify.windows.com",  # Edge
    "push.apple.com",
)


class BadSettings(Exception):
    """One or more settings are unknown or invalid; the message names each of them."""


class Settings(BaseSettings):
    """The settings of one process; each is read from the environment variable of its name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    commerce_home: Path = Path(".commerce")
    """The folder of the embedded database, the local mail outbox and the generated keys."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    """The number of server processes; several share rate limits and caches through Redis."""
    log_level: LogLevel = "info"
    access_log: bool = True

    database_url: Annotated[SecretStr, url_of("postgresql", "postgres")] | None = None
    """PostgreSQL 15 or newer; without it, an embedded server in COMMERCE_HOME."""
    database_pool_size: int = Field(default=10, ge=2, le=200)
    redis_url: Annotated[SecretStr, url_of("redis", "rediss", "unix")] | None = None
    redis_namespace: str = Field(default="commerce:", max_length=64, pattern=r"^[A-Za-z0-9._:-]*$")
    """A prefix of the keys in Redis, for installations that share a server."""
    rabbitmq_url: Annotated[SecretStr, url_of("amqp", "amqps")] | None = None
    rabbitmq_password: SecretStr | None = None
    """The password when RABBITMQ_URL has none; unlike in a URL, no character of it is encoded."""

    rabbitmq_namespace: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")
    """A prefix of the names of exchange and queues, for installations that share a virtual host."""

    jwt_keys: Keys | None = None
    """`name:secret` pairs, separated by commas; the first signs and encrypts. Each secret has 32 bytes or more."""
    require_confirmed_email: bool = True

    smtp_host: str | None = None
    """Without it, mail is written to COMMERCE_HOME/outbox."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: SmtpSecurity = "starttls"
    mail_from: Sender = "Shop <shop@localhost>"

    public_url: ProviderUrl | None = None
    """The origin under which the world reaches this installation, such as https://api.shop.example."""
    email_reports_key: SecretStr | None = Field(default=None, min_length=16)
    """Signs the reports of bounces, complaints and deliveries of e-mails; none are taken without it."""
    twilio_account_sid: str | None = Field(default=None, pattern=r"^AC[0-9a-fA-F]{32}$")
    """With TWILIO_AUTH_TOKEN and TWILIO_FROM, SMS are sent by Twilio; without, they are written to a file."""
    twilio_auth_token: SecretStr | None = None
    twilio_from: str | None = Field(default=None, max_length=40)
    """The sender: a number, a short code, a name, or the id of a messaging service (`MG…`)."""
    twilio_url: ProviderUrl | None = None
    """Another server in place of Twilio's own, for tests: it is sent the token."""

    vapid_private_key: VapidKey | None = None
    """Signs push notifications to browsers; base64 of 32 bytes. Another key ends all subscriptions of browsers."""
    vapid_subject: Contact | None = None
    """Whom push services of browsers contact: `mailto:` with an address, or an https address."""
    web_push_services: Annotated[tuple[str, ...], *Listed] = PUSH_SERVICES
    """The hosts, with all below them, to which push notifications for browsers may go."""
    firebase_credentials: SecretStr | None = None
    """The key of a service account that sends push notifications to apps: its JSON, or the path of its file."""
    firebase_url: ProviderUrl | None = None
    """Another server in place of Firebase's own, for tests: it is sent the access token."""

    mock_payments: bool | None = None
    """Whether orders can be paid with the test cards of MOCK; without it, only where DATABASE_URL is not set."""
    stripe_url: ProviderUrl | None = None
    """Another server in place of Stripe's own, for tests and demonstrations: it is sent the companies' keys."""
    paypal_url: ProviderUrl | None = None
    """The same in place of both environments of PayPal."""

    cors_origins: Annotated[tuple[Origin, ...], *Listed] = ()
    trusted_proxies: Annotated[tuple[Network, ...], *Listed] = ()
    """The networks of proxies whose X-Forwarded-For is trusted."""
    introspection: bool = True
    """Enables introspection, GraphiQL and suggestions."""
    operations_files: Files = ()
    """The manifests of the operations that the server executes; without one it executes any."""
    max_body: int = Field(default=HTTP.max_body, ge=1024)
    """The highest size of a GraphQL request in bytes."""
    max_import: int = Field(default=HTTP.max_import, ge=1024)
    """The highest size of an uploaded product file in bytes."""
    head_timeout: float = Field(default=HTTP.head_timeout, gt=0)
    """Seconds until a request's head must have arrived; the first one counts from the connection's start."""
    body_timeout: float = Field(default=HTTP.body_timeout, gt=0)
    """Seconds until a request's body must have arrived."""
    write_timeout: float = Field(default=HTTP.write_timeout, gt=0)
    """Seconds in which a client must read a part of a pending response."""
    keep_alive_timeout: float = Field(default=HTTP.keep_alive_timeout, gt=0)
    """Seconds until a connection without a next request is closed."""
    max_connections: int = Field(default=HTTP.max_connections, ge=1)
    max_connections_per_address: int = Field(default=HTTP.max_connections_per_address, ge=1)
    """The highest number of connections per IPv4 address or IPv6 /64 network; trusted proxies are not counted."""
    max_live_connections: int = Field(default=HTTP.max_live_connections, ge=1)
    """The highest number of WebSockets and event streams of a server process, beside `max_connections`."""
    max_live_connections_per_address: int = Field(default=HTTP.max_live_connections_per_address, ge=1)
    """The same of an IPv4 address or IPv6 /64 network, as trusted proxies name it."""
    max_live_connections_per_account: int = Field(default=HTTP.max_live_connections_per_account, ge=1)
    """The same of an account."""
    max_subscriptions_per_connection: int = Field(default=HTTP.max_subscriptions_per_connection, ge=1)
    """The highest number of operations that run on a WebSocket at the same time."""
    request_timeout: float = Field(default=HTTP.execution_timeout, gt=0, le=60)  # below an idempotency key's lease
    """Seconds until a request must be answered."""
    shutdown_timeout: int | None = Field(default=None, ge=0)
    """Seconds that a stopping server waits for requests in flight; by default five more than `request_timeout`."""
    rate_limit_reads_per_address: int = Field(default=RATES.reads_per_address, ge=0, le=MAX_RATE)
    """Requests a minute of an IPv4 address or IPv6 /64 network, counted by each server process; 0 is no limit."""
    rate_limit_reads_per_account: int = Field(default=RATES.reads_per_account, ge=0, le=MAX_RATE)
    """The same of an account."""
    rate_limit_writes_per_address: int = Field(default=RATES.writes_per_address, ge=0, le=MAX_RATE)
    """Mutations and uploads a minute of a network, counted by all server processes together; 0 is no limit."""
    rate_limit_writes_per_account: int = Field(default=RATES.writes_per_account, ge=0, le=MAX_RATE)
    """The same of an account."""
    rate_limit_sensitive_per_address: int = Field(default=RATES.sensitive_per_address, ge=0, le=MAX_RATE)
    """Mutations a minute of a network that check a credential or send mail; 0 is no limit."""
    rate_limit_sensitive_per_account: int = Field(default=RATES.sensitive_per_account, ge=0, le=MAX_RATE)
    """The same of an account."""
    answer_cache: int = Field(default=64, ge=0, le=65_536)
    """Megabytes of memory for answers to guests; 0 turns the cache of answers off."""
    rendering_cache: int = Field(default=64, ge=0, le=65_536)
    """Megabytes of memory for rendered JSON of products and other objects with a revision; 0 renders none."""
    product_cache: int = Field(default=64, ge=0, le=65_536)
    """Megabytes of memory of a process for products that it has read; 0 remembers none."""
    cdn_max_age: int = Field(default=HTTP.cdn_max_age, ge=0, le=86_400)
    """Seconds for which a CDN may answer a guest's GET query without asking; changes show that much later there."""
    graphql_max_depth: int = Field(default=LIMITS.depth, ge=1)
    graphql_max_cost: int = Field(default=LIMITS.cost, ge=1)
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """The port of the Prometheus metrics; none are served without it."""
    metrics_host: str = "127.0.0.1"
    slow_operation: int = Field(default=HTTP.slow_operation, ge=1)
    """Milliseconds above which a request, a handler or (times ten) a job is logged as slow."""
    otel_exporter_otlp_endpoint: Annotated[SecretStr, url_of("http", "https")] | None = None
    """The OpenTelemetry collector (OTLP over HTTP) that receives traces; none are recorded without it."""
    otel_exporter_otlp_protocol: OtlpProtocol = OTLP_PROTOCOL
    otel_exporter_otlp_traces_protocol: OtlpProtocol = OTLP_PROTOCOL
    otel_traces_sampler_arg: float = Field(default=1.0, ge=0, le=1)
    """The share of new traces that are recorded. A trace that a caller began is recorded when the caller says so."""
    otel_service_name: str = "commerce"
    testing: bool = False
    """Allows FAIL_POINTS, and webhooks to http and private addresses. Never set it in production."""
    fail_points: Annotated[tuple[str, ...], *Listed] = ()
    """Fail-points to arm, such as `relay.claimed:kill:2`."""

    @property
    def takes_test_cards(self) -> bool:
        """Whether MOCK takes new payments, which move no money: by default on laptops and in tests only."""
        return self.database_url is None if self.mock_payments is None else self.mock_payments

    @model_validator(mode="after")
    def _fail_points_only_in_tests(self) -> Self:
        if self.fail_points and not self.testing:
            raise ValueError("FAIL_POINTS lets the process die, and needs TESTING=true")
        return self

    @model_validator(mode="after")
    def _twilio_is_complete(self) -> Self:
        if len({each is None for each in (self.twilio_account_sid, self.twilio_auth_token, self.twilio_from)}) > 1:
            raise ValueError("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM belong together: set all or none")
        return self

    @model_validator(mode="after")
    def _web_push_is_complete(self) -> Self:
        if (self.vapid_private_key is None) != (self.vapid_subject is None):
            raise ValueError("VAPID_PRIVATE_KEY and VAPID_SUBJECT belong together: set both or none")
        return self

    @model_validator(mode="after")
    def _processes_share_limits(self) -> Self:
        if self.workers > 1 and self.redis_url is None:
            raise ValueError("WORKERS above 1 needs REDIS_URL: server processes share rate limits through Redis")
        return self

    @property
    def cache_url(self) -> str | None:
        """REDIS_URL."""
        return None if self.redis_url is None else self.redis_url.get_secret_value()

    @property
    def broker_url(self) -> str | None:
        """RABBITMQ_URL, with RABBITMQ_PASSWORD when it has no password."""
        if self.rabbitmq_url is None:
            return None
        url = self.rabbitmq_url.get_secret_value()
        parts = urlsplit(url)
        if self.rabbitmq_password is None or parts.password is not None:
            return url
        secret = quote(self.rabbitmq_password.get_secret_value(), safe="")
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{parts.username or 'guest'}:{secret}@{host}"))

    @property
    def http(self) -> HttpSettings:
        """The settings of the HTTP layer."""
        return HttpSettings(
            max_body=self.max_body,
            max_import=self.max_import,
            head_timeout=self.head_timeout,
            body_timeout=self.body_timeout,
            write_timeout=self.write_timeout,
            keep_alive_timeout=self.keep_alive_timeout,
            max_connections=self.max_connections,
            max_connections_per_address=self.max_connections_per_address,
            max_live_connections=self.max_live_connections,
            max_live_connections_per_address=self.max_live_connections_per_address,
            max_live_connections_per_account=self.max_live_connections_per_account,
            max_subscriptions_per_connection=self.max_subscriptions_per_connection,
            execution_timeout=self.request_timeout,
            shutdown_timeout=self._shutdown_timeout,
            cors_origins=self.cors_origins,
            trusted_proxies=self.trusted_proxies,
            graphiql=self.introspection and not self.operations_files,
            access_log=self.access_log,
            slow_operation=self.slow_operation,
            cdn_max_age=self.cdn_max_age,
        )

    @property
    def _shutdown_timeout(self) -> int:
        """A request that has just begun is answered, and its answer sent."""
        return (
            ceil(self.request_timeout) + SENDING_SECONDS if self.shutdown_timeout is None else self.shutdown_timeout
        )

    @property
    def rate_limits(self) -> RateLimitSettings:
        """The rate limits of requests."""
        return RateLimitSettings(
            reads_per_address=self.rate_limit_reads_per_address,
            reads_per_account=self.rate_limit_reads_per_account,
            writes_per_address=self.rate_limit_writes_per_address,
            writes_per_account=self.rate_limit_writes_per_account,
            sensitive_per_address=self.rate_limit_sensitive_per_address,
            sensitive_per_account=self.rate_limit_sensitive_per_account,
        )

    @property
    def limits(self) -> GraphQLLimits:
        """The limits of GraphQL requests."""
        return GraphQLLimits(
            depth=self.graphql_max_depth,
            cost=self.graphql_max_cost,
            introspection=self.introspection,
            seconds=self.request_timeout,
        )

    def require_home(self) -> None:
        """Create COMMERCE_HOME when files are stored in it. Raises BadSettings when it is not writable."""
        if self.database_url is not None and self.jwt_keys is not None and self.smtp_host is not None:
            return
        home = self.commerce_home.expanduser()
        try:
            home.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=home) as probe:
                probe.write(b"\0")
        except OSError as error:
            reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror or str(error)
            raise BadSettings(
                f"COMMERCE_HOME: {home} cannot be used as a folder ({reason}). Set COMMERCE_HOME to a folder that "
                "this user may write to."
            ) from error

    @property
    def origin(self) -> str:
        """With what links to this installation begin: PUBLIC_URL, or without it an address of this machine alone.

        What calls back from elsewhere, such as Twilio, is given PUBLIC_URL, and nothing without it.
        """
        return self.public_url or f"http://localhost:{self.port}"

    def signing_keys(self) -> list[bytes]:
        """The secrets of which the first signs and encrypts: JWT_KEYS, or one generated once in COMMERCE_HOME."""
        if self.jwt_keys is not None:
            return keys_of(self.jwt_keys)
        return keys_of(SecretStr(_stored_key(self.commerce_home / "jwt.key")))


def load(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """The settings of the environment, overridden by the command line. Raises BadSettings."""
    known = {name.upper() for name in Settings.model_fields}
    problems = [_unknown(name, known) for name in environment if name.startswith(PREFIX) and name not in known]
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors(include_url=False, include_input=False)]
    if problems:
        raise BadSettings("\n".join(problems))
    return settings


def _unknown(name: str, known: set[str]) -> str:
    bare = name.removeprefix(PREFIX)
    close = [bare] if bare in known else difflib.get_close_matches(name, known, n=1)
    return f"{name} is not a setting." + (f" Do you mean {close[0]}?" if close else "")


def _problem(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    return f"{str(detail['loc'][0]).upper()}: {message}." if detail["loc"] else f"{message}."


def _stored_key(file: Path) -> str:
    """The key in the file, generated when it is missing. A hard link makes the complete file visible at once."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.") as draft:  # readable by this user only
            draft.write(secrets.token_hex(KEY_OCTETS))
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, file)
    return file.read_text()
