"""Units with dimensions and exact factors, as data: 5 cm is never 5 m, and 150 minutes are 2.5 hours.

The tables beside this file are read when the first unit is looked up, not on import.
"""

from filters.answers.units.counted import classify_word as classify_word
from filters.answers.units.lookup import CURRENCY_SIGNS as CURRENCY_SIGNS
from filters.answers.units.lookup import find_unit as find_unit
from filters.answers.units.lookup import is_currency as is_currency
from filters.answers.units.unit import ORDINAL as ORDINAL
from filters.answers.units.unit import Dimension as Dimension
from filters.answers.units.unit import Unit as Unit
from filters.answers.units.unit import multiply_units as multiply_units
