"""Transformations (PMML 4.4): the expressions that a DerivedField, an Apply or an OutputField holds."""

from . import functions
from .values import Invalid, NotCovered, cast, is_number, number, parse, to_float

EXPRESSIONS = ("Constant", "FieldRef", "NormContinuous", "NormDiscrete", "Discretize", "MapValues", "Apply", "TextIndex",
               "Aggregate", "Lag")


def expression_of(element):
    return next(child for child in element if child.tag in EXPRESSIONS)


def derived(element, scope):
    """The value of a DerivedField, in the type that it declares."""
    return cast(evaluate(expression_of(element), scope), element.get("dataType") or element.get("datatype"))


def evaluate(element, scope):
    return {"Constant": constant, "FieldRef": field_reference, "NormContinuous": norm_continuous,
            "NormDiscrete": norm_discrete, "Discretize": discretize, "MapValues": map_values,
            "Apply": apply}.get(element.tag, not_covered)(element, scope)


def not_covered(element, scope):
    raise NotCovered(element.tag)


def literal(text, type_=None):
    """A value that is written in an attribute: of a type, else of the type that it looks like."""
    if text is None:
        return None
    if type_ is not None:
        return parse(text, type_)
    value = number(text)
    if value is None:
        return text
    return int(text) if text.strip().lstrip("+-").isdigit() else value


def constant(element, scope):
    if element.get("missing") == "true":
        return None
    return literal(element.text or "", element.get("dataType"))


def field_reference(element, scope):
    value = scope.value(element.get("field"))
    if value is None and element.get("mapMissingTo") is not None:
        return parse(element.get("mapMissingTo"), scope.type_of(element.get("field")))
    return value


def mapped(element, type_="double"):
    """What mapMissingTo says, else missing."""
    to = element.get("mapMissingTo")
    return None if to is None else literal(to, type_)


def norm_continuous(element, scope):
    value = scope.value(element.get("field"))
    if value is None:
        return mapped(element)
    return piecewise([(float(each.get("orig")), float(each.get("norm"))) for each in element.findall("LinearNorm")],
                     value, element.get("outliers", "asIs"), mapped(element))


def piecewise(points, value, outliers, missing=None):
    """Linear from point to point; outside, the first or last line goes on, unless `outliers` says otherwise."""
    if value != value:
        return value
    if not points[0][0] <= value <= points[-1][0]:
        if outliers == "asMissingValues":
            return missing
        if outliers == "asExtremeValues":
            return points[0][1] if value < points[0][0] else points[-1][1]
    if value in (points[0][0], points[-1][0]):
        return points[0][1] if value == points[0][0] else points[-1][1]
    here = [norm for at, norm in points if at == value]
    if len(here) > 1:  # a jump: halfway
        return (here[0] + here[-1]) / 2
    for (a1, b1), (a2, b2) in zip(points, points[1:]):
        if value <= a2 or (a2, b2) == points[-1]:
            return b1 + (value - a1) / (a2 - a1) * (b2 - b1)
    raise Invalid("no line")


def inverse_norm_continuous(element, value):
    """From the norm back to the original, as the output of a neural network is scaled back."""
    points = [(float(each.get("norm")), float(each.get("orig"))) for each in element.findall("LinearNorm")]
    if points[0][0] > points[-1][0]:
        points = points[::-1]
    return piecewise(points, value, element.get("outliers", "asIs"))


def equals(value, text, type_):
    try:
        return value == parse(text, type_)
    except Invalid:
        return False


def norm_discrete(element, scope):
    value = scope.value(element.get("field"))
    if value is None:
        return mapped(element)
    return 1.0 if equals(value, element.get("value"), scope.type_of(element.get("field"))) else 0.0


def discretize(element, scope):
    from .fields import interval_holds
    value, type_ = scope.value(element.get("field")), element.get("dataType")
    if value is None:
        return literal(element.get("mapMissingTo"), type_ or "string")
    for bin_ in reversed(element.findall("DiscretizeBin")):  # of bins that overlap the last one counts
        if interval_holds(bin_.find("Interval"), value):
            return literal(bin_.get("binValue"), type_ or "string")
    return literal(element.get("defaultValue"), type_ or "string")


def map_values(element, scope):
    type_ = element.get("dataType") or "string"
    wanted = []
    for pair in element.findall("FieldColumnPair"):
        value = scope.value(pair.get("field"))
        if value is None:
            return literal(element.get("mapMissingTo"), type_)
        wanted.append((pair.get("column"), value, scope.type_of(pair.get("field"))))
    for row in element.find("InlineTable"):
        cells = {cell.tag: cell.text or "" for cell in row}
        if all(column in cells and equals(value, cells[column], of) for column, value, of in wanted):
            return literal(cells.get(element.get("outputColumn")), type_)
    return literal(element.get("defaultValue"), type_)


def apply(element, scope):
    name = element.get("function")
    arguments = [child for child in element if child.tag in EXPRESSIONS]
    if name in scope.document.functions:
        value = defined(scope.document.functions[name], [evaluate(each, scope) for each in arguments], scope)
    else:
        value = built_in(element, name, arguments, scope)
    if value is None and element.get("defaultValue") is not None:
        return stand_in(element, scope, "defaultValue")
    return value


def built_in(element, name, arguments, scope):
    if name == "if":
        condition = evaluate(arguments[0], scope)
        if condition is None:
            return stand_in(element, scope)
        if not condition and len(arguments) < 3:
            return None
        value = evaluate(arguments[1 if condition else 2], scope)
        return stand_in(element, scope) if value is None else as_type(value, type_of(element, scope))
    values = [evaluate(each, scope) for each in arguments]
    if any(value is None for value in values) and element.get("mapMissingTo") is not None:
        return stand_in(element, scope)
    if name in functions.COMPARED and type_of(arguments[0], scope) == "float":
        values = [value if isinstance(value, str) else as_type(value, "float") for value in values]
    if name not in functions.MISSING_ALLOWED and any(value is None for value in values):
        return None
    function = functions.MISSING_ALLOWED.get(name) or functions.PLAIN.get(name)
    if function is None:
        raise NotCovered(name)
    return valid_result(element, lambda: as_type(function(*values), type_of(element, scope)))


def stand_in(element, scope, attribute="mapMissingTo"):
    """mapMissingTo or defaultValue of an Apply; beside floats a float."""
    value = literal(element.get(attribute))
    return to_float(value) if is_number(value) and type_of(element, scope) == "float" else value


def valid_result(element, compute):
    """What invalidValueTreatment makes of a function without a valid result. Not a number is none."""
    how = element.get("invalidValueTreatment", "returnInvalid")
    try:
        value = compute()
    except Invalid:
        if how == "asMissing":
            return None
        raise
    if isinstance(value, float) and value != value and how != "asIs":
        if how == "asMissing":
            return None
        raise Invalid(f"{element.get('function')}: not a number")
    return value


ORDER = ("integer", "float", "double")


def type_of(element, scope):
    """The data type of an expression, which does not depend on the record."""
    if element.tag == "Constant":
        if element.get("dataType"):
            return element.get("dataType")
        value = literal(element.text or "")
        return "string" if isinstance(value, str) else "integer" if isinstance(value, int) else "double"
    if element.tag == "FieldRef":
        return scope.type_of(element.get("field"))
    if element.tag in ("Discretize", "MapValues"):
        return element.get("dataType") or "string"
    if element.tag != "Apply":
        return "double"
    name = element.get("function")
    if name in scope.document.functions:
        return scope.document.functions[name].get("dataType")
    arguments = [child for child in element if child.tag in EXPRESSIONS]
    kind = functions.TYPES.get(name, "double")
    if kind not in ("widest", "mean"):
        return kind
    types = [type_of(each, scope) for each in (arguments[1:] if name == "if" else arguments)]
    if not all(type_ in ORDER for type_ in types):
        return types[0]
    widest = max(types, key=ORDER.index)
    return "double" if kind == "mean" and widest == "integer" else widest


def as_type(value, type_):
    """A number as the type of its expression; a whole number that is too large for one is invalid."""
    if not is_number(value) or type_ not in ORDER:
        return value
    if type_ == "integer":
        if abs(value) > 2.0 ** 53 or value != value:
            raise Invalid(f"{value!r} is no integer")
        return int(value)
    return to_float(value) if type_ == "float" else float(value)


class Parameters:
    """The scope inside of a DefineFunction: its parameters, nothing else."""

    def __init__(self, values, types, document):
        self.values, self.types, self.document = values, types, document

    def value(self, name):
        if name not in self.values:
            raise NotCovered(name)
        return self.values[name]

    def type_of(self, name):
        if self.types[name]:
            return self.types[name]
        value = self.values[name]
        return "string" if isinstance(value, str) else "boolean" if isinstance(value, bool) else \
            "integer" if isinstance(value, int) else "double"


def defined(function, values, scope):
    parameters = function.findall("ParameterField")
    types = {each.get("name"): each.get("dataType") for each in parameters}
    inside = Parameters({each.get("name"): cast(value, each.get("dataType")) for each, value in zip(parameters, values)},
                        types, scope.document)
    return cast(evaluate(expression_of(function), inside), function.get("dataType"))


def as_number(value):
    if not is_number(value):
        raise Invalid(f"{value!r} is no number")
    return value
