"""SupportVectorMachineModel (PMML 4.4, Vector Machine): f(x) = sum of coefficients times kernels, plus the absolute value.

One against one: below the threshold the vote is for targetCategory, else for alternateTargetCategory. One against all:
the smallest f wins, or the largest with maxWins.
"""

import math

from . import links
from .document import array, real
from .regression import power, same
from .result import Result, best
from .tree import category

KERNELS = ("LinearKernelType", "PolynomialKernelType", "RadialBasisKernelType", "SigmoidKernelType")


def kernel(element, x, y):
    inner = sum(a * b for a, b in zip(x, y))
    if element.tag == "LinearKernelType":
        return inner
    gamma, coef0 = real(element, "gamma", 1.0), real(element, "coef0", 1.0)
    if element.tag == "PolynomialKernelType":
        return power(gamma * inner + coef0, real(element, "degree", 1.0))
    if element.tag == "RadialBasisKernelType":
        return links.exp(-gamma * sum((a - b) * (a - b) for a, b in zip(x, y)))
    return math.tanh(gamma * inner + coef0)


def sparse(element, size):
    values = [0.0] * size
    indices = (element.findtext("Indices") or "").split()
    entries = (element.findtext("REAL-Entries") or "").split()
    for index, entry in zip(indices, entries):
        values[int(index) - 1] = float(entry)
    return values


def vector_of(instance, size):
    dense = instance.find("Array")
    return [float(entry) for entry in array(dense)] if dense is not None else sparse(instance.find("REAL-SparseArray"), size)


def evaluate(model, scope):
    dictionary = model.find("VectorDictionary")
    record = []
    for field in dictionary.find("VectorFields"):
        name = field.get("field") or field.get("name")
        value = scope.value(name)
        if value is None:
            return Result()
        record.append((1.0 if same(value, field.get("value")) else 0.0) * real(field, "coefficient", 1.0)
                      if field.tag == "CategoricalPredictor" else float(value))
    vectors = {each.get("id"): vector_of(each, len(record)) for each in dictionary.findall("VectorInstance")}
    element = next(child for child in model if child.tag in KERNELS)

    def function(machine):
        coefficients = machine.find("Coefficients")
        values = [real(each, "value", 0.0) for each in coefficients.findall("Coefficient")]
        total = real(coefficients, "absoluteValue", 0.0)
        if model.get("svmRepresentation", "SupportVectors") == "Coefficients":
            return total + sum(value * x for value, x in zip(values, record))
        supports = [vectors[each.get("vectorId")] for each in machine.find("SupportVectors").findall("SupportVector")]
        return total + sum(value * kernel(element, support, record) for value, support in zip(values, supports))

    machines = model.findall("SupportVectorMachine")
    if model.get("functionName") == "regression":
        return Result(value=function(machines[0]))
    return classification(model, scope, machines, function)


def classification(model, scope, machines, function):
    if model.get("classificationMethod", "OneAgainstAll") == "OneAgainstOne" or any(each.get("alternateTargetCategory") for each in machines):
        # Among equals the category that the target's field has first, then the one that the machines name first.
        field = scope.document.data_fields.get(scope.target())
        votes = {category(scope, value.get("value")): 0 for value in (field.iter("Value") if len(machines) > 1 else ())}
        for machine in machines:
            threshold = real(machine, "threshold", real(model, "threshold", 0.0))
            for attribute in ("targetCategory", "alternateTargetCategory"):
                votes.setdefault(category(scope, machine.get(attribute)), 0)
            won = "targetCategory" if function(machine) < threshold else "alternateTargetCategory"
            votes[category(scope, machine.get(won))] += 1
        return Result(value=best(votes), affinities=votes)
    values = {category(scope, machine.get("targetCategory")): function(machine) for machine in machines}
    if model.get("maxWins", "false") != "true":
        return Result(value=best({name: -value for name, value in values.items()}), affinities=values)
    return Result(value=best(values), affinities=values)
