"""The webhooks of the fake PayPal: a certificate of its own, and signatures with it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4
from zlib import crc32

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

WEBHOOK_ID: Final = "8PT597110X687430LKGECATA"
NOT_BEFORE: Final = datetime(2025, 1, 1, tzinfo=UTC)
NOT_AFTER: Final = datetime(2090, 1, 1, tzinfo=UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class Signer:
    """A certificate, that of its issuer, and the key that signs with it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    issuer: x509.Certificate

    @classmethod
    def new(cls, not_before: datetime = NOT_BEFORE, not_after: datetime = NOT_AFTER, bits: int = 2048) -> "Signer":
        root = rsa.generate_private_key(65537, 2048)
        key = rsa.generate_private_key(65537, bits)
        issuer = _certificate(root, root, "Test CA", NOT_BEFORE, NOT_AFTER)
        return cls(key, _certificate(key, root, "messages.paypal.test", not_before, not_after), issuer)

    @property
    def pem(self) -> bytes:
        """The file of the certificate, with its issuer's."""
        return self.certificate.public_bytes(Encoding.PEM) + self.issuer.public_bytes(Encoding.PEM)

    def headers(self, body: bytes, url: str, at: datetime, webhook_id: str = WEBHOOK_ID) -> Mapping[str, str]:
        """The headers of a webhook that is sent at a time."""
        transmission_id, sent_at = (
            str(uuid4()),
            at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        )
        signed = f"{transmission_id}|{sent_at}|{webhook_id}|{crc32(body)}".encode()
        return {
            "Paypal-Transmission-Id": transmission_id,
            "Paypal-Transmission-Time": sent_at,
            "Paypal-Transmission-Sig": base64.b64encode(self.key.sign(signed, PKCS1v15(), SHA256())).decode(),
            "Paypal-Cert-Url": url,
            "Paypal-Auth-Algo": "SHA256withRSA",
        }


def _certificate(
    key: rsa.RSAPrivateKey, signing: rsa.RSAPrivateKey, name: str, not_before: datetime, not_after: datetime
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name("Test CA"))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return builder.not_valid_before(not_before).not_valid_after(not_after).sign(signing, SHA256())


def forged(headers: Mapping[str, str], later: timedelta = timedelta(seconds=60)) -> list[dict[str, str]]:
    """Variants of the headers of a webhook, each with one that PayPal has not signed."""
    sent_at = datetime.fromisoformat(headers["Paypal-Transmission-Time"]) + later
    signature = headers["Paypal-Transmission-Sig"]
    changes = {
        "Paypal-Transmission-Id": str(uuid4()),
        "Paypal-Transmission-Time": sent_at.isoformat().replace("+00:00", "Z"),
        "Paypal-Transmission-Sig": ("A" if signature[0] != "A" else "B") + signature[1:],
        "Paypal-Cert-Url": "https://api.paypal.com.example/v1/notifications/certs/CERT",
        "Paypal-Auth-Algo": "SHA1withRSA",
    }
    return [{**headers, name: value} for name, value in changes.items()]
