"""The words and the order of what people fill in: labels, explanations and choices, beside the names of the fields."""

from contracts.formulieren.indeling import EERST_IN, INDELING, Anders, Indeling
from contracts.formulieren.keuzes import choice_label
from contracts.formulieren.velden import Veldwoorden, field_words

__all__ = ["EERST_IN", "INDELING", "Anders", "Indeling", "Veldwoorden", "choice_label", "field_words"]
