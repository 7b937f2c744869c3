"""Random expressions: derived fields of every kind, and Apply over the built-in functions."""

from xml.sax.saxutils import escape

from .fields import element, make_fields

ONE = ["exp", "expm1", "sqrt", "abs", "floor", "ceil", "round", "rint", "ln", "log10", "ln1p", "sin", "cos", "tan", "asin", "acos",
       "atan", "sinh", "cosh", "tanh", "erf", "stdNormalCDF", "stdNormalPDF", "stdNormalIDF"]
TWO = ["+", "-", "*", "/", "pow", "threshold", "hypot", "atan2", "modulo"]
MANY = ["min", "max", "sum", "product", "avg", "median"]
WHOLE = ["floor", "ceil", "round", "threshold"]  # their results are integers
COMPARE = ["equal", "notEqual", "lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual"]


def number(rng):
    return rng.choice(["0", "1", "-1", "2.5", "0.1", "-0.0", "1e-300", "3", "10", repr(round(rng.gauss(0, 3), 3))])


def constant(rng, text=None, type_="double"):
    return element("Constant", escape(text if text is not None else number(rng)), dataType=type_)


def map_missing(rng, chance=0.15):
    return number(rng) if rng.random() < chance else None


def default(rng):
    return number(rng) if rng.random() < 0.15 else None


class Expressions:
    """Expressions over fields. Numbers are double or float: what integers do is a choice of its own."""

    def __init__(self, rng, fields):
        self.rng = rng
        self.numbers = [each for each in fields if each.numeric and each.type != "integer"]
        self.words = [each for each in fields if each.type == "string"]
        self.any = fields

    def numeric(self, depth):
        rng = self.rng
        if depth == 0 or rng.random() < 0.15:
            if self.numbers and rng.random() < 0.75:
                return element("FieldRef", field=rng.choice(self.numbers).name, mapMissingTo=map_missing(rng, 0.08))
            return constant(rng)
        kind = rng.random()
        if kind < 0.3:
            return self.apply(rng.choice(ONE), [self.numeric(depth - 1)])
        if kind < 0.6:
            return self.apply(rng.choice(TWO), [self.numeric(depth - 1), self.numeric(depth - 1)])
        if kind < 0.75:
            return self.apply(rng.choice(MANY), [self.numeric(depth - 1) for _ in range(rng.randint(1, 4))])
        if kind < 0.9 or not self.numbers:
            parts = [self.boolean(depth - 1), self.numeric(depth - 1)] + ([self.numeric(depth - 1)] if rng.random() < 0.8 else [])
            return self.apply("if", parts)
        return self.over_field()

    def apply(self, function, arguments):
        to, otherwise = map_missing(self.rng, 0.08), default(self.rng)
        if function in WHOLE:
            to, otherwise = to and "2", otherwise and "7"
        return element("Apply", "".join(arguments), function=function, mapMissingTo=to, defaultValue=otherwise)

    def plain_apply(self, function, arguments):
        return element("Apply", "".join(arguments), function=function)

    def boolean(self, depth):
        rng = self.rng
        kind = rng.random()
        if kind < 0.25:
            return self.plain_apply(rng.choice(["isMissing", "isNotMissing"]), [element("FieldRef", field=rng.choice(self.any).name)])
        if kind < 0.45 and depth > 0:
            if rng.random() < 0.25:
                return self.plain_apply("not", [self.boolean(depth - 1)])
            return self.plain_apply(rng.choice(["and", "or"]), [self.boolean(depth - 1) for _ in range(rng.randint(2, 3))])
        if kind < 0.6 and self.words:
            field = rng.choice(self.words)
            words = [constant(rng, rng.choice(field.words), "string") for _ in range(rng.randint(1, 3))]
            if len(words) == 1 or rng.random() < 0.4:
                return self.plain_apply(rng.choice(["equal", "notEqual"]), [element("FieldRef", field=field.name), words[0]])
            return self.plain_apply(rng.choice(["isIn", "isNotIn"]), [element("FieldRef", field=field.name), *words])
        if kind < 0.7:
            return self.plain_apply(rng.choice(["isIn", "isNotIn"]), [self.numeric(0), *(constant(rng) for _ in range(2))])
        return self.plain_apply(rng.choice(COMPARE), [self.numeric(max(0, depth - 1)), self.numeric(max(0, depth - 1))])

    def over_field(self):
        """NormContinuous, Discretize, NormDiscrete or MapValues of a field."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.45 or not self.words:
            field = rng.choice(self.numbers)
            if kind < 0.25:
                return self.norm_continuous(field)
            return self.discretize(field)
        field = rng.choice(self.words)
        if kind < 0.7:
            return element("NormDiscrete", field=field.name, value=rng.choice(field.words), mapMissingTo=map_missing(rng))
        return self.map_values(field)

    def norm_continuous(self, field):
        rng = self.rng
        points = sorted({round(rng.uniform(-4, 4), rng.randint(0, 2)) for _ in range(rng.randint(2, 5))} | {-5.0, 4.5})
        field.thresholds += [repr(point) for point in points]
        norms = [round(rng.uniform(-1, 2), 3) for _ in points]
        return element("NormContinuous", "".join(element("LinearNorm", orig=repr(a), norm=repr(b)) for a, b in zip(points, norms)), field=field.name,
                       mapMissingTo=map_missing(rng), outliers=rng.choice([None, "asIs", "asMissingValues", "asExtremeValues"]))

    def discretize(self, field):
        rng = self.rng
        cuts = sorted({round(rng.uniform(-3, 3), rng.randint(0, 2)) for _ in range(rng.randint(2, 4))} | {0.0, 1.5})
        field.thresholds += [repr(cut) for cut in cuts]
        bins = ""
        for low, high in zip([None, *cuts], [*cuts, None]):
            if rng.random() < 0.8:
                closures = ["openOpen", "openClosed", "closedOpen", "closedClosed"]
                bins += element("DiscretizeBin", element("Interval", closure=rng.choice(closures), leftMargin=None if low is None else repr(low),
                                                         rightMargin=None if high is None else repr(high)), binValue=repr(round(rng.uniform(-2, 2), 2)))
        if not bins:
            bins = element("DiscretizeBin", element("Interval", closure="closedClosed", leftMargin="0"), binValue="1")
        return element("Discretize", bins, field=field.name, dataType="double", mapMissingTo=map_missing(rng), defaultValue=default(rng))

    def map_values(self, field):
        rng = self.rng
        second = rng.choice(self.words) if len(self.words) > 1 and rng.random() < 0.4 else None
        second = None if second is field else second
        rows = ""
        for word in rng.sample(field.words, rng.randint(1, len(field.words))):
            for other in (rng.sample(second.words, rng.randint(1, 2)) if second else [None]):
                rows += element("row", element("a", escape(word)) + (element("b", escape(other)) if other is not None else "")
                                + element("out", number(rng)))
        pairs = element("FieldColumnPair", field=field.name, column="a") + (element("FieldColumnPair", field=second.name, column="b") if second else "")
        return element("MapValues", pairs + element("InlineTable", rows), outputColumn="out", dataType="double",
                       mapMissingTo=map_missing(rng), defaultValue=default(rng))


def derived_fields(rng, fields, count, prefix="x"):
    """(text of DerivedFields, their names): each may build on those before it."""
    made, names, known = "", [], list(fields)
    for number_ in range(count):
        maker = Expressions(rng, known)
        if not maker.numbers:
            break
        name = f"{prefix}{number_}"
        if rng.random() < 0.15:  # a float of what is exact: elsewhere the last digit of a double could turn one of a float
            inner, type_ = element("FieldRef", field=rng.choice(maker.numbers).name), "float"
        else:
            inner, type_ = maker.numeric(rng.randint(1, 3)), "double"
        made += element("DerivedField", inner, name=name, optype="continuous", dataType=type_)
        names.append(name)
        from .fields import Field
        known.append(Field(name, type_, "continuous"))
    return made, names


def transformations(rng):
    """A linear model over derived fields: each is an output too, so a difference shows where it arises."""
    from .fields import Field, document, schema
    kinds = ("double", "double", "string", "string", "boolean", "integer", *(["float"] if rng.random() < 0.3 else []))
    fields = make_fields(rng, rng.randint(2, 6), kinds=kinds)
    fields.append(Field("always", "double", "continuous"))
    made, names = derived_fields(rng, fields, rng.randint(1, 5))
    outputs = "".join(element("OutputField", element("FieldRef", field=name), name="out_" + name, optype="continuous", dataType="double",
                              feature="transformedValue") for name in names)
    table = element("RegressionTable", element("NumericPredictor", name="always", coefficient="2"), intercept="1")
    where = rng.random() < 0.5
    text = element("RegressionModel", schema(fields, None) + element("Output", outputs) + ("" if where else element("LocalTransformations", made)) + table,
                   functionName="regression")
    return document(fields, None, text, made if where else ""), fields, None
