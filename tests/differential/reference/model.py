"""One record through one model: predicate-free evaluation of the element, then Targets, then Output."""

import math

from . import expressions
from .document import Document
from .fields import Scope
from .result import Result, best
from .values import NotCovered, cast, to_float

FAMILIES = {}


def evaluator(name):
    import importlib
    modules = {"TreeModel": "tree", "MiningModel": "mining", "RegressionModel": "regression",
               "GeneralRegressionModel": "general_regression", "NeuralNetwork": "neural", "ClusteringModel": "clustering",
               "NearestNeighborModel": "neighbors", "SupportVectorMachineModel": "support_vectors",
               "NaiveBayesModel": "naive_bayes", "RuleSetModel": "rule_set", "Scorecard": "scorecard",
               "AnomalyDetectionModel": "anomaly"}
    if name not in modules:
        raise NotCovered(name)
    return importlib.import_module("." + modules[name], __package__).evaluate


def run(model, scope):
    """A model in its scope, with targets and outputs applied."""
    result = evaluator(model.tag)(model, scope)
    apply_targets(model, scope, result)
    result.outputs = outputs(model, scope, result)
    return result


# --- Targets -----------------------------------------------------------------------------------------------

def target_of(model, scope):
    targets = model.find("Targets")
    if targets is None:
        return None
    name = scope.target()
    for target in targets:
        if target.get("field") in (name, None):
            return target
    return None


def apply_targets(model, scope, result):
    """PMML 4.4, Targets: a missing prediction is replaced; then min, max, factor, constant, cast in this order."""
    target = target_of(model, scope)
    regression = model.get("functionName") == "regression"
    if target is not None:
        if result.value is None:
            replace_missing(target, scope, result, regression)
        elif regression:
            result.value = rescaled(target, result.value)
    name = scope.target()
    field = scope.document.data_fields.get(name)
    if regression and field is not None and field.get("dataType") == "float" and result.value is not None:
        result.value = to_float(result.value)


def rescaled(target, value):
    if target.get("min") is not None:
        value = max(value, float(target.get("min")))
    if target.get("max") is not None:
        value = min(value, float(target.get("max")))
    if target.get("rescaleFactor") is not None:
        value = value * float(target.get("rescaleFactor"))
    if target.get("rescaleConstant") is not None:
        value = value + float(target.get("rescaleConstant"))
    how = target.get("castInteger")
    if how and math.isfinite(value):
        value = float({"round": lambda x: math.floor(x + 0.5), "ceiling": math.ceil, "floor": math.floor}[how](value))
    return value


def replace_missing(target, scope, result, regression):
    values = target.findall("TargetValue")
    if regression:
        for each in values:
            if each.get("defaultValue") is not None:
                result.value = rescaled(target, float(each.get("defaultValue")))
        return
    from .tree import category
    priors = {category(scope, each.get("value")): float(each.get("priorProbability")) for each in values
              if each.get("priorProbability") is not None}
    total = sum(priors.values())
    if priors and total > 0:
        priors = {label: prior / total for label, prior in priors.items()}
        result.probabilities = priors
        result.value = best(priors)


# --- Output ----------------------------------------------------------------------------------------------

def outputs(model, scope, result):
    """name -> value of the model's OutputFields; a transformed value sees the fields above it."""
    element = model.find("Output")
    found = {}
    if element is None:
        return found
    for field in element.findall("OutputField"):
        value = feature(field, model, scope, result, found)
        type_ = field.get("dataType")
        found[field.get("name")] = value if type_ is None else cast(value, type_)
        scope.outputs[field.get("name")] = (found[field.get("name")], type_ or "double")
    return found


def feature(field, model, scope, result, found):
    name = field.get("feature", "predictedValue")
    if name == "predictedValue":
        return result.value
    if name == "predictedDisplayValue":
        return display(model, scope, result.value)
    if name in ("probability", "confidence"):
        shares = result.probabilities if name == "probability" else result.confidences
        if shares is None:
            return None
        if field.get("value") is None:
            return shares.get(result.value)
        from .tree import category
        wanted = category(scope, field.get("value"))
        if wanted in shares:
            return shares[wanted]
        return 0.0
    if name in ("entityId", "clusterId"):
        if result.ranking and field.get("rank"):
            rank = int(field.get("rank"))
            return result.ranking[rank - 1] if rank <= len(result.ranking) else None
        return result.entity
    if name in ("affinity", "entityAffinity", "clusterAffinity"):
        if result.affinities is None:
            return None
        return result.affinities.get(field.get("value") or result.entity)
    if name in ("transformedValue", "decision"):
        if not any(child.tag in expressions.EXPRESSIONS for child in field):
            raise NotCovered("decision")
        return expressions.evaluate(expressions.expression_of(field), scope)
    if name == "reasonCode":
        rank = int(field.get("rank", "1"))
        return result.reasons[rank - 1] if rank <= len(result.reasons) else None
    if name in result.numbers:
        return result.numbers[name]
    raise NotCovered(name)


def display(model, scope, value):
    target = target_of(model, scope)
    from .tree import category
    for each in target.findall("TargetValue") if target is not None else ():
        if each.get("displayValue") is not None and category(scope, each.get("value")) == value:
            return each.get("displayValue")
    field = scope.document.data_fields.get(scope.target())
    for each in field.iter("Value") if field is not None else ():
        if each.get("displayValue") is not None and category(scope, each.get("value")) == value:
            return each.get("displayValue")
    return value


# --- Records -----------------------------------------------------------------------------------------------

class Interpreter:
    """Scores records, {name: text or None}, with a document. Raises Invalid where a record has no result."""

    def __init__(self, source):
        self.document = Document(source)

    def score(self, record):
        """{column: value}: the target, then the outputs; and those of the segments of a chain."""
        model = self.document.model
        scope = Scope(self.document, model, record=record)
        result = run(model, scope)
        return {scope.target() or "_target": result.value, **result.outputs}
