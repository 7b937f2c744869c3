"""Scorecard (PMML 4.4, Scorecard): initial score plus the partial score of each characteristic's first true attribute.

Reason codes: the characteristics ranked by how far the partial score lies below (or above) the baseline score.
"""

from . import expressions, predicates
from .document import predicate_of, real
from .result import Result


def evaluate(model, scope):
    total, points = real(model, "initialScore", 0.0), {}
    below = model.get("reasonCodeAlgorithm", "pointsBelow") == "pointsBelow"
    for characteristic in model.find("Characteristics"):
        attribute = next((each for each in characteristic.findall("Attribute")
                          if predicates.holds(predicate_of(each), scope)), None)
        if attribute is None:
            return Result()
        complex_ = attribute.find("ComplexPartialScore")
        partial = real(attribute, "partialScore") if complex_ is None else \
            expressions.evaluate(expressions.expression_of(complex_), scope)
        if partial is None:
            return Result()
        total += partial
        if model.get("useReasonCodes", "true") == "true":
            baseline = real(characteristic, "baselineScore", real(model, "baselineScore"))
            code = attribute.get("reasonCode") or characteristic.get("reasonCode")
            points[code] = points.get(code, 0.0) + (baseline - partial if below else partial - baseline)
    ranked = sorted((code for code in points if points[code] >= 0), key=lambda code: -points[code])  # gained points are no reason
    return Result(value=total, reasons=ranked)
