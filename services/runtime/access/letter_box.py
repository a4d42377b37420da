"""The letter box: systems outside seal to the hub's public key, so that what they offer never travels open.

JWE compact, `ECDH-ES` on X25519 with `A256GCM` (RFC 7518, RFC 8037). The private key is derived from the master key, so
there is nothing more to keep; whoever has the public key can put something in and take nothing out.
"""

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.runtime.access.sealing import MasterKey, SealBroken

_ALGORITHMS = ["ECDH-ES", "A256GCM"]


class Brievenbus:
    """Opens what was sealed to this hub."""

    def __init__(self, master: MasterKey) -> None:
        self._key = OKPKey.derive_key(
            master.token_of("brievenbus/v1"), "X25519", parameters={"use": "enc", "alg": "ECDH-ES"}
        )

    @property
    def public_jwk(self) -> dict[str, str | list[str]]:
        """What a sender needs; its `kid` is the thumbprint (RFC 7638)."""
        return {**self._key.as_dict(private=False), "kid": self._key.thumbprint()}

    def open(self, sealed: str) -> bytes:
        """The content. Raises `SealBroken` when it was altered or sealed to another key."""
        try:
            plain = jwe.decrypt_compact(sealed, self._key, algorithms=_ALGORITHMS).plaintext
        except (JoseError, ValueError):
            raise SealBroken("dit is niet verzegeld met de openbare sleutel van deze hub") from None
        if plain is None:
            raise SealBroken("dit is niet verzegeld met de openbare sleutel van deze hub")
        return plain
