"""`houvast gemeente geheim`: make a secret, and say where it goes. Nothing of it is kept."""

import base64
import secrets
from enum import StrEnum
from typing import Annotated, NamedTuple, assert_never

import typer

_BYTES = 32


class Soort(StrEnum):
    """What a secret is for."""

    WEBHOOK = "webhook"
    ED25519 = "ed25519"
    AANMELDSLEUTEL = "aanmeldsleutel"
    HOOFDSLEUTEL = "hoofdsleutel"


class Gemaakt(NamedTuple):
    """A new secret, and in Dutch what to do with it; `uitleg` holds what others may know, never the secret."""

    geheim: str
    uitleg: str


def geheim(
    soort: Annotated[
        Soort,
        typer.Argument(
            help="webhook en ed25519: om berichten te ondertekenen. aanmeldsleutel: voor private_key_jwt."
            " hoofdsleutel: voor Houvast zelf."
        ),
    ] = Soort.WEBHOOK,
) -> None:
    """Maak een nieuw geheim. Alleen het geheim komt op de standaarduitvoer; het wordt nergens bewaard."""
    made = make(soort)
    typer.echo(made.geheim)
    typer.echo(f"\n{made.uitleg}\nHet geheim is later niet terug te zien. Stuur het niet per mail.", err=True)


def make(soort: Soort) -> Gemaakt:
    """A secret of this kind, from the random source of the system."""
    match soort:
        case Soort.WEBHOOK:
            return _webhook()
        case Soort.ED25519:
            return _ed25519()
        case Soort.AANMELDSLEUTEL:
            return _aanmeldsleutel()
        case Soort.HOOFDSLEUTEL:
            return Gemaakt(base64.b64encode(secrets.token_bytes(_BYTES)).decode(), _HOOFDSLEUTEL)
        case _:
            assert_never(soort)


_REGISTER = """Bij Houvast: bewaar het in een bestand dat alleen Houvast leest, of in een omgevingsvariabele, en noem die
plaats in het register. Bij een wisseling staat het nieuwe vooraan en gaat het oude weg als de ontvanger om is:
  [gemeente.endpoint]
  geheimen = ["env:BREDA_NIEUW", "env:BREDA_OUD"]"""
_PROEF = "Daarna: houvast gemeente test <code>"
_HOOFDSLEUTEL = """Bij Houvast, en nergens anders: HOUVAST_MASTER_KEY=<geheim>, of een bestand in HOUVAST_MASTER_KEY_FILE.
Maak een reservekopie, apart van die van de database: zonder deze sleutel is geen persoonsgegeven meer te lezen."""


def _webhook() -> Gemaakt:
    from services.runtime.outbound.webhooks import hmac_secret

    receiver = "Bij de ontvanger: hetzelfde geheim, om de handtekening na te rekenen (Standard Webhooks)."
    return Gemaakt(hmac_secret(secrets.token_bytes(_BYTES)), f"{_REGISTER}\n{receiver}\n{_PROEF}")


def _ed25519() -> Gemaakt:
    from services.runtime.outbound.webhooks import ed25519_pair

    private, public = ed25519_pair(secrets.token_bytes(_BYTES))
    return Gemaakt(private, f"{_REGISTER}\nBij de ontvanger, en niet geheim: {public}\n{_PROEF}")


def _aanmeldsleutel() -> Gemaakt:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    told = f"""Bij Houvast: bewaar het in een bestand dat alleen Houvast leest, en noem dat in het register:
  oauth2 = {{ token_url = "…", client_id = "…", sleutel = "file:houvast-aanmelden.pem" }}
Bij de ontvanger, en niet geheim:
{public.decode().strip()}
{_PROEF}"""
    return Gemaakt(private.decode().strip(), told)
