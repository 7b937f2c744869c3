"""From a record to the values that a model sees: data dictionary, mining schema, derived fields, scope.

PMML 4.4: Data Dictionary (valid, invalid and missing values), Mining Schema (treatments), Field Scope.
"""

import math

from . import expressions
from .values import Invalid, NotCovered, cast, is_number, parse, to_float


def interval_holds(interval, value, type_=None):
    low, high = interval.get("leftMargin"), interval.get("rightMargin")
    if type_ == "float":
        low, high = (None if each is None else to_float(float(each)) for each in (low, high))
    closure = interval.get("closure")
    if low is not None and not (value >= float(low) if closure.startswith("closed") else value > float(low)):
        return False
    return high is None or (value <= float(high) if closure.endswith("Closed") else value < float(high))


class Missing(Exception):
    pass


def check(raw, field):
    """The value of a cell by the DataField's words: (value, valid). None: missing. A cell that cannot be read is
    (None, False): invalid, with nothing to pass on."""
    if raw is None:
        return None, True
    values = [(each.get("value"), each.get("property", "valid")) for each in field.iter("Value")]
    type_ = field.get("dataType")
    if any(property_ == "missing" and same(raw, text, type_) for text, property_ in values):
        return None, True
    try:
        value = parse(raw, type_) if isinstance(raw, str) else cast(raw, type_)
    except Invalid:
        return None, False
    if isinstance(value, float) and math.isnan(value):
        return value, False
    if any(property_ == "invalid" and same(raw, text, type_) for text, property_ in values):
        return value, False
    intervals = list(field.iter("Interval"))
    valid = [text for text, property_ in values if property_ == "valid"]
    if not intervals and not valid:
        return value, True
    return value, any(same(raw, text, type_) for text in valid) or any(interval_holds(each, value, type_) for each in intervals)


def same(raw, text, type_):
    if raw == text:
        return True
    try:
        return (parse(raw, type_) if isinstance(raw, str) else cast(raw, type_)) == parse(text, type_)
    except Invalid:
        return False


def treat(value, valid, mining, type_):
    """Mining Schema: the treatments of missing, invalid and outlying values, in this order."""
    if value is None and valid:
        return replaced(mining, type_)
    if not valid:
        how = mining.get("invalidValueTreatment", "returnInvalid")
        if how == "returnInvalid":
            raise Invalid(f"{mining.get('name')}: {value!r} is invalid")
        if how == "asMissing":
            return replaced(mining, type_)
        if how == "asValue":
            return parse(mining.get("invalidValueReplacement"), type_)
        if value is None:
            raise Invalid(f"{mining.get('name')}: there is no value to pass on")
        return value
    how = mining.get("outliers", "asIs")
    if how != "asIs" and is_number(value):
        low, high = float(mining.get("lowValue", "-inf")), float(mining.get("highValue", "inf"))
        if not low <= value <= high:
            if how == "asMissingValues":
                return replaced(mining, type_)
            return cast(low if value < low else high, type_)
    return value


def replaced(mining, type_):
    if mining.get("missingValueTreatment") == "returnInvalid":
        raise Invalid(f"{mining.get('name')} is missing")
    replacement = mining.get("missingValueReplacement")
    return None if replacement is None else parse(replacement, type_)


ACTIVE = ("active", "supplementary")


class Scope:
    """What names mean inside of one model. A nested model's mining fields lead to the scope around it."""

    def __init__(self, document, model, record=None, parent=None):
        self.document, self.model, self.record, self.parent = document, model, record, parent
        self.mining = {field.get("name"): field for field in model.find("MiningSchema").iter("MiningField")}
        local = model.find("LocalTransformations")
        self.derived = {} if local is None else {each.get("name"): each for each in local if each.tag == "DerivedField"}
        self.known = {}
        self.outputs = {}  # of segments that ran before: name -> (value, type)
        for name, field in self.mining.items():
            if field.get("usageType", "active") in ACTIVE:
                self.known[name] = self.active(name, field)
        for name in self.read_by_model():
            self.value(name)

    def read_by_model(self):
        """Derived fields that something reads, whether a record comes to need them or not."""
        every = {**self.document.derived, **self.derived}
        names, seen = [], set()

        def visit(element):
            for part in element.iter():
                for text in part.attrib.values():
                    if text in every and text not in seen:
                        seen.add(text)
                        visit(every[text])
                        names.append(text)
        for child in self.model:
            if child.tag not in ("LocalTransformations", "MiningSchema"):
                visit(child)
        return names

    def active(self, name, mining):
        field = self.document.data_fields.get(name)
        if self.parent is None:
            value, valid = check(self.record.get(name), field)
            return treat(value, valid, mining, field.get("dataType"))
        value = self.parent.value(name)
        type_ = self.parent.type_of(name)
        if field is None:
            return treat(value, True, mining, type_)
        _, valid = check(value, field)
        return treat(value, valid, mining, type_)

    def value(self, name):
        if name not in self.known:
            self.known[name] = self.find(name)
        return self.known[name]

    def find(self, name):
        if name in self.outputs:
            return self.outputs[name][0]
        derived = self.derived.get(name)
        if derived is None and self.parent is not None and self.visible_above(name):
            return self.parent.value(name)
        if derived is None:
            derived = self.document.derived.get(name)
        if derived is None:
            raise NotCovered(f"the field {name} is not in scope")
        return expressions.derived(derived, self)

    def visible_above(self, name):
        above = self.parent
        while above is not None:
            if name in above.derived or name in above.outputs or name in above.mining:
                return True
            above = above.parent
        return False

    def type_of(self, name):
        if name in self.outputs:
            return self.outputs[name][1]
        if name in self.derived:
            return self.derived[name].get("dataType")
        if name in self.mining and name in self.document.data_fields:
            return self.document.data_fields[name].get("dataType")
        if self.parent is not None and self.visible_above(name):
            return self.parent.type_of(name)
        return self.document.derived[name].get("dataType")

    def target(self):
        """The name of the model's target, else None."""
        for name, field in self.mining.items():
            if field.get("usageType") in ("target", "predicted"):
                return name
        return None

    def optype(self, name):
        if name in self.mining and self.mining[name].get("optype"):
            return self.mining[name].get("optype")
        element = self.derived.get(name) or self.document.data_fields.get(name) or self.document.derived.get(name)
        return element.get("optype") if element is not None else None
