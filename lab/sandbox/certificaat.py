"""A certificate authority of this machine's sandbox alone, so that STARTTLS is real there too."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = timedelta(days=397)
_RENEW_BEFORE = timedelta(days=30)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificaat:
    """Files for a server on 127.0.0.1: whom to trust, and the server's own chain with its key, for its owner only."""

    ca_file: Path
    chain_file: Path


def sandbox_certificaat(data_dir: Path, *, now: datetime) -> Certificaat:
    """The certificate in the data folder, made anew when there is none or it nears its end. `now` is wall time."""
    found = Certificaat(data_dir / "sandbox-ca.pem", data_dir / "sandbox-mail.pem")
    if not _still_good(found, now):
        _issue(found, now)
    return found


def _still_good(found: Certificaat, now: datetime) -> bool:
    try:
        loaded = [x509.load_pem_x509_certificate(path.read_bytes()) for path in (found.ca_file, found.chain_file)]
        loaded[1].verify_directly_issued_by(loaded[0])
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    return all(each.not_valid_before_utc <= now < each.not_valid_after_utc - _RENEW_BEFORE for each in loaded)


def _issue(wanted: Certificaat, now: datetime) -> None:
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = _name("Houvast sandbox CA")
    ca = (
        _builder(ca_name, ca_name, ca_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    names = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    server = (
        _builder(_name("Houvast sandbox mail"), ca_name, server_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    key = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    wanted.ca_file.parent.mkdir(parents=True, exist_ok=True)
    _write(wanted.ca_file, ca.public_bytes(serialization.Encoding.PEM), mode=0o644)
    _write(wanted.chain_file, server.public_bytes(serialization.Encoding.PEM) + key, mode=0o600)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, content: bytes, *, mode: int) -> None:
    temporary = path.with_suffix(".nieuw")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    temporary.replace(path)
