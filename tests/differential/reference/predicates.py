"""Predicates: true, false or unknown (None). PMML 4.4, Trees: SimplePredicate, CompoundPredicate, SimpleSetPredicate."""

from .document import PREDICATES, array
from .values import parse


def holds(predicate, scope):
    return {"True": lambda *_: True, "False": lambda *_: False, "SimplePredicate": simple,
            "SimpleSetPredicate": member, "CompoundPredicate": compound}[predicate.tag](predicate, scope)


def simple(predicate, scope):
    operator, name = predicate.get("operator"), predicate.get("field")
    value = scope.value(name)
    if operator == "isMissing":
        return value is None
    if operator == "isNotMissing":
        return value is not None
    if value is None:
        return None
    other = parse(predicate.get("value"), scope.type_of(name))
    return {"equal": lambda: value == other, "notEqual": lambda: value != other,
            "lessThan": lambda: value < other, "lessOrEqual": lambda: value <= other,
            "greaterThan": lambda: value > other, "greaterOrEqual": lambda: value >= other}[operator]()


def member(predicate, scope):
    name = predicate.get("field")
    value = scope.value(name)
    if value is None:
        return None
    found = any(value == parse(entry, scope.type_of(name)) for entry in array(predicate.find("Array")))
    return found if predicate.get("booleanOperator") == "isIn" else not found


def compound(predicate, scope):
    answers = [holds(child, scope) for child in predicate if child.tag in PREDICATES]
    operator = predicate.get("booleanOperator")
    if operator == "and":
        return False if False in answers else None if None in answers else True
    if operator == "or":
        return True if True in answers else None if None in answers else False
    if operator == "xor":
        return None if None in answers else sum(answers) % 2 == 1
    return next((answer for answer in answers if answer is not None), None)  # surrogate: the first that is known
