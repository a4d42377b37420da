"""How the clients of a secured cluster make themselves known: TLS, user name and password, or a certificate."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict, cast

import aiokafka.conn
from aiokafka.errors import IllegalSaslStateError, KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from services.runtime.outbound.network import Uitgang, UnusableCertificate, describe_failure, tls_context
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.process.starting import ServerStartError
from services.runtime.settings import KafkaSettings, Mechanism, Protocol

_LOGIN = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
PROBE_LIMIT_MS = 5000
CLOSE_LIMIT_SECONDS = 2.0
_Connection = cast("Any", aiokafka.conn).AIOKafkaConnection


class ClientOptions(TypedDict, total=False):
    """How to reach a secured cluster, in the words of aiokafka."""

    security_protocol: Protocol
    ssl_context: ssl.SSLContext
    sasl_mechanism: Mechanism
    sasl_plain_username: str
    sasl_plain_password: str


def client_options(settings: KafkaSettings, secret: Callable[[str], str]) -> ClientOptions:
    """What every client of the cluster is given; nothing where it asks nothing.

    Secrets and certificates are read here, once: a new password asks for a restart. Raises `ServerStartError` where
    one of them cannot be had or used.
    """
    if settings.protocol == "PLAINTEXT":
        return {}
    options: ClientOptions = {"security_protocol": settings.protocol}
    try:
        if settings.protocol.startswith("SASL_"):
            options["sasl_mechanism"] = settings.mechanism
            options["sasl_plain_username"] = settings.user or ""
            options["sasl_plain_password"] = secret(settings.password or "")
        if settings.protocol.endswith("SSL"):
            options["ssl_context"] = _tls(settings, secret)
    except SecretUnavailable as error:
        raise ServerStartError(f"Een geheim voor Kafka is er niet. {error}") from None
    except UnusableCertificate as error:
        raise ServerStartError(f"Kafka is zo niet beveiligd te bereiken: {error}.") from None
    return options


def _tls(settings: KafkaSettings, secret: Callable[[str], str]) -> ssl.SSLContext:
    certificate = settings.certificate_file
    uitgang = Uitgang(
        ca=_pem(settings.ca_file),
        certificate=_pem(certificate),
        key=None if settings.key is None else secret(settings.key),
    )
    return tls_context(uitgang)


def _pem(path: Path | None) -> str | None:
    try:
        return None if path is None else path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise UnusableCertificate(f"{path} is geen leesbaar certificaat in PEM") from None


def faststream_security(options: ClientOptions) -> BaseSecurity | None:
    """The same, in the words of FastStream."""
    context = options.get("ssl_context")
    if "sasl_mechanism" in options:
        login = _LOGIN[options["sasl_mechanism"]]
        user, password = options.get("sasl_plain_username", ""), options.get("sasl_plain_password", "")
        return login(user, password, ssl_context=context)
    return None if context is None else BaseSecurity(ssl_context=context)


async def refuse_strangers(bootstrap: str, options: ClientOptions) -> None:
    """Whether the cluster takes who we are: the clients themselves only say that they could not connect.

    Raises `ServerStartError` at the first address that says no. An address that does not answer says nothing.
    """
    for address in bootstrap.split(","):
        host, _, port = address.rpartition(":")
        connection = _Connection(host, int(port), request_timeout_ms=PROBE_LIMIT_MS, **options)
        try:
            await connection.connect()
        except (OSError, TimeoutError) as error:
            _raise_refusal(error, address, options)
        except KafkaError as error:
            await _close(connection)
            _raise_refusal(error, address, options)
        else:
            await _close(connection)
            return


async def _close(connection: Any) -> None:
    """Wait for the goodbye of TLS as well."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_LIMIT_SECONDS):
            await connection.close()


def _raise_refusal(error: BaseException, address: str, options: ClientOptions) -> None:
    if (refusal := _refusal(error, options)) is not None:
        raise ServerStartError(f"Kafka op {address} {refusal}") from None


def _refusal(error: BaseException, options: ClientOptions) -> str | None:
    mechanism = options.get("sasl_mechanism")
    match error:
        case SaslAuthenticationFailed():
            return (
                f"weigert de aanmelding met {mechanism}. Kloppen HOUVAST_KAFKA_USER en het wachtwoord waar "
                "HOUVAST_KAFKA_PASSWORD naar verwijst?"
            )
        case UnsupportedSaslMechanismError() | IllegalSaslStateError():
            return f"kent het mechanisme {mechanism} niet. Zet HOUVAST_KAFKA_MECHANISM op wat het cluster biedt."
        case ssl.SSLError():
            return (
                f"is niet beveiligd te bereiken: {describe_failure(error)}. Kloppen HOUVAST_KAFKA_SECURITY, "
                "HOUVAST_KAFKA_CA_FILE en het certificaat?"
            )
        case _:
            return None
