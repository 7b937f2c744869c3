"""ClusteringModel (PMML 4.4, Cluster Models): the nearest or most similar center. Without an id a cluster is its number."""

from .measures import Measure, numbers
from .result import Result
from .values import NotCovered


def evaluate(model, scope):
    if model.get("modelClass") != "centerBased":
        raise NotCovered(model.get("modelClass"))
    measure = Measure(model.find("ComparisonMeasure"))
    fields = [field for field in model.findall("ClusteringField") if field.get("isCenterField", "true") == "true"]
    record = [scope.value(field.get("field")) for field in fields]
    weights = model.find("MissingValueWeights")
    weights = None if weights is None else numbers(weights.find("Array"))
    affinities, names = {}, {}
    for number, cluster in enumerate(model.findall("Cluster"), 1):
        key = cluster.get("id") or str(number)
        names[key] = cluster.get("name")
        affinities[key] = measure.value(fields, record, numbers(cluster.find("Array")), weights)
    if any(value is None for value in affinities.values()):
        return Result()
    better = (lambda a, b: a < b) if measure.kind == "distance" else (lambda a, b: a > b)
    winner = None
    for key, value in affinities.items():
        if winner is None or better(value, affinities[winner]):
            winner = key
    ranking = sorted(affinities, key=lambda key: affinities[key], reverse=measure.kind != "distance")
    return Result(value=winner, entity=winner, affinities=affinities, ranking=ranking)
