"""AnomalyDetectionModel (PMML 4.4, Anomaly Detection): a score made of what the model inside of it answers."""

import math

from .document import model_of, real
from .fields import Scope
from .measures import numbers
from .result import Result
from .values import NotCovered


def evaluate(model, scope):
    from .model import run
    result = run(model_of(model), Scope(scope.document, model_of(model), parent=scope))
    if result.value is None:
        return Result()
    kind = model.get("algorithmType")
    if kind == "iforest":
        size = real(model, "sampleDataSize")
        expected = 2.0 * (math.log(size - 1.0) + 0.5772156649) - 2.0 * (size - 1.0) / size
        return Result(value=2.0 ** (-result.value / expected))
    if kind == "ocsvm":
        return Result(value=result.value)
    if kind == "clusterMeanDist":
        means = numbers(model.find("MeanClusterDistances").find("Array"))
        order = list(result.affinities)
        return Result(value=result.affinities[result.entity] / means[order.index(result.entity)])
    raise NotCovered(kind)
