"""Access tokens under attack (RFC 8725; OWASP ASVS 5.0 §9), and opaque tokens."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.auth.sessions.keys import KeyRing, WeakKey
from domains.auth.sessions.tokens import LEEWAY, AccessClaims, AccessTokens, digest, new_secret
from domains.kernel.clock import FixedClock
from domains.kernel.errors import Unauthenticated

KEY = b"0123456789abcdef0123456789abcdef"
USER, SESSION = uuid4(), uuid4()
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def tokens(
    clock: FixedClock | None = None,
    keys: KeyRing | None = None,
    issuer: str = "https://shop.test",
    audience: str = "https://shop.test/api",
) -> AccessTokens:
    return AccessTokens(keys or KeyRing([KEY]), clock or FixedClock(NOON), issuer=issuer, audience=audience)


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def forged(header: dict[str, Any] | None = None, claims: dict[str, Any] | None = None, key: bytes = KEY) -> str:
    """A good token with other header fields or claims (None takes one away), signed with HMAC-SHA256."""
    good = tokens().issue(USER, SESSION).text
    head = {**jwt.get_unverified_header(good), **(header or {})}
    body = {**jwt.decode(good, options={"verify_signature": False}), **(claims or {})}
    text = ".".join(encoded({k: v for k, v in part.items() if v is not None}) for part in (head, body))
    mac = hmac.digest(key, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def is_refused(token: str, reader: AccessTokens | None = None) -> bool:
    try:
        (reader or tokens()).read(token)
    except Unauthenticated as error:
        return error.message == "The access token is invalid or has expired. Refresh it, or log in again."
    return False


def test_an_issued_token_can_be_read() -> None:
    token = tokens().issue(USER, SESSION)
    assert token.expires_at == NOON + timedelta(minutes=15)
    assert tokens().read(token.text) == AccessClaims(USER, SESSION, token.expires_at + LEEWAY)
    assert not is_refused(forged())


def test_a_token_contains_only_the_registered_claims() -> None:
    text = tokens().issue(USER, SESSION).text
    claims = jwt.decode(text, options={"verify_signature": False})
    seconds = int(NOON.timestamp())
    assert UUID(claims.pop("jti")).version == 4
    assert claims == {
        "iss": "https://shop.test",
        "aud": "https://shop.test/api",
        "sub": str(USER),
        "sid": str(SESSION),
        "iat": seconds,
        "nbf": seconds,
        "exp": seconds + 900,
    }
    header = jwt.get_unverified_header(text)
    assert header == {"alg": "HS256", "typ": "at+jwt", "kid": KeyRing([KEY]).current.id}


# ASVS 9.1.1, 9.1.2; RFC 8725 §3.1
@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "nOnE", "HS384", "HS512", "RS256", "ES256", "EdDSA", "", None]
)
def test_no_other_algorithm_is_accepted(algorithm: str | None) -> None:
    token = forged({"alg": algorithm})
    assert is_refused(token)
    assert is_refused(token.rpartition(".")[0] + ".")


# RFC 8725 §2.1: a public key of ours must never be taken for an HMAC secret; a stronger hash is another algorithm.
def test_a_signature_of_another_hash_is_refused() -> None:
    head, body, _ = forged({"alg": "HS512"}).split(".")
    mac = hmac.digest(KEY, f"{head}.{body}".encode(), "sha512")
    assert is_refused(f"{head}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}")


# ASVS 9.1.3
@pytest.mark.parametrize(
    "header",
    [
        {"kid": None},
        {"kid": "../../dev/null"},
        {"kid": "' union select 'x"},
        {"kid": "https://evil.test/key"},
        {"kid": 1},
        {"kid": ["x"]},
        {"kid": ""},
        {"kid": "unknown", "jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(b"e" * 32).decode()}},
        {"kid": None, "jku": "https://evil.test/jwks.json"},
        {"kid": None, "x5u": "https://evil.test/cert.pem"},
        {"kid": None, "x5c": ["MIIB"]},
    ],
)
def test_keys_named_in_a_token_are_not_used(header: dict[str, Any]) -> None:
    evil = b"e" * 32
    assert is_refused(forged(header, key=evil))
    assert is_refused(forged({name: value for name, value in header.items() if name != "kid"}, key=evil))


def test_a_key_named_in_a_valid_token_is_ignored() -> None:
    assert not is_refused(forged({"jku": "https://evil.test/jwks.json", "jwk": {"kty": "oct", "k": "ZQ"}}))


def test_an_unknown_critical_extension_is_refused() -> None:
    assert is_refused(forged({"crit": ["exp2"], "exp2": 1}))


# ASVS 9.2.1
@pytest.mark.parametrize(
    ("seconds", "refused"),
    [(-31, True), (-30, False), (0, False), (899, False), (929, False), (930, True), (9e6, True)],
)
def test_a_token_is_valid_in_its_time_with_thirty_seconds_of_leeway(seconds: float, refused: bool) -> None:
    token = tokens().issue(USER, SESSION).text
    assert is_refused(token, tokens(FixedClock(NOON + timedelta(seconds=seconds)))) is refused


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "nbf", "iat", "jti", "sub", "sid"])
def test_a_token_without_a_required_claim_is_refused(name: str) -> None:
    assert is_refused(forged(claims={name: None}))


# ASVS 9.2.2; RFC 8725 §3.11
@pytest.mark.parametrize("kind", ["JWT", "rt+jwt", "refresh", "reset", "2fa", "", None])
def test_a_token_of_another_type_is_refused_as_access_token(kind: str | None) -> None:
    assert is_refused(forged({"typ": kind}))


# ASVS 9.2.2: what is no JWT at all, as our refresh and reset tokens, and tickets.
@pytest.mark.parametrize(
    "token",
    [new_secret(), KeyRing([KEY]).digest("ticket:x"), "", ".", "..", "a.b.c", "\0", "x" * 99999],
    ids=["secret", "sealed", "empty", "dot", "dots", "dotted", "nul", "long"],
)
def test_an_opaque_token_is_refused_as_access_token(token: str) -> None:
    assert is_refused(token)


# ASVS 9.2.3; RFC 8725 §3.8, §3.9
def test_a_token_of_another_issuer_or_audience_is_refused() -> None:
    assert is_refused(tokens(issuer="https://other.test").issue(USER, SESSION).text)
    assert is_refused(tokens(audience="https://other.test").issue(USER, SESSION).text)
    assert is_refused(forged(claims={"iss": ["https://shop.test"]}))
    assert is_refused(forged(claims={"aud": ["https://other.test"]}))
    assert is_refused(forged(claims={"aud": []}))


@pytest.mark.parametrize("name", ["sub", "sid"])
@pytest.mark.parametrize("value", ["", "x", 7, [], {}, "00000000-0000-0000-0000-00000000000", "{}'--"])
def test_invalid_ids_in_claims_are_refused(name: str, value: object) -> None:
    assert is_refused(forged(claims={name: value}))


@pytest.mark.parametrize("name", ["exp", "nbf"])
@pytest.mark.parametrize("value", ["soon", [], {}, "NaN", float("inf"), float("nan"), "9999999999", 9999999999.5])
def test_invalid_times_in_claims_are_refused(name: str, value: object) -> None:
    assert is_refused(forged(claims={name: value}))


@given(st.integers(0, 400), st.integers(1, 255))
def test_a_token_altered_at_any_position_is_refused(place: int, by: int) -> None:
    text = tokens().issue(USER, SESSION).text
    place %= len(text)
    changed = text[:place] + chr((ord(text[place]) + by) % 256) + text[place + 1 :]
    *parts, signature = changed.split(".")
    unpadded = text.rpartition(".")[2]
    # The last character of unpadded base64 holds bits that nothing reads (RFC 4648 §3.5).
    same_octets = signature[:-1] == unpadded[:-1] and parts == text.split(".")[:2]
    assert same_octets or is_refused(changed)


@given(st.text(max_size=200))
def test_any_text_is_refused_without_a_fault(text: str) -> None:
    assert is_refused(text)


def test_a_token_is_valid_under_both_current_keys_only() -> None:
    old, new, third = KEY, b"n" * 32, b"t" * 32
    token = tokens().issue(USER, SESSION).text
    assert not is_refused(token, tokens(keys=KeyRing([new, old])))
    assert is_refused(token, tokens(keys=KeyRing([new])))
    assert is_refused(token, tokens(keys=KeyRing([new, third])))


# RFC 8725 §3.5
@pytest.mark.parametrize("secrets", [[], [b""], [b"x" * 31], [KEY, b"x" * 31]])
def test_a_key_under_256_bits_is_refused_at_startup(secrets: list[bytes]) -> None:
    with pytest.raises(WeakKey):
        KeyRing(secrets)


def test_the_id_of_a_key_does_not_reveal_the_key() -> None:
    ring = KeyRing([KEY])
    assert ring.current.id != hashlib.sha256(KEY).hexdigest()[:16]
    assert len(ring.current.id) == 16


def test_a_seal_is_valid_under_each_key_for_its_own_text_only() -> None:
    sealed = KeyRing([KEY]).digest("123456")
    rotated = KeyRing([b"n" * 32, KEY])
    assert rotated.matches_digest("123456", sealed)
    assert not rotated.matches_digest("123457", sealed)
    assert not KeyRing([b"n" * 32]).matches_digest("123456", sealed)
    assert rotated.digest("123456") != sealed


# ASVS 11.5.1
def test_opaque_tokens_have_256_random_bits() -> None:
    made = {new_secret() for _ in range(1_000)}
    assert len(made) == 1_000
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in made} == {32}


def test_only_the_hash_of_an_opaque_token_is_stored() -> None:
    assert digest("token") == hashlib.sha256(b"token").hexdigest()
    assert len(digest("\ud800")) == 64
