"""GeneralRegressionModel (PMML 4.4, General Regression): x of each parameter from the PPMatrix, then x times beta."""

from . import links
from .document import real
from .regression import power, same
from .result import Result, best
from .tree import category
from .values import NotCovered


def evaluate(model, scope):
    parameters = [each.get("name") for each in model.find("ParameterList")]
    factors = {each.get("name") for each in (model.find("FactorList") if model.find("FactorList") is not None else ())}
    cells = [] if model.find("PPMatrix") is None else list(model.find("PPMatrix"))
    betas = list(model.find("ParamMatrix"))
    kind = model.get("modelType")

    def design(target):
        """x of each parameter; None where a predictor is missing."""
        x = {}
        for parameter in parameters:
            product = 1.0
            for cell in cells:
                if cell.get("parameterName") != parameter or cell.get("targetCategory") not in (None, target):
                    continue
                value = scope.value(cell.get("predictorName"))
                if value is None:
                    return None
                if cell.get("predictorName") in factors:
                    product *= 1.0 if same(value, cell.get("value")) else 0.0
                else:
                    product *= power(value, float(cell.get("value")))
            x[parameter] = product
        return x

    def dot(target, only_named=False):
        x = design(target)
        if x is None:
            return None
        return sum(x[cell.get("parameterName")] * real(cell, "beta") for cell in betas
                   if cell.get("targetCategory") == target or cell.get("targetCategory") is None and not only_named)

    has_offset = kind not in ("regression", "generalLinear")
    offset = real(model, "offsetValue", 0.0) if has_offset else 0.0
    if has_offset and model.get("offsetVariable"):
        offset = scope.value(model.get("offsetVariable"))
        if offset is None:
            return Result()
    link = model.get("linkFunction")
    if kind == "CoxRegression":
        return Result(value=cumulative_hazard(model, scope, design(None), betas))
    if model.get("functionName") == "regression":
        value = dot(None)
        if value is None:
            return Result()
        value += offset
        if kind == "generalizedLinear":
            value = links.inverse(link, value, real(model, "linkParameter"))
            trials = real(model, "trialsValue")
            if model.get("trialsVariable"):
                trials = scope.value(model.get("trialsVariable"))
                if trials is None:
                    return Result()
            if trials is not None:
                value *= trials
        elif kind not in ("regression", "generalLinear"):
            raise NotCovered(kind)
        return Result(value=value)
    return classification(model, scope, kind, betas, dot, offset)


def cumulative_hazard(model, scope, x, betas):
    """The baseline at the end time, times the exponential of how far the record is from the reference points. Zero before
    the first time; missing behind maxTime, of an unknown stratum, and where anything is missing."""
    time = scope.value(model.get("endTimeVariable"))
    tables = model.find("BaseCumHazardTables")
    if model.get("baselineStrataVariable"):
        stratum = scope.value(model.get("baselineStrataVariable"))
        tables = None if stratum is None else next((each for each in tables.findall("BaselineStratum") if same(stratum, each.get("value"))), None)
    if time is None or tables is None or time > real(tables, "maxTime"):
        return None
    before = [(real(cell, "time"), real(cell, "cumHazard")) for cell in tables.findall("BaselineCell") if real(cell, "time") <= time]
    if not before:
        return 0.0
    if x is None:
        return None
    references = {each.get("name"): real(each, "referencePoint", 0.0) for each in model.find("ParameterList")}
    risk = sum((x[cell.get("parameterName")] - references[cell.get("parameterName")]) * real(cell, "beta") for cell in betas)
    return max(before)[1] * links.exp(risk)


def target_categories(model, scope, betas):
    """All categories of the target in the order of the data dictionary, else as the ParamMatrix has them."""
    field = scope.document.data_fields.get(scope.target())
    declared = [value.get("value") for value in field.iter("Value") if value.get("property", "valid") == "valid"]
    if declared:
        return declared
    named = []
    for cell in betas:
        if cell.get("targetCategory") is not None and cell.get("targetCategory") not in named:
            named.append(cell.get("targetCategory"))
    reference = model.get("targetReferenceCategory")
    return named if reference in named or reference is None else [*named, reference]


def classification(model, scope, kind, betas, dot, offset):
    names = target_categories(model, scope, betas)
    reference = model.get("targetReferenceCategory") or names[-1]
    if kind == "ordinalMultinomial":
        below = []
        for name in names[:-1]:
            value = dot(name)
            if value is None:
                return Result()
            below.append(links.inverse(model.get("cumulativeLink"), value + offset))
        shares = [below[0], *(high - low for low, high in zip(below, below[1:])), 1.0 - below[-1]]
    else:
        values = [0.0 if name == reference else dot(name) for name in names]
        if any(value is None for value in values):
            return Result()
        values = [value if name == reference else value + offset for name, value in zip(names, values)]
        if kind == "multinomialLogistic":
            shares = links.softmax(values)
        elif kind == "generalizedLinear":
            first = links.inverse(model.get("linkFunction"), next(v for n, v in zip(names, values) if n != reference), real(model, "linkParameter"))
            shares = [1.0 - first if name == reference else first for name in names]
        else:
            raise NotCovered(kind)
    result = Result(probabilities={category(scope, name): share for name, share in zip(names, shares)})
    result.value = best(result.probabilities)
    return result
