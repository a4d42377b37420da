"""How the people of an organisation sign in: an OpenID provider of its own, and what it has to say of somebody."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from contracts.afspraken.ankers import Rol
from contracts.register.velden import Geheimverwijzing, Strikt, Tekst, Vlag, Webadres

E_MAIL = "email"
"""The claim that the mail address in the register answers to."""


class Aanmelding(Strikt):
    """An OpenID provider (`uitgever`: its issuer) and as whom the hub is known there.

    `kenmerk` is the claim that names a person: the mail address, or else what stands with that person as `aanmeldnaam`.
    `acr` says for a role which values of `acr` are strong enough; a role that is not named asks for nothing. Without
    `geheim` the hub is a public client. Several organisations can share one provider.
    """

    uitgever: Webadres
    client_id: Tekst
    naam: Tekst | None = None
    """What stands on the button; without it the name of the organisation."""
    geheim: Geheimverwijzing | None = None
    kenmerk: Tekst = E_MAIL
    acr: Mapping[Rol, Annotated[tuple[Tekst, ...], Field(min_length=1)]] = Field(
        default_factory=dict[Rol, tuple[str, ...]]
    )
    prive_netwerk: Vlag = False

    @property
    def acr_values(self) -> tuple[str, ...]:
        """Every value that some role asks for, to be asked of the provider."""
        return tuple(dict.fromkeys(value for values in self.acr.values() for value in values))

    def admits(self, rol: Rol, acr: str | None) -> bool:
        """Whether somebody who signed in this strongly may act in the role."""
        return rol not in self.acr or acr in self.acr[rol]
