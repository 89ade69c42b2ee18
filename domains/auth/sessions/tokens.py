"""Tokens: short-lived signed access tokens (JWT, RFC 9068, RFC 8725), and opaque random tokens for other uses."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from domains.auth.sessions.keys import KeyRing
from domains.kernel.clock import Clock
from domains.kernel.errors import Unauthenticated
from domains.kernel.ids import random_id

ALGORITHM = "HS256"
ACCESS_HEADER_TYPE = "at+jwt"
LEEWAY = timedelta(seconds=30)
MAX_TOKEN_LENGTH = 2_048
SECRET_BYTES = 32
REQUIRED_CLAIMS = ["iss", "aud", "exp", "nbf", "iat", "jti", "sub", "sid"]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed token for requests, and when it expires."""

    text: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """The user and session of an access token, and until when it is accepted."""

    user_id: UUID
    session_id: UUID
    valid_until: datetime


class AccessTokens:
    """Issues and verifies access tokens. The algorithm is fixed and not read from the token."""

    def __init__(
        self, keys: KeyRing, clock: Clock, *, issuer: str, audience: str, lifetime: timedelta = timedelta(minutes=15)
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime

    def issue(self, user_id: UUID, session_id: UUID) -> AccessToken:
        """A token for a session of a user, valid for `lifetime` from now."""
        now = self._clock.now()
        expires_at = (now + self._lifetime).replace(microsecond=0)
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": str(random_id()),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        key = self._keys.current
        headers = {"typ": ACCESS_HEADER_TYPE, "kid": key.id}
        return AccessToken(jwt.encode(claims, key.secret, ALGORITHM, headers=headers), expires_at)

    def read(self, token: str) -> AccessClaims:
        """The claims of a token. Raises Unauthenticated unless signature, type, audience and times are valid."""
        try:
            claims = self._verify(token)
            self._check_time(claims)
            valid_until = datetime.fromtimestamp(claims["exp"], UTC) + LEEWAY
            return AccessClaims(UUID(claims["sub"]), UUID(claims["sid"]), valid_until)
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise Unauthenticated(
                "The access token is invalid or has expired. Refresh it, or log in again."
            ) from error

    def _verify(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_LENGTH:
            raise jwt.InvalidTokenError("too long")
        header = jwt.get_unverified_header(token)
        key = self._keys.find(header.get("kid"))
        if key is None or header.get("typ") != ACCESS_HEADER_TYPE:
            raise jwt.InvalidTokenError("unknown key or token type")
        return jwt.decode(
            token,
            key.secret,
            algorithms=[ALGORITHM],
            issuer=self._issuer,
            audience=self._audience,
            # The times are checked below, by the injected clock.
            options={"require": REQUIRED_CLAIMS, "verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )

    def _check_time(self, claims: dict[str, Any]) -> None:
        now, begins, ends = self._clock.now().timestamp(), claims["nbf"], claims["exp"]
        if not isinstance(begins, int) or not isinstance(ends, int):
            raise jwt.InvalidTokenError("not a time")
        if not begins - LEEWAY.seconds <= now < ends + LEEWAY.seconds:
            raise jwt.ExpiredSignatureError("not valid at this time")


def new_secret() -> str:
    """A new opaque token: 256 random bits in URL-safe characters (ASVS 11.5.1)."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(token: str) -> str:
    """The hash of an opaque token, which is stored in its place. With 256 random bits a plain hash suffices."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
