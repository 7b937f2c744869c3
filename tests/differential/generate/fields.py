"""Random fields, their mining fields, and random cells for them: ordinary, on a threshold and one step beside it,
missing, invalid, -0.0, not a number, infinite, subnormal, huge."""

import math
import struct
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

WORDS = ["red", "green", "blue", "a b", "x,y", "it's", "Größe", "no", "00", "1", "<&>", "long word with blanks"]
SPECIAL = ["-0.0", "0", "NaN", "Infinity", "-Infinity", "5e-324", "-5e-324", "2.2250738585072011e-308", "1e308", "-1e308",
           "1e-45", "1.1754942e-38", "3.4028235e38", "16777217", "0.1", "-1", "1"]


def element(tag, content="", **attributes):
    """An element as text. Attributes that are None are left out; a closing _ of a name too."""
    inner = "".join(f" {name.rstrip('_')}={quoteattr(value if isinstance(value, str) else decimal(value))}"
                    for name, value in attributes.items() if value is not None)
    return f"<{tag}{inner}>{content}</{tag}>\n" if content else f"<{tag}{inner}/>\n"


def decimal(value):
    return str(value) if isinstance(value, int) else repr(value)


def next_float(text, type_, up):
    """The number beside a threshold, in the field's own precision."""
    if type_ == "integer":
        return str(int(float(text)) + (1 if up else -1))
    if type_ == "double":
        return repr(math.nextafter(float(text), math.inf if up else -math.inf))
    value = struct.unpack("f", struct.pack("f", float(text)))[0]
    bits = struct.unpack("i", struct.pack("f", value))[0]
    if value == 0:
        return "1e-45" if up else "-1e-45"
    bits += 1 if (value > 0) == up else -1
    return repr(struct.unpack("f", struct.pack("i", bits))[0])


@dataclass
class Field:
    name: str
    type: str
    optype: str
    words: list = field(default_factory=list)  # valid values, of a categorical field
    listed: bool = True  # they are in the DataDictionary
    extra: str = ""  # Value and Interval elements
    mining: dict = field(default_factory=dict)
    thresholds: list = field(default_factory=list)  # texts that the model compares with
    plain: bool = False  # ordinary values only

    def data_field(self):
        values = "".join(element("Value", value=word) for word in self.words) if self.listed else ""
        return element("DataField", self.extra + values, name=self.name, optype=self.optype, dataType=self.type)

    def mining_field(self, **options):
        return element("MiningField", name=self.name, **{**self.mining, **options})

    @property
    def numeric(self):
        return self.optype == "continuous"

    def threshold(self, rng):
        """A number for the model to compare with, remembered for the records."""
        if self.type == "integer":
            text = str(rng.randint(-5, 5))
        else:
            text = rng.choice([lambda: repr(round(rng.uniform(-3, 3), rng.randint(0, 3))), lambda: repr(rng.gauss(0, 2)),
                               lambda: rng.choice(["0", "0.0", "-0.0", "0.1", "1e-45", "16777216", "1"])],)()
            if self.type == "float" and rng.random() < 0.5:
                text = repr(struct.unpack("f", struct.pack("f", float(text)))[0])
        self.thresholds.append(text)
        return text

    def cell(self, rng):
        """Text of a random cell; None is missing."""
        chance = rng.random()
        if self.plain:
            return self.usual(rng)
        if chance < 0.12:
            return None
        if chance < 0.16:
            return rng.choice(["unheard-of", "abc", "1.5x", "tru"])
        if self.numeric and chance < 0.24:
            cell = rng.choice(SPECIAL)
            # What is no number is invalid; where invalid values are let through, nothing says what follows.
            return None if cell == "NaN" and self.mining.get("invalidValueTreatment") == "asIs" else cell
        if self.thresholds and self.numeric and chance < 0.55:
            text = rng.choice(self.thresholds)
            side = rng.random()
            return text if side < 0.5 else next_float(text, self.type, side < 0.75)
        return self.usual(rng)

    def usual(self, rng):
        if not self.numeric:
            return rng.choice(self.words)
        if self.type == "integer":
            return str(rng.randint(-6, 6))
        return repr(round(rng.gauss(0, 2), rng.randint(0, 4)) if rng.random() < 0.8 else rng.gauss(0, 2))


def make_fields(rng, count, kinds=("double", "double", "double", "float", "integer", "string", "boolean"), treatments=True,
                listed=True):
    fields = []
    for number in range(count):
        type_ = rng.choice(kinds)
        if type_ == "string":
            made = Field(f"s{number}", type_, "categorical", rng.sample(WORDS, rng.randint(2, 6)), listed=listed or rng.random() < 0.5)
        elif type_ == "boolean":
            made = Field(f"b{number}", type_, "categorical", ["true", "false"], listed=rng.random() < 0.3)
        elif type_ == "integer" and rng.random() < 0.2:
            made = Field(f"c{number}", type_, "categorical", [str(each) for each in sorted(rng.sample(range(9), 4))])
        else:
            made = Field(f"{type_[0]}{number}", type_, "continuous")
        if treatments:
            add_treatments(rng, made)
        fields.append(made)
    return fields


def add_treatments(rng, made):
    """What a mining schema may ask for; most fields have nothing of it."""
    if rng.random() < 0.25:
        made.mining["invalidValueTreatment"] = rng.choice(["asIs", "asMissing", "returnInvalid"])
    elif rng.random() < 0.1:
        made.mining["invalidValueTreatment"] = "asValue"
        made.mining["invalidValueReplacement"] = made.usual(rng)
    else:
        made.mining["invalidValueTreatment"] = rng.choice(["asIs", "asMissing"]) if rng.random() < 0.7 else None
    if rng.random() < 0.2:
        made.mining["missingValueReplacement"] = made.usual(rng)
        made.mining["missingValueTreatment"] = rng.choice([None, "asMean", "asMode", "asMedian", "asValue"])
    elif rng.random() < 0.03:
        made.mining["missingValueTreatment"] = "returnInvalid"
    if made.numeric and rng.random() < 0.15:
        made.extra += element("Interval", closure=rng.choice(["openOpen", "openClosed", "closedOpen", "closedClosed"]),
                              leftMargin=made.threshold(rng) if rng.random() < 0.0 else "-4", rightMargin=rng.choice(["3", "5.5", "1000"]))
        made.thresholds += ["-4"]
    if made.numeric and rng.random() < 0.15:
        made.extra += element("Value", value=rng.choice(["-99", "0", "2"]), property=rng.choice(["missing", "invalid"]))
        made.thresholds += ["-99", "2"]
    if made.numeric and rng.random() < 0.15:
        made.mining.update(outliers=rng.choice(["asExtremeValues", "asMissingValues", "asIs"]), lowValue="-2" if made.type == "integer" else "-2.5", highValue="2")
        made.thresholds += ["2"] if made.type == "integer" else ["-2.5", "2"]


def records(rng, fields, count):
    rows = [[made.cell(rng) for made in fields] for _ in range(count)]
    # A row of nothing would be an empty line where there is one column.
    return [row for row in rows if any(cell for cell in row)] or [[made.usual(rng) for made in fields]]


def array(words, type_):
    if type_ == "string":
        text = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' if " " in word or '"' in word else word for word in words)
    else:
        text = " ".join(words)
    return element("Array", escape(text), n=len(words), type="string" if type_ in ("string", "boolean") else "int" if type_ == "integer" else "real")


def predicate(rng, fields, depth=0):
    """Any predicate."""
    kind = rng.random()
    if depth < 2 and kind < 0.25:
        count = rng.randint(2, 3)
        return element("CompoundPredicate", "".join(predicate(rng, fields, depth + 1) for _ in range(count)),
                       booleanOperator=rng.choice(["and", "or", "xor", "surrogate"]))
    if kind < 0.29:
        return rng.choice(["<True/>", "<False/>"])
    made = rng.choice(fields)
    if kind < 0.38:
        return element("SimplePredicate", field=made.name, operator=rng.choice(["isMissing", "isNotMissing"]))
    if not made.numeric or rng.random() < 0.08:
        words = made.words if not made.numeric else [made.threshold(rng) for _ in range(3)]
        if made.type != "boolean" and rng.random() < 0.6:
            return element("SimpleSetPredicate", array(rng.sample(words, rng.randint(1, len(words))), made.type),
                           field=made.name, booleanOperator=rng.choice(["isIn", "isNotIn"]))
        return element("SimplePredicate", field=made.name, operator=rng.choice(["equal", "notEqual"]), value=rng.choice(words))
    operator = rng.choice(["lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual", "equal", "notEqual"])
    return element("SimplePredicate", field=made.name, operator=operator, value=made.threshold(rng))


def split(rng, fields):
    """Two predicates of which one is true wherever the value is there."""
    made = rng.choice(fields)
    if made.numeric:
        low, high = rng.choice([("lessThan", "greaterOrEqual"), ("lessOrEqual", "greaterThan")])
        value = made.threshold(rng)
        return [element("SimplePredicate", field=made.name, operator=operator, value=value) for operator in (low, high)]
    some = rng.sample(made.words, rng.randint(1, max(1, len(made.words) - 1)))
    if len(some) == 1 and rng.random() < 0.5 or made.type == "boolean":
        return [element("SimplePredicate", field=made.name, operator=operator, value=some[0]) for operator in ("equal", "notEqual")]
    others = [word for word in made.words if word not in some]
    second = ("isIn", others) if others and rng.random() < 0.5 else ("isNotIn", some)
    return [element("SimpleSetPredicate", array(words, made.type), field=made.name, booleanOperator=operator)
            for operator, words in (("isIn", some), second)]


def document(fields, target, model, dictionary="", version="4.4"):
    """A whole PMML document. `target`: a Field or None."""
    every = [*fields, *([target] if target else [])]
    return (f'<?xml version="1.0"?>\n<PMML version="{version}" xmlns="http://www.dmg.org/PMML-{version.replace(".", "_")}">\n<Header/>\n'
            + element("DataDictionary", "".join(each.data_field() for each in every))
            + (element("TransformationDictionary", dictionary) if dictionary else "") + model + "</PMML>\n")


def schema(fields, target=None, plain=False):
    """A MiningSchema; `plain`: without treatments but the invalid one, as of a segment."""
    inner = "".join(element("MiningField", name=each.name, invalidValueTreatment="asIs") if plain else each.mining_field() for each in fields)
    return element("MiningSchema", inner + (element("MiningField", name=target.name, usageType="target") if target else ""))
