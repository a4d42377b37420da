"""Properties here take as long as the machine needs, and leave no examples behind."""

from hypothesis import settings

settings.register_profile("contracts", deadline=None, database=None)
settings.load_profile("contracts")
