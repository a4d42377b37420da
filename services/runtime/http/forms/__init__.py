"""Forms: every act of the table on a page, made from the model of its operation and sent through that operation."""

from services.runtime.http.forms.known import Beside, Desk, Known, Point
from services.runtime.http.forms.pages import add_forms
from services.runtime.http.forms.views import Option

__all__ = ["Beside", "Desk", "Known", "Option", "Point", "add_forms"]
