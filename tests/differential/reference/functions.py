"""The built-in functions of PMML 4.4. Numbers behave as IEEE 754 has them: 1/0 is infinite, ln(-1) is no number."""

import math
import statistics

from .values import Invalid

# statistics.NormalDist's inverse is a rational approximation of 16 digits (Wichura's AS 241).
NORMAL = statistics.NormalDist()


def normal_below(x):
    """With erfc, which keeps its digits far below zero."""
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def normal_quantile(p):
    return -math.inf if p == 0 else math.inf if p == 1 else NORMAL.inv_cdf(p)


def guarded(function):
    """A function of math, which raises where IEEE 754 has infinite or not a number."""
    def inner(*arguments):
        if any(isinstance(each, float) and math.isnan(each) for each in arguments):
            return math.nan
        try:
            return function(*arguments)
        except OverflowError:
            return math.inf
        except (ValueError, ZeroDivisionError):
            return math.nan
    return inner


def divide(x, y):
    if isinstance(x, int) and isinstance(y, int):
        if y == 0:
            raise Invalid("division by zero")
        return abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)  # cut off
    if y == 0:
        return math.nan if x == 0 or math.isnan(x) else math.copysign(math.inf, x) * math.copysign(1.0, y)
    return x / y


def modulo(x, y):
    """The rest has the sign of the divisor."""
    if y == 0:
        return math.nan
    if isinstance(x, int) and isinstance(y, int):
        return x % y
    quotient = divide(x, y)
    return x - (float(math.floor(quotient)) if math.isfinite(quotient) else quotient) * y


def logarithm(function):
    def inner(x):
        if x == 0:
            return -math.inf
        return function(x) if x > 0 or math.isnan(x) else math.nan
    return guarded(inner)


def log1p(x):
    return -math.inf if x == -1 else math.log1p(x)


def power(x, y):
    if isinstance(x, int) and isinstance(y, int) and y >= 0:
        return x ** y
    if isinstance(x, int) and isinstance(y, int):
        raise Invalid("a negative power of an integer")
    x, y = float(x), float(y)
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y == math.floor(y) and y % 2 == 1 else math.inf
    except ValueError:
        if x == 0:
            return math.copysign(math.inf, x) if y == math.floor(y) and y % 2 == 1 else math.inf
        return math.nan


def rounded(function):
    def inner(x):
        if isinstance(x, int) or not math.isfinite(x):
            return x
        return float(function(x))
    return inner


def signed(function):
    """Of a rounding that keeps the sign of zero."""
    def inner(x):
        return math.copysign(function(x), x) if isinstance(x, float) and -1 < x < 1 else function(x)
    return inner


def sinh(x):
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(math.inf, x)


def exp(x):
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def expm1(x):
    try:
        return math.expm1(x)
    except OverflowError:
        return math.inf


def compared(function):
    def inner(x, y):
        if isinstance(x, str) != isinstance(y, str):
            raise Invalid("a string against a number")
        return function(x, y)
    return inner


def substring(text, start, length):
    if start < 1 or length < 0:
        raise Invalid("substring")
    return text[start - 1:start - 1 + length]


def signed_ceil(x):
    ceiling = rounded(math.ceil)(x)
    return -0.0 if ceiling == 0 and x < 0 else ceiling


PLAIN = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "/": divide,
    "log10": logarithm(math.log10), "ln": logarithm(math.log), "ln1p": guarded(log1p), "exp": exp, "expm1": expm1,
    "sqrt": guarded(math.sqrt), "abs": abs, "pow": power, "threshold": lambda x, y: 1 if x > y else 0,
    "floor": rounded(math.floor), "ceil": signed_ceil, "round": rounded(lambda x: math.floor(x + 0.5)),
    "rint": signed(rounded(round)), "hypot": guarded(math.hypot), "atan2": guarded(math.atan2), "sin": guarded(math.sin),
    "cos": guarded(math.cos), "tan": guarded(math.tan), "asin": guarded(math.asin), "acos": guarded(math.acos),
    "atan": guarded(math.atan), "sinh": sinh, "cosh": guarded(math.cosh), "tanh": guarded(math.tanh),
    "modulo": modulo,
    "erf": guarded(math.erf), "stdNormalCDF": guarded(normal_below), "stdNormalPDF": guarded(NORMAL.pdf),
    "stdNormalIDF": guarded(normal_quantile),
    "normalCDF": guarded(lambda x, mu, sigma: normal_below((x - mu) / sigma)),
    "normalPDF": guarded(lambda x, mu, sigma: NORMAL.pdf((x - mu) / sigma) / sigma),
    "normalIDF": guarded(lambda p, mu, sigma: mu + sigma * normal_quantile(p)),
    "equal": compared(lambda x, y: x == y), "notEqual": compared(lambda x, y: x != y),
    "lessThan": compared(lambda x, y: x < y), "lessOrEqual": compared(lambda x, y: x <= y),
    "greaterThan": compared(lambda x, y: x > y), "greaterOrEqual": compared(lambda x, y: x >= y),
    "not": lambda x: not x,
    "uppercase": str.upper, "lowercase": str.lower, "stringLength": len, "substring": substring,
    "trimBlanks": str.strip,
}


def present(function):
    """A function of what is there: missing values are left out; of none, the result is missing."""
    def inner(*values):
        there = [value for value in values if value is not None]
        return function(there) if there else None
    return inner


def product(values):
    total = values[0]
    for value in values[1:]:
        total = total * value
    return total


def summed(values):
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


def logical(deciding):
    """`and` (False decides) and `or` (True decides): unknown unless something decides."""
    def inner(*values):
        if deciding in [value for value in values if value is not None]:
            return deciding
        return None if None in values else not deciding
    return inner


def joined(*values):
    return "".join(value for value in values if value is not None)


MISSING_ALLOWED = {
    "isMissing": lambda x: x is None, "isNotMissing": lambda x: x is not None,
    "min": present(min), "max": present(max), "sum": present(summed), "product": present(product),
    "avg": present(lambda values: summed(values) / len(values)),
    "median": present(lambda values: statistics.median(values)),
    "and": logical(False), "or": logical(True),
    # Missing is a value among others here.
    "isIn": lambda x, *values: x in values, "isNotIn": lambda x, *values: x not in values,
}

COMPARED = ("equal", "notEqual", "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual", "isIn", "isNotIn")
TYPES = {  # of results; double unless it stands here
    **dict.fromkeys(("+", "-", "*", "/", "modulo", "min", "max", "sum", "product", "abs", "pow", "rint", "if"), "widest"),
    **dict.fromkeys(("avg", "median"), "mean"), **dict.fromkeys(("floor", "ceil", "round", "threshold", "stringLength"), "integer"),
    **dict.fromkeys((*COMPARED, "isMissing", "isNotMissing", "and", "or", "not"), "boolean"),
    **dict.fromkeys(("uppercase", "lowercase", "substring", "trimBlanks", "concat"), "string"),
}
