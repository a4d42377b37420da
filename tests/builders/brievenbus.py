"""What a system outside does before it offers something to the hub."""

from joserfc import jwe
from joserfc.jwk import OKPKey


def seal_to(public_jwk: dict[str, str | list[str]], content: bytes) -> str:
    """What a sender does: `content` as a compact JWE that only the holder of the key can open."""
    key = OKPKey.import_key({name: value for name, value in public_jwk.items() if isinstance(value, str)})
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": str(public_jwk["kid"])}
    return jwe.encrypt_compact(header, content, key, algorithms=["ECDH-ES", "A256GCM"])
