"""NeuralNetwork (PMML 4.4, Neural Network)."""

import math

from . import expressions, links
from .document import real
from .result import Result, best
from .tree import category
from .values import NotCovered


def square(value):
    return value * value


def activation(name, z, threshold):
    if name == "threshold":
        return 1.0 if z > threshold else 0.0
    if name == "logistic":
        return links.logistic(z)
    if name == "tanh":
        return math.tanh(z)
    if name == "identity":
        return z
    if name == "exponential":
        return links.exp(z)
    if name == "reciprocal":
        return 1.0 / z if z != 0 else math.copysign(math.inf, z)
    if name == "square":
        return z * z
    if name == "Gauss":
        return links.exp(-(z * z))
    if name == "sine":
        return math.sin(z) if math.isfinite(z) else math.nan
    if name == "cosine":
        return math.cos(z) if math.isfinite(z) else math.nan
    if name == "Elliott":
        return z / (1.0 + abs(z))
    if name == "arctan":
        return 2.0 * math.atan(z) / math.pi
    if name == "rectifier":
        return max(0.0, z)
    raise NotCovered(name)


def evaluate(model, scope):
    values = {}
    for each in model.find("NeuralInputs").findall("NeuralInput"):
        value = expressions.derived(each.find("DerivedField"), scope)
        if value is None:
            return Result()
        values[each.get("id")] = float(value)
    for layer in model.findall("NeuralLayer"):
        def of(neuron, attribute, default=None):
            for element in (neuron, layer, model):
                if element is not None and element.get(attribute) is not None:
                    return float(element.get(attribute))
            return default
        name = layer.get("activationFunction") or model.get("activationFunction")
        neurons = layer.findall("Neuron")
        for neuron in neurons:
            if name == "radialBasis":
                width, altitude = of(neuron, "width"), of(neuron, "altitude", 1.0)
                connections = neuron.findall("Con")
                distance = sum(square(values[c.get("from")] - float(c.get("weight"))) for c in connections)
                z = distance / (2.0 * width * width)
                values[neuron.get("id")] = links.exp(len(connections) * math.log(altitude) - z)
                continue
            z = sum((values[c.get("from")] * float(c.get("weight")) for c in neuron.findall("Con")), real(neuron, "bias", 0.0))
            values[neuron.get("id")] = activation(name, z, of(None, "threshold", 0.0))
        how = layer.get("normalizationMethod") or model.get("normalizationMethod") or "none"
        if how != "none":
            these = [values[neuron.get("id")] for neuron in neurons]
            total = sum(these)
            shares = links.softmax(these) if how == "softmax" else [z / total if total else math.nan for z in these]
            values.update(zip((neuron.get("id") for neuron in neurons), shares))
    return outputs(model, scope, values)


def outputs(model, scope, values):
    found = [(each.get("outputNeuron"), expressions.expression_of(each.find("DerivedField")))
             for each in model.find("NeuralOutputs").findall("NeuralOutput")]
    if model.get("functionName") == "regression":
        neuron, expression = found[0]
        value = values[neuron]
        if expression.tag == "NormContinuous":
            value = expressions.inverse_norm_continuous(expression, value)
        return Result(value=value)
    result = Result(probabilities={category(scope, expression.get("value")): values[neuron]
                                   for neuron, expression in found}, entity=None)
    result.value = best(result.probabilities)
    return result
