"""RegressionModel (PMML 4.4, Regression): intercept + sums of terms, then the normalization."""

from . import functions, links
from .document import real
from .result import Result, best
from .tree import category
from .values import is_number


def power(value, exponent):
    return functions.power(float(value), float(exponent)) if exponent != 1 else float(value)


def linear(table, scope):
    """The value of a regression table, None where a number is missing."""
    total = float(table.get("intercept", 0))
    for term in table:
        coefficient = real(term, "coefficient")
        if term.tag == "NumericPredictor":
            value = scope.value(term.get("name"))
            if value is None:
                return None
            total += coefficient * power(value, int(term.get("exponent", "1")))
        elif term.tag == "CategoricalPredictor":
            value = scope.value(term.get("name"))
            if value is not None and same(value, term.get("value")):
                total += coefficient
        elif term.tag == "PredictorTerm":
            product = coefficient
            for reference in term.findall("FieldRef"):
                value = scope.value(reference.get("field"))
                if value is None:
                    return None
                product *= value
            total += product
    return total


def same(value, text):
    if is_number(value):
        return value == float(text)
    if isinstance(value, bool):
        return value == (text.lower() == "true")
    return value == text


def evaluate(model, scope):
    tables = model.findall("RegressionTable")
    how = model.get("normalizationMethod", "none")
    if model.get("functionName") == "regression":
        value = linear(tables[0], scope)
        return Result(value=None if value is None else regression(how, value))
    values = [linear(table, scope) for table in tables]
    if any(value is None for value in values):
        return Result()
    names = [category(scope, table.get("targetCategory")) for table in tables]
    ordinal = scope.optype(scope.target()) == "ordinal"
    shares = ordered(how, values) if ordinal and how in links.CUMULATIVE else categories(how, values)
    if shares is None:  # of a sum of 0
        return Result()
    result = Result(probabilities=dict(zip(names, shares)))
    result.value = best(result.probabilities)
    return result


def regression(how, value):
    if how in ("softmax", "logit"):
        return links.inverse("logit", value)
    return value if how == "none" else links.inverse({"exp": "log"}.get(how, how), value)


def categories(how, values):
    if how == "softmax":
        return links.softmax(values)
    if how == "simplemax":
        total = sum(values)
        return [value / total for value in values] if total else None
    if how == "none":
        if len(values) == 2:
            first = min(max(values[0], 0.0), 1.0)
            return [first, 1.0 - first]
        return [*values[:-1], 1.0 - sum(values[:-1])]
    shares = [links.inverse(how, value) for value in values]
    if len(values) == 2:
        return [shares[0], 1.0 - shares[0]]
    total = sum(shares)
    return [share / total for share in shares]


def ordered(how, values):
    """Ordinal targets: the shares are differences of cumulative ones."""
    below = [links.inverse(how, value) for value in values[:-1]]
    shares = [below[0], *(high - low for low, high in zip(below, below[1:])), 1.0 - below[-1]]
    return shares
