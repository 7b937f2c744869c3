"""Inverse link functions and normalizations (PMML 4.4, Regression; General Regression; Neural Network)."""

import math

CUMULATIVE = ("logit", "probit", "cloglog", "loglog", "cauchit")


def exp(value):
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def logistic(value):
    return 1.0 / (1.0 + exp(-value))


def normal(value):
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-value / math.sqrt(2.0))


def softmax(values):
    if any(math.isnan(value) for value in values):
        return [math.nan] * len(values)
    top = max(values)
    if math.isinf(top):
        return [math.nan if value == top else 0.0 for value in values] if top < 0 else [math.nan] * len(values)
    raised = [exp(value - top) for value in values]
    total = sum(raised)
    return [each / total for each in raised]


def power(value, exponent):
    try:
        return value ** exponent if value >= 0 or exponent == int(exponent) else math.nan
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf


def inverse(link, value, parameter=None):
    if math.isnan(value):
        return value
    if link == "identity":
        return value
    if link == "log":
        return exp(value)
    if link == "logc":
        return 1.0 - exp(value)
    if link == "logit":
        return logistic(value)
    if link == "probit":
        return normal(value)
    if link == "cloglog":
        return -math.expm1(-exp(value))
    if link == "loglog":
        return exp(-exp(-value))
    if link == "cauchit":
        return 0.5 + math.atan(value) / math.pi
    if link == "negbin":
        return 1.0 / (parameter * (exp(-value) - 1.0))
    if link == "oddspower":
        return logistic(value) if parameter == 0 else 1.0 / (1.0 + power(1.0 + parameter * value, -1.0 / parameter))
    if link == "power":
        return exp(value) if parameter == 0 else power(value, 1.0 / parameter)
    raise ValueError(link)
