"""One act of a person at the hub: its path, its button, and the address of its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.rechten.tabel import Daad

FORM_SUFFIX = "/formulier"
"""Behind the path of an operation: the page where a person does the same."""
_BY_SEGMENT: Mapping[str, str] = {
    "meldingen": "melding",
    "casussen": "casus",
    "diensten": "dienst",
    "meldpuntmeldingen": "meldpuntmelding",
    "overdrachten": "overdracht",
    "samenwerkingen": "samenwerking",
    "escalaties": "escalatie",
    "monitormomenten": "monitormoment",
    "signalen": "signaal",
}


@dataclass(frozen=True, slots=True)
class Handeling:
    """One act. `pad` is that of the operation as the API describes it; `knop` and `uitleg` are what people read.

    `vast` are the fields that this act fills in itself, by their names in the body: several acts can be one operation.
    `daad` is the row of the table of rights.
    """

    naam: str
    daad: Daad
    pad: str
    knop: str
    uitleg: str
    vast: Mapping[str, str] = field(default_factory=dict[str, str])
    methode: str = "POST"

    @property
    def onderwerp(self) -> str | None:
        """What the id in the path is of (`overdracht`, `casus`); None for an act that begins something."""
        before, found, _ = self.pad.partition("/{")
        return _BY_SEGMENT[before.rpartition("/")[2]] if found else None

    def address(self, onderwerp_id: object = None) -> str:
        """Where the form of this act is, for the thing with this id."""
        before, found, after = self.pad.partition("{")
        path = f"{before}{onderwerp_id}{after.partition('}')[2]}" if found else self.pad
        return f"{path}{FORM_SUFFIX}" + (f"?handeling={self.naam}" if self.vast else "")
