"""Values of PMML: missing, invalid, and the data types (PMML 4.4, Data Dictionary; General Structure).

A missing value is None. Strings are str, booleans bool, integers int, doubles float; a `float` is the Python float
that the nearest 32-bit number has. Dates are the numbers that they are counted as.
"""

import math
import struct

NUMERIC = ("integer", "float", "double")


class Invalid(Exception):
    """The record has no result: a value was invalid, or an operation is not defined for it."""


class NotCovered(Exception):
    """The interpreter does not know this construct."""


def to_float(number):
    """The nearest number of 32 bits."""
    number = float(number)
    if math.isnan(number) or math.isinf(number):
        return number
    try:
        return struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return math.copysign(math.inf, number)


def number(text):
    """A decimal number as XML writes it, else None. Python's own extras (1_000) are none."""
    text = text.strip()
    if "_" in text or text.lower() in ("infinity", "nan", "inf", "-inf", "-infinity", "+inf", "+infinity"):
        return {"INF": math.inf, "-INF": -math.inf, "NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(text)
    try:
        return float(text) + 0.0  # -0.0 is 0.0
    except ValueError:
        return None


def parse(text, type_):
    """The value that a text is in a data type. Raises Invalid where it is none."""
    if type_ == "string":
        return text
    if type_ == "boolean":
        if text.lower() in ("true", "1", "1.0"):
            return True
        if text.lower() in ("false", "0", "0.0"):
            return False
        raise Invalid(f"{text!r} is no boolean")
    value = number(text)
    if value is None:
        raise Invalid(f"{text!r} is no {type_}")
    if type_ == "integer":
        if not math.isfinite(value) or value != math.floor(value):
            raise Invalid(f"{text!r} is no integer")
        if abs(value) >= 2.0**63:
            raise Invalid(f"{text!r} is larger than an integer can be")
        return int(text) if text.strip().lstrip("+-").isdigit() else int(value)
    if type_ == "float":
        return to_float(value) + 0.0
    if type_ == "double":
        return value
    raise NotCovered(f"dataType {type_}")


def cast(value, type_):
    """A value as another data type: what a DerivedField or an OutputField declares."""
    if value is None or type_ is None:
        return value
    if type_ == "string":
        return value if isinstance(value, str) else text(value)
    if isinstance(value, str):
        return parse(value, type_)
    if type_ == "boolean":
        if value in (0, 1):
            return bool(value)
        raise Invalid(f"{value!r} is no boolean")
    if type_ == "integer":
        if isinstance(value, float) and value != math.trunc(value):
            raise Invalid(f"{value!r} is no integer")
        return int(value)
    return to_float(value) if type_ == "float" else float(value)


def text(value):
    """A value as text, as far as the tests need it: whole numbers without a fraction."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else repr(value)


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)
