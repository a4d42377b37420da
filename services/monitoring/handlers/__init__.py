"""Every message that monitoring handles, and the rows that follow from it."""

from services.monitoring.handlers.commands import (
    AnswerSignaal,
    CloseCasus,
    ComposeSignaal,
    CorrectFeit,
    Geval,
    HoldMonitormoment,
    PlanMonitormoment,
    RaiseEscalatie,
    ReportAanvaarding,
    ReportDwangmaatregel,
    ReportMeningsverschil,
    ReportStand,
    ScheduleMonitormoment,
    SendSignaal,
    SettleEscalatie,
    TakeStagnatiestap,
    TakeUpEscalatie,
)
from services.monitoring.handlers.handler import Handlers
from services.monitoring.handlers.projection import project

__all__ = [
    "AnswerSignaal",
    "CloseCasus",
    "ComposeSignaal",
    "CorrectFeit",
    "Geval",
    "Handlers",
    "HoldMonitormoment",
    "PlanMonitormoment",
    "RaiseEscalatie",
    "ReportAanvaarding",
    "ReportDwangmaatregel",
    "ReportMeningsverschil",
    "ReportStand",
    "ScheduleMonitormoment",
    "SendSignaal",
    "SettleEscalatie",
    "TakeStagnatiestap",
    "TakeUpEscalatie",
    "project",
]
