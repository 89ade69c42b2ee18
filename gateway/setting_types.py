"""The types of settings that are read from texts, and what each refuses."""

import re
from base64 import urlsafe_b64decode
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

KEY_OCTETS: Final = 32
LOCAL_HOSTS: Final = frozenset({"127.0.0.1", "localhost"})
OTLP_PROTOCOL: Final = "http/protobuf"
_URL_SAFE: Final = str.maketrans("+/", "-_")
_ORDER_OF_P256: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _listed(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def url_of(*schemes: str) -> Any:
    """A validator of URLs with one of the schemes."""

    def check(value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if not url.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        if "postgresql" not in schemes and not _has_valid_port(url):  # those of PostgreSQL may name several servers
            raise ValueError("is no URL; percent-encode a user or password with characters such as `/`, `#` or `@`")
        return value

    return AfterValidator(check)


def _has_valid_port(url: str) -> bool:
    """Whether the port is a number, or missing: what follows an unescaped `/` in a password is not."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _protocol(text: str) -> str:
    if text != OTLP_PROTOCOL:
        raise ValueError(f"must be {OTLP_PROTOCOL}, the only protocol here; collectors expect it on port 4318")
    return text


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _long_enough(listed: SecretStr) -> SecretStr:
    if not (keys := keys_of(listed)) or min(map(len, keys)) < KEY_OCTETS:
        raise ValueError(f"each secret needs {KEY_OCTETS} bytes or more. Try: openssl rand -hex {KEY_OCTETS}")
    return listed


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


def _files(value: Any) -> Any:
    """Refuse a text that lists nothing, such as `,` of two empty variables: it would allow every operation."""
    files = _listed(value)
    if isinstance(value, str) and not files:
        raise ValueError("names no file; leave it out to allow every operation")
    return files


def _sender(text: str) -> str:
    """Refuse a value that cannot be a `From` header."""
    try:
        Address(addr_spec=parseaddr(text)[1])
    except (ValueError, IndexError):
        raise ValueError("must be an e-mail address, or a name with one: Shop <shop@example.com>") from None
    return text


def _provider_url(text: str) -> str:
    """Refuse an address over which keys would be sent in clear, and one with a path."""
    origin = _origin(text)
    parts = urlsplit(origin)
    if origin == "*" or (parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS):
        raise ValueError("must be an origin such as https://stripe.example, with http on this machine only")
    return origin


def _vapid_key(secret: SecretStr) -> SecretStr:
    """A private key of P-256 in base64url without padding; that of `openssl rand -base64 32` is read too."""
    text = secret.get_secret_value().translate(_URL_SAFE).rstrip("=")
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        octets = b""
    is_key = re.fullmatch(r"[\w-]+", text, re.ASCII) and len(octets) == KEY_OCTETS
    if not (is_key and 0 < int.from_bytes(octets) < _ORDER_OF_P256):
        raise ValueError(f"must be a private key of {KEY_OCTETS} bytes in base64. Make one: openssl rand -base64 32")
    return SecretStr(text)


def _contact(text: str) -> str:
    if not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://[^\s/]+\S*)", text):
        raise ValueError("must be mailto: with an e-mail address, or an address that begins with https://")
    return text


Listed = (NoDecode, BeforeValidator(_listed))
Origin = Annotated[str, AfterValidator(_origin)]
ProviderUrl = Annotated[str, AfterValidator(_provider_url)]
OtlpProtocol = Annotated[str, AfterValidator(_protocol)]
Sender = Annotated[str, AfterValidator(_sender)]
Files = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_files)]
VapidKey = Annotated[SecretStr, AfterValidator(_vapid_key)]
Contact = Annotated[str, AfterValidator(_contact)]
Keys = Annotated[SecretStr, AfterValidator(_long_enough)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]
SmtpSecurity = Annotated[Literal["starttls", "tls", "none"], BeforeValidator(_lower)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]


def keys_of(listed: SecretStr) -> list[bytes]:
    """The secrets of `name:secret` pairs, or of secrets alone, separated by commas."""
    parts = [part.strip().partition(":") for part in listed.get_secret_value().split(",")]
    return [(secret if colon else name).encode() for name, colon, secret in parts if name or colon]
