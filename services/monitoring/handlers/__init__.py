"""The handler of monitoring, its commands, and the read rows that belong to a state."""

from services.monitoring.handlers.commands import (
    BeantwoordSignaal,
    CorrigeerFeit,
    Geval,
    HandelEscalatieAf,
    HoudMonitormoment,
    MeldAanvaarding,
    MeldDwangmaatregel,
    MeldMeningsverschil,
    MeldStand,
    PakEscalatieOp,
    PlanMomentIn,
    PlanMonitormoment,
    SchaalEscalatieOp,
    SluitCasus,
    StelSignaalOp,
    VerstuurSignaal,
    ZetStagnatiestap,
)
from services.monitoring.handlers.handler import Handlers
from services.monitoring.handlers.projection import project

__all__ = [
    "BeantwoordSignaal",
    "CorrigeerFeit",
    "Geval",
    "HandelEscalatieAf",
    "Handlers",
    "HoudMonitormoment",
    "MeldAanvaarding",
    "MeldDwangmaatregel",
    "MeldMeningsverschil",
    "MeldStand",
    "PakEscalatieOp",
    "PlanMomentIn",
    "PlanMonitormoment",
    "SchaalEscalatieOp",
    "SluitCasus",
    "StelSignaalOp",
    "VerstuurSignaal",
    "ZetStagnatiestap",
    "project",
]
