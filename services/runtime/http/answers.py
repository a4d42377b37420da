"""What an answer looks like, for whoever reads the description of an API. Endpoints answer plain JSON, not these."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from services.runtime.unit.rows import Moment

__all__ = ["Antwoord", "Moment"]


class Antwoord(BaseModel):
    """The body of a 2xx. A field without a default is always there; it grows by fields with one."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)
