"""What the notifier answers, as its API describes it."""

from pydantic import Field

from services.notifier.ports import rows
from services.runtime.http.answers import Antwoord


class Notificaties(Antwoord):
    """Berichten, de nieuwste vooraan."""

    notificaties: tuple[rows.Notificatie, ...]
    volgende_pagina: int | None = Field(default=None, description="Alleen als er meer is.")
