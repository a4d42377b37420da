"""Zaaksystemen of sandbox gemeenten: they answer by the ZGW APIs as a real one was seen to, and people work in them."""

from lab.sandbox.zgw.app import ZGW_PATH, build_zgw
from lab.sandbox.zgw.gemeenten import ZgwGemeenten
from lab.sandbox.zgw.notificaties import Notificaties
from lab.sandbox.zgw.zaaksysteem import OntvangenZaak, Zaaksysteem

__all__ = ["ZGW_PATH", "Notificaties", "OntvangenZaak", "Zaaksysteem", "ZgwGemeenten", "build_zgw"]
