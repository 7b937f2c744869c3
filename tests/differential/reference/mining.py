"""MiningModel (PMML 4.4, Multiple Models): segments, and how their results become one."""

from . import predicates
from .document import model_of, predicate_of, real
from .fields import Scope
from .result import Result, best
from .values import NotCovered

VOTES = ("majorityVote", "weightedMajorityVote")


def evaluate(model, scope):
    from .model import run
    segmentation = model.find("Segmentation")
    method = segmentation.get("multipleModelMethod")
    results = []  # of the segments that ran: (weight, id, result)
    for output in segmentation.iter("OutputField") if method == "modelChain" else ():
        # What a segment puts out is missing until it has run.
        scope.outputs.setdefault(output.get("name"), (None, output.get("dataType") or "double"))
    for number, segment in enumerate(segmentation.findall("Segment"), 1):
        if predicates.holds(predicate_of(segment), scope) is not True:
            continue
        inner = Scope(scope.document, model_of(segment), parent=scope)
        result = run(model_of(segment), inner)
        results.append((real(segment, "weight", 1.0), segment.get("id") or str(number), result))
        if method == "selectFirst":
            if result.value is None and treatment_of(segmentation) == "skipSegment":
                continue
            return taken(result)
        if method in ("modelChain", "x-modelChain"):
            for name, output in inner.outputs.items():
                scope.outputs[name] = output
    if not results or method == "selectFirst":
        return Result()
    if method == "modelChain":
        return taken(results[-1][2])
    if method == "selectAll":
        raise NotCovered(method)
    return combined(model, segmentation, scope, method, results)


def treatment_of(segmentation):
    return segmentation.get("missingPredictionTreatment") or segmentation.get("x-missingPredictionTreatment") or "continue"


def taken(result):
    """A segment's result as the model's own: not its entity, its outputs on their own."""
    return Result(value=result.value, probabilities=result.probabilities, confidences=result.confidences,
                  entity=result.entity, affinities=result.affinities)


def combined(model, segmentation, scope, method, results):
    weighed = method.lower().startswith("weighted")
    weight = (lambda each: each[0]) if weighed else (lambda each: 1.0)
    missing = added(weight(each) for each in results if each[2].value is None)
    if missing:
        treatment = treatment_of(segmentation)
        if treatment == "returnMissing":
            return Result()
        if treatment == "skipSegment":
            if missing / added(weight(each) for each in results) > real(segmentation, "missingThreshold", 1.0):
                return Result()
            results = [each for each in results if each[2].value is not None]
            if not results:
                return Result()
        elif method not in VOTES:
            return Result()
    if model.get("functionName") == "regression":
        return Result(value=number(method, [(weight, result.value) for weight, _, result in results]))
    return classification(method, segmentation, scope, results)


def number(method, values):
    if method == "average":
        return added(value for _, value in values) / len(values)
    if method == "weightedAverage":
        return added(weight * value for weight, value in values) / added(weight for weight, _ in values)
    if method in ("sum", "weightedSum"):
        return added(weight * value if method == "weightedSum" else value for weight, value in values)
    if method == "max":
        return max(value for _, value in values)
    if method == "median":
        ordered = sorted(value for _, value in values)
        middle = len(ordered) // 2
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    if method == "weightedMedian":
        half, so_far = added(weight for weight, _ in values) / 2, 0.0
        for weight, value in sorted(values, key=lambda pair: pair[1]):
            so_far += weight
            if so_far >= half:
                return value
    raise NotCovered(method)


def document_order(segmentation, scope):
    """The categories of all segments, segment by segment: as distributions and tables mention them, then as nodes do."""
    from .tree import category
    found = []
    for segment in segmentation.findall("Segment"):
        texts = [element.get("value") for element in segment.iter("ScoreDistribution")]
        texts += [element.get("targetCategory") for element in segment.iter("RegressionTable")]
        texts += [element.get("score") for element in segment.iter("Node")]
        for text in texts:
            if text is not None and category(scope, text) not in found:
                found.append(category(scope, text))
    return found


def added(numbers):
    """A sum from left to right: Python's own makes up for lost digits."""
    total = 0.0
    for number in numbers:
        total += number
    return total


def classification(method, segmentation, scope, results):
    if method in VOTES:
        # Among equals the category wins that was voted for first, so they stand in that order.
        votes, absent, total = {}, 0.0, 0.0
        for weight, _, result in results:
            vote = weight if method == "weightedMajorityVote" else 1.0
            if result.value is None:
                absent += vote
            else:
                votes[result.value] = votes.get(result.value, 0.0) + vote
                total += vote
        winner = best(votes)
        if total == 0 or absent > votes[winner]:
            return Result()
        names = document_order(segmentation, scope)
        return Result(value=winner, probabilities={name: votes.get(name, 0.0) / total for name in names})
    if any(result.probabilities is None for _, _, result in results):
        return Result()
    names = []
    for _, _, result in results:
        names += [name for name in result.probabilities if name not in names]
    if method in ("average", "weightedAverage"):
        weights = [weight if method == "weightedAverage" else 1.0 for weight, _, _ in results]
        total = added(weights)
        shares = {name: added(weight * (result.probabilities.get(name) or 0.0) for weight, (_, _, result) in zip(weights, results)) / total
                  for name in names}
        return Result(value=best(shares), probabilities=shares)
    if method in ("max", "median"):
        return extreme(method, document_order(segmentation, scope), results)
    raise NotCovered(method)


def extreme(method, names, results):
    """The category whose largest (or median) probability is the highest; the result is the average over the segments whose
    probability of that category is nearest to it."""
    names = [name for name in names if any(name in result.probabilities for _, _, result in results)]

    def column(name):
        return [result.probabilities.get(name, 0.0) for _, _, result in results]

    def median(values):
        ordered = sorted(values)
        low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
        return low + (high - low) / 2  # of which of the two is nearer, the last digit decides, as it does in JPMML
    figures = {name: max(column(name)) if method == "max" else median(column(name)) for name in names}
    winner = best(figures)
    apart = [abs(value - figures[winner]) for value in column(winner)]
    having = [result for (_, _, result), distance in zip(results, apart) if distance == min(apart)]
    shares = {name: added(result.probabilities.get(name, 0.0) for result in having) / len(having) for name in names}
    return Result(value=best(shares), probabilities=shares)
