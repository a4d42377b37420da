"""What an answer looks like, for whoever reads the description of an API. Endpoints answer plain JSON, not these."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Moment = Annotated[AwareDatetime, Field(description="Moment in ISO 8601, met tijdzone.")]


class Antwoord(BaseModel):
    """The body of a 2xx. A field without a default is always there; it grows by fields with one."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)
