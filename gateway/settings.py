"""Every setting, typed, from the environment; an unknown or bad value stops the start with its name."""

import difflib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.graphql.engine.limits import GraphQLLimits
from gateway.http.settings import HttpSettings

PREFIX: Final = "COMMERCE_"
KEY_OCTETS: Final = 32
HTTP: Final = HttpSettings()
LIMITS: Final = GraphQLLimits()
LogLevel = Literal["debug", "info", "warning", "error"]


class BadSettings(Exception):
    """One or more settings are unknown or bad; the message names each of them."""


def _listed(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _url(*schemes: str) -> Any:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    return AfterValidator(check)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _long_enough(listed: SecretStr) -> SecretStr:
    if not (keys := _keys(listed)) or min(map(len, keys)) < KEY_OCTETS:
        raise ValueError(f"each secret needs {KEY_OCTETS} bytes or more. Try: openssl rand -hex {KEY_OCTETS}")
    return listed


def _one_process(workers: int) -> int:
    if workers > 1:
        raise ValueError("rate limits and caches cannot be shared by several processes yet. Set WORKERS=1")
    return workers


def _network(text: Any) -> Any:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ValueError(f"{error}; write networks like 10.0.0.0/8 or fd00::/8, separated by commas") from None


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if text != "*" and (parts.scheme not in {"http", "https"} or text != f"{parts.scheme}://{parts.netloc}"):
        raise ValueError(
            "each is `*` or an origin such as https://shop.example, without a path or a slash at its end"
        )
    return text


def _sender(text: str) -> str:
    """What the header `From` can be made of, so that no mail fails for it later."""
    try:
        Address(addr_spec=parseaddr(text)[1])
    except (ValueError, IndexError):
        raise ValueError("must be an e-mail address, or a name with one: Shop <shop@example.com>") from None
    return text


Listed = (NoDecode, BeforeValidator(_listed))
Origin = Annotated[str, AfterValidator(_origin)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


class Settings(BaseSettings):
    """The settings of one process; each is read from the variable of its name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    commerce_home: Path = Path(".commerce")
    """The folder of the embedded database, the local mail outbox and the generated keys."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: Annotated[int, AfterValidator(_one_process)] = Field(default=1, ge=1)
    """Server processes; more than one are refused until they can share rate limits and caches."""
    log_level: Annotated[LogLevel, BeforeValidator(_lower)] = "info"
    access_log: bool = True

    database_url: Annotated[SecretStr, _url("postgresql", "postgres")] | None = None
    """PostgreSQL 15 or newer; an embedded one in COMMERCE_HOME when it is not set."""
    database_pool_size: int = Field(default=10, ge=2, le=200)
    redis_url: Annotated[SecretStr, _url("redis", "rediss", "unix")] | None = None
    rabbitmq_url: Annotated[SecretStr, _url("amqp", "amqps")] | None = None
    rabbitmq_password: SecretStr | None = None
    """The password of RABBITMQ_URL as it is, where the URL has none: in a URL some characters must be encoded."""

    jwt_keys: Annotated[SecretStr, AfterValidator(_long_enough)] | None = None
    """`name:secret`, the newest first, separated by commas; each secret of 32 bytes or more."""
    require_confirmed_email: bool = True

    smtp_host: str | None = None
    """Mail is written to COMMERCE_HOME/outbox when it is not set."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Annotated[Literal["starttls", "tls", "none"], BeforeValidator(_lower)] = "starttls"
    mail_from: Annotated[str, AfterValidator(_sender)] = "Shop <shop@localhost>"

    cors_origins: Annotated[tuple[Origin, ...], *Listed] = ()
    trusted_proxies: Annotated[tuple[Network, ...], *Listed] = ()
    """Networks whose X-Forwarded-For is believed."""
    introspection: bool = True
    """Introspection, GraphiQL and suggestions, together."""
    max_body: int = Field(default=HTTP.max_body, ge=1024)
    """Octets of a GraphQL request."""
    max_import: int = Field(default=HTTP.max_import, ge=1024)
    """Octets of a product file that is uploaded."""
    head_timeout: float = Field(default=HTTP.head_timeout, gt=0)
    """Seconds in which a request's head must have arrived, the first one of a connection from its beginning."""
    body_timeout: float = Field(default=HTTP.body_timeout, gt=0)
    """Seconds in which a request's body must have arrived."""
    write_timeout: float = Field(default=HTTP.write_timeout, gt=0)
    """Seconds in which a client must take something of what is written to it."""
    keep_alive_timeout: float = Field(default=HTTP.keep_alive_timeout, gt=0)
    """Seconds for which a connection waits for its next request."""
    max_connections: int = Field(default=HTTP.max_connections, ge=1)
    max_connections_per_address: int = Field(default=HTTP.max_connections_per_address, ge=1)
    """Connections of one IPv4 address or IPv6 /64 network; trusted proxies are not counted."""
    request_timeout: float = Field(default=HTTP.execution_timeout, gt=0, le=60)  # within an idempotency key's lease
    """Seconds in which a request must be answered."""
    shutdown_timeout: int = Field(default=HTTP.shutdown_timeout, ge=0)
    """Seconds that requests in flight are given when the server stops."""
    graphql_max_depth: int = Field(default=LIMITS.depth, ge=1)
    graphql_max_cost: int = Field(default=LIMITS.cost, ge=1)

    @property
    def broker_url(self) -> str | None:
        """RABBITMQ_URL with the password of RABBITMQ_PASSWORD where it has none."""
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
        """What the HTTP side is told."""
        return HttpSettings(
            max_body=self.max_body,
            max_import=self.max_import,
            head_timeout=self.head_timeout,
            body_timeout=self.body_timeout,
            write_timeout=self.write_timeout,
            keep_alive_timeout=self.keep_alive_timeout,
            max_connections=self.max_connections,
            max_connections_per_address=self.max_connections_per_address,
            execution_timeout=self.request_timeout,
            shutdown_timeout=self.shutdown_timeout,
            cors_origins=self.cors_origins,
            trusted_proxies=self.trusted_proxies,
            graphiql=self.introspection,
            access_log=self.access_log,
        )

    @property
    def limits(self) -> GraphQLLimits:
        """What the GraphQL side is told."""
        return GraphQLLimits(
            depth=self.graphql_max_depth, cost=self.graphql_max_cost, introspection=self.introspection
        )

    def require_home(self) -> None:
        """Make COMMERCE_HOME where something is kept in it. Raises BadSettings when nothing can be written there."""
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

    def signing_keys(self) -> list[bytes]:
        """The secrets that sign tokens, the newest first: of JWT_KEYS, else one made once for COMMERCE_HOME."""
        if self.jwt_keys is not None:
            return _keys(self.jwt_keys)
        return _keys(SecretStr(_kept_key(self.commerce_home / "jwt.key")))


def load(environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """The settings of the environment, with what the command line gives. Raises BadSettings."""
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
    return f"{name} is no setting." + (f" Do you mean {close[0]}?" if close else "")


def _problem(detail: Any) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    return f"{str(detail['loc'][0]).upper()}: {message}." if detail["loc"] else f"{message}."


def _keys(listed: SecretStr) -> list[bytes]:
    parts = [part.strip().partition(":") for part in listed.get_secret_value().split(",")]
    return [(secret if colon else name).encode() for name, colon, secret in parts if name or colon]


def _kept_key(file: Path) -> str:
    """The key in the file, made when there is none. Linked into place whole: no other process reads half of it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.") as draft:  # for this user alone
            draft.write(secrets.token_hex(KEY_OCTETS))
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, file)
    return file.read_text()
