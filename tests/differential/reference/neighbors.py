"""NearestNeighborModel (PMML 4.4, k-Nearest Neighbors): the k nearest training instances, the earlier ones among equals."""

from .fields import check, treat
from .measures import Measure
from .result import Result
from .values import Invalid, parse


def evaluate(model, scope):
    measure = Measure(model.find("ComparisonMeasure"))
    inputs = model.find("KNNInputs").findall("KNNInput")
    record = [scope.value(each.get("field")) for each in inputs]
    training = model.find("TrainingInstances")
    columns = {each.get("field"): each.get("column") or each.get("field") for each in training.find("InstanceFields")}
    rows = [{cell.tag.split("}")[-1]: cell.text or "" for cell in row} for row in training.find("InlineTable")]
    target = scope.target()
    found = []
    for number, row in enumerate(rows):
        center = [treated(row[columns[each.get("field")]], each.get("field"), scope) for each in inputs]
        value = measure.value(inputs, record, center)
        if value is None:
            return Result()
        found.append((value, number))
    found.sort(key=lambda pair: pair[0] if measure.kind == "distance" else -pair[0])
    nearest = found[:int(model.get("numberOfNeighbors"))]
    identity = columns.get(model.get("instanceIdVariable"))
    ids = [rows[number][identity] if identity else str(number + 1) for _, number in nearest]
    affinities = {rows[number][identity] if identity else str(number + 1): value for value, number in found}
    result = Result(entity=ids[0], ranking=ids, affinities=affinities)
    if target is None:
        result.value = ids[0] if ids else None
        return result
    threshold = float(model.get("threshold", "0.001"))
    weighed = [(1.0 / (distance + threshold), rows[number][columns[target]]) for distance, number in nearest]
    if model.get("functionName") == "regression":
        result.value = number_of(model.get("continuousScoringMethod", "average"), [(weight, float(text)) for weight, text in weighed])
        return result if result.value is not None else Result()
    method = model.get("categoricalScoringMethod", "majorityVote")
    votes = {}
    for weight, text in weighed:
        votes[text] = votes.get(text, 0.0) + (weight if method == "weightedMajorityVote" else 1.0)
    total = sum(votes.values()) or float("nan")  # nan: all are infinitely far
    type_ = scope.document.data_fields[target].get("dataType")
    result.probabilities = {parse(text, type_): vote / total for text, vote in votes.items()}
    # Among equals the label with more instances, then the smaller one.
    instances = {text: sum(row[columns[target]] == text for row in rows) for text in votes}
    first = sorted(votes, key=lambda text: (-votes[text], -instances[text], text))[0]
    result.value = parse(first, type_)
    return result


def treated(text, name, scope):
    """A value of an instance, which the mining schema treats as it treats a record's."""
    field, mining = scope.document.data_fields.get(name), scope.mining.get(name)
    if field is None or mining is None:
        return parse(text, scope.type_of(name))
    value, valid = check(text, field)
    return treat(value, valid, mining, field.get("dataType"))


def number_of(method, values):
    if method == "average":
        return sum(value for _, value in values) / len(values)
    if method == "weightedAverage":
        total = sum(weight for weight, _ in values)
        return sum(weight * value for weight, value in values) / total if total else None  # all are infinitely far
    if method == "median":
        ordered = sorted(value for _, value in values)
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    raise Invalid(method)
