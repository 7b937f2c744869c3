"""RuleSetModel (PMML 4.4, Ruleset): firstHit, weightedSum, weightedMax over the rules whose predicates are true."""

from . import predicates
from .document import predicate_of, real
from .result import Result, best
from .tree import category


def rules_of(element, scope, numbers):
    """The simple rules that fire, in order. The rules inside of a compound rule need its predicate as well."""
    for rule in element:
        if rule.tag == "SimpleRule":
            numbers[0] += 1
            mine = numbers[0]
            if predicates.holds(predicate_of(rule), scope):
                yield rule, rule.get("id") or str(mine)
        elif rule.tag == "CompoundRule":
            inner = list(rules_of(rule, scope, numbers))
            if predicates.holds(predicate_of(rule), scope):
                yield from inner


def evaluate(model, scope):
    rules = model.find("RuleSet")
    method = rules.find("RuleSelectionMethod").get("criterion")
    fired = list(rules_of(rules, scope, [0]))
    regression = model.get("functionName") == "regression"
    value = float if regression else lambda text: category(scope, text)
    if not fired:
        default = rules.get("defaultScore")
        if default is None:
            return Result()
        result = Result(value=value(default))
        confidence = real(rules, "defaultConfidence")
        result.confidences = {result.value: confidence}
        return result
    if method == "firstHit":
        rule, number = fired[0]
        return Result(value=value(rule.get("score")), entity=number, confidences={value(rule.get("score")): real(rule, "confidence", 1.0)})
    if method == "weightedMax":
        rule, number = max(fired, key=lambda each: real(each[0], "weight", 1.0))
        return Result(value=value(rule.get("score")), entity=number, confidences={value(rule.get("score")): real(rule, "confidence", 1.0)})
    field = scope.document.data_fields.get(scope.target())
    declared = [each.get("value") for each in field.iter("Value")] if field is not None else []
    sums = {}
    for text in [*declared, *(rule.get("score") for rule in rules.iter("SimpleRule"))]:
        these = [rule for rule, _ in fired if rule.get("score") == text]
        if these and text not in sums:
            sums[text] = sum(real(rule, "weight", 1.0) for rule in these)
    winner = best(sums)
    heaviest = max((each for each in fired if each[0].get("score") == winner), key=lambda each: real(each[0], "weight", 1.0))
    result = Result(value=value(winner), entity=heaviest[1])
    result.confidences = {value(text): total / len(fired) for text, total in sums.items()}
    return result
