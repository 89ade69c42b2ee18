"""Settings of the HTTP layer: sizes, timeouts, origins and proxies."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from gateway.monitoring.slow import LIMIT

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Limits in bytes and seconds, `slow_operation` in milliseconds.

    `X-Forwarded-For` is trusted from `trusted_proxies` only.

    `spare_connections` are additional to the others and answer probes only. Live connections are WebSockets and
    event streams; `max_live_message` limits a message, and the operations that run on one connection together.
    """

    max_head: int = 65_536
    head_timeout: float = 10.0
    max_body: int = 1_048_576
    max_import: int = 268_435_456
    body_timeout: float = 10.0
    execution_timeout: float = 30.0
    check_timeout: float = 2.0
    write_timeout: float = 30.0
    keep_alive_timeout: float = 15.0
    max_connections: int = 2_000
    max_connections_per_address: int = 200
    spare_connections: int = 32
    max_live_connections: int = 4_000
    max_live_connections_per_address: int = 100
    max_live_connections_per_account: int = 20
    max_subscriptions_per_connection: int = 100
    max_live_message: int = 262_144
    init_timeout: float = 10.0
    ping_interval: float = 20.0
    max_pipelined: int = 32
    shutdown_timeout: int = 35
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    graphiql: bool = True
    access_log: bool = True
    slow_operation: int = LIMIT
    cdn_max_age: int = 1
