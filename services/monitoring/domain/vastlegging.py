"""What people write down with an act: who they are and in what words. Sealed: it names a professional, perhaps more."""

from contracts.messages.documenten import Invoer, Professional, Tekst


class Vastlegging(Invoer):
    """Who acted and in what words."""

    door: Professional
    toelichting: Tekst | None = None
