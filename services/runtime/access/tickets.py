"""What the hub gives a browser to bring back: sealed, for one purpose and a few minutes. Nothing of it is kept here.

A compact JWE (`dir`, A256GCM) under a key that is derived from the master key, with its purpose as audience.
"""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import OctKey

from services.runtime.access.sealing import MasterKey
from services.runtime.process.clock import Klok

_HEADER = {"alg": "dir", "enc": "A256GCM"}
_SEALED = JWERegistry(algorithms=list(_HEADER.values()))


class Tickets:
    """Seals and opens for one purpose."""

    def __init__(self, master: MasterKey, wall: Klok, *, purpose: str, lifetime: timedelta) -> None:
        self._key = OctKey.import_key(base64.urlsafe_b64decode(master.token_of(f"{purpose}/v1") + "="))
        self._wall = wall
        self._purpose = purpose
        self._lifetime = lifetime

    def seal(self, content: Mapping[str, Any]) -> str:
        """The text that only this installation opens, until the lifetime has passed."""
        ends = self._wall.now() + self._lifetime
        claims = {**content, "aud": self._purpose, "exp": int(ends.timestamp())}
        return jwt.encode(_HEADER, claims, self._key, registry=_SEALED)

    def open(self, sealed: str) -> Mapping[str, Any] | None:
        """The content; None for what was altered, is for another purpose, or has ended."""
        try:
            token = jwt.decode(sealed, self._key, registry=_SEALED)
            registry = jwt.JWTClaimsRegistry(
                now=int(self._wall.now().timestamp()),
                aud={"essential": True, "value": self._purpose},
                exp={"essential": True},
            )
            registry.validate(token.claims)
        except (JoseError, ValueError):
            return None
        return token.claims
