"""Random RegressionModels, GeneralRegressionModels and NeuralNetworks."""

from . import expressions
from .fields import Field, document, element, make_fields, schema
from .trees import CLASSES, targets

ALL_BETAS = True  # what is infinite times a beta that is not there, is a question of its own
KINDS = ("double", "double", "float", "integer", "string", "boolean")


def coefficient(rng):
    return repr(round(rng.gauss(0, 1), rng.randint(1, 17)))


def target_of(rng, classes, ordinal=False):
    if classes:
        return Field("class", "string", "ordinal" if ordinal else "categorical", list(classes))
    return Field("y", "double", "continuous")  # a float would hide what a tolerance is for


def output(rng, classes):
    fields = "".join(element("OutputField", name=f"p_{name}", optype="continuous", dataType="double", feature="probability", value=name) for name in classes)
    return element("Output", fields) if fields and rng.random() < 0.8 else ""


def base(rng, count=None, kinds=KINDS):
    """Fields, and derived ones as predictors besides."""
    fields = make_fields(rng, count or rng.randint(1, 6), kinds=kinds)
    derived, names = expressions.derived_fields(rng, fields, rng.randint(0, 2)) if rng.random() < 0.4 else ("", [])
    return fields, derived, names


def local(derived):
    return element("LocalTransformations", derived) if derived else ""


# --- RegressionModel ----------------------------------------------------------------------------------------

def table(rng, fields, names, category=None):
    numbers = [each.name for each in fields if each.numeric] + names
    terms = ""
    for name in numbers:
        if rng.random() < 0.8:
            terms += element("NumericPredictor", name=name, coefficient=coefficient(rng), exponent=rng.choice([None, None, None, "1", "2", "3"]))
    for each in fields:
        if not each.numeric and each.type in ("string", "boolean"):
            terms += "".join(element("CategoricalPredictor", name=each.name, value=word, coefficient=coefficient(rng))
                             for word in rng.sample(each.words, rng.randint(1, len(each.words))))
    if numbers and rng.random() < 0.4:
        terms += element("PredictorTerm", "".join(element("FieldRef", field=rng.choice(numbers)) for _ in range(rng.randint(1, 3))), coefficient=coefficient(rng))
    return element("RegressionTable", terms, intercept=coefficient(rng), targetCategory=category)


def regression(rng):
    fields, derived, names = base(rng)
    classes = [] if rng.random() < 0.5 else CLASSES[:rng.choice([2, 2, 3, 4])]
    ordinal = len(classes) > 2 and rng.random() < 0.3
    target = target_of(rng, classes, ordinal)
    if ordinal:
        how = rng.choice(["logit", "probit", "cloglog", "loglog", "cauchit"])
        # The tables of an ordinal target rise, so that no probability is negative.
        shared = table(rng, fields, names).split("\n", 1)
        tables = "".join(element("RegressionTable", shared[0].split(">", 1)[1] + shared[1].replace("</RegressionTable>\n", "") if ">" in shared[0] and "/>" != shared[0][-2:] else "",
                                 intercept=repr(-2.0 + 1.5 * i), targetCategory=name) for i, name in enumerate(classes[:-1]))
        tables += element("RegressionTable", intercept="0", targetCategory=classes[-1])
        if tables.count("targetCategory") != len(classes):
            return regression(rng)
    elif classes:
        how = rng.choice(["softmax", "softmax", "simplemax", "none"] if len(classes) > 2 else ["softmax", "logit", "logit", "simplemax", "none", "probit", "cloglog", "loglog", "cauchit"])
        tables = "".join(table(rng, fields, names, name) for name in classes[:-1])
        tables += table(rng, fields, names, classes[-1]) if rng.random() < 0.5 and len(classes) > 2 else element("RegressionTable", intercept=rng.choice(["0", "0.5"]), targetCategory=classes[-1])
    else:
        how = rng.choice([None, "none", "softmax", "logit", "exp", "probit", "cloglog", "loglog", "cauchit"])
        tables = table(rng, fields, names)
    text = element("RegressionModel", schema(fields, target) + output(rng, classes) + targets(rng, classes, target) + local(derived) + tables,
                   functionName="classification" if classes else "regression", normalizationMethod=how)
    return document(fields, target, text), fields, target


# --- GeneralRegressionModel ----------------------------------------------------------------------------------

def general_regression(rng):
    fields = make_fields(rng, rng.randint(1, 5), kinds=("double", "float", "integer", "string"))
    factors = [each for each in fields if not each.numeric and each.type == "string"]
    covariates = [each for each in fields if each.numeric]
    parameters, cells = ["p0"], ""
    for each in covariates:
        name = f"p{len(parameters)}"
        parameters.append(name)
        cells += element("PPCell", value=rng.choice(["1", "1", "2", "0.5"]) if rng.random() < 0.3 else "1", predictorName=each.name, parameterName=name)
    for each in factors:
        for word in each.words[:-1]:
            name = f"p{len(parameters)}"
            parameters.append(name)
            cells += element("PPCell", value=word, predictorName=each.name, parameterName=name)
            if covariates and rng.random() < 0.3:
                cells += element("PPCell", value="1", predictorName=rng.choice(covariates).name, parameterName=name)
    kind = rng.choice(["regression", "generalLinear", "generalizedLinear", "generalizedLinear", "multinomialLogistic", "ordinalMultinomial"])
    classes = CLASSES[:rng.randint(2, 4)] if kind in ("multinomialLogistic", "ordinalMultinomial") else CLASSES[:2] if kind == "generalizedLinear" and rng.random() < 0.4 else []
    target = target_of(rng, classes, kind == "ordinalMultinomial")
    link, parameter = None, None
    if kind == "generalizedLinear":
        link = rng.choice(["cloglog", "identity", "log", "logc", "logit", "loglog", "probit", "power", "oddspower", "negbin", "cauchit"])
        if classes:
            link = rng.choice(["logit", "probit", "cloglog", "loglog", "cauchit"])
        parameter = {"power": rng.choice(["1", "2", "0", "-1"]), "oddspower": rng.choice(["0", "1", "2"]), "negbin": "1.5"}.get(link)
    betas = ""
    named = classes[:-1] if classes else [None]
    for index, category in enumerate(named):
        for name in parameters:
            if rng.random() < 0.9 or name == "p0" or ALL_BETAS:
                beta = coefficient(rng) if kind != "ordinalMultinomial" or name == "p0" else "0.5"
                beta = repr(-2.0 + 1.7 * index) if kind == "ordinalMultinomial" and name == "p0" else beta
                betas += element("PCell", targetCategory=category, parameterName=name, beta=beta)
    options = {}
    if kind != "ordinalMultinomial" and rng.random() < 0.2:
        options = {"offsetValue": "0.7"} if rng.random() < 0.5 or not covariates else {"offsetVariable": rng.choice(covariates).name}
    if kind == "generalizedLinear" and not classes and rng.random() < 0.2:
        options |= {"trialsValue": "5"}
    content = element("ParameterList", "".join(element("Parameter", name=name) for name in parameters))
    content += element("FactorList", "".join(element("Predictor", name=each.name) for each in factors)) if factors else ""
    content += element("CovariateList", "".join(element("Predictor", name=each.name) for each in covariates)) if covariates else ""
    content += element("PPMatrix", cells) + element("ParamMatrix", betas)
    used = [*factors, *covariates] or fields
    text = element("GeneralRegressionModel", schema(fields, target) + output(rng, classes) + content, functionName="classification" if classes else "regression",
                   modelType=kind, linkFunction=link, linkParameter=parameter, targetReferenceCategory=classes[-1] if classes and kind != "ordinalMultinomial" else None,
                   cumulativeLink=rng.choice(["logit", "probit", "cloglog", "loglog", "cauchit"]) if kind == "ordinalMultinomial" else None,
                   distribution="normal" if kind == "generalizedLinear" else None, **options)
    return document(fields, target, text), fields, target if used else target


def cox(rng):
    """A Cox regression over numbers and words, with one baseline or one of each stratum."""
    fields = make_fields(rng, rng.randint(1, 3), kinds=("double", "double", "string"))
    time = Field("time", "double", "continuous", thresholds=["0", "1.5", "3", "7"])
    strata = Field("stratum", "string", "categorical", ["A", "B", "C"]) if rng.random() < 0.5 else None
    parameters, cells, betas, number = "", "", "", 0
    for each in fields:
        for word in [None] if each.numeric else each.words[:-1]:
            parameters += element("Parameter", name=f"p{number}", referencePoint=repr(round(rng.gauss(0, 1), 3)))
            cells += element("PPCell", value=word or "1", predictorName=each.name, parameterName=f"p{number}")
            betas += element("PCell", parameterName=f"p{number}", beta=coefficient(rng))
            number += 1

    def baseline():
        times = sorted(rng.sample(["0", "0.5", "1.5", "2", "3", "7"], rng.randint(1, 5)), key=float)
        return "".join(element("BaselineCell", time=each, cumHazard=repr(round(0.1 * (i + 1) + 0.01 * rng.random(), 6))) for i, each in enumerate(times)), times[-1]
    if strata:
        tables = ""
        for word in strata.words[:2]:
            inner, last = baseline()
            tables += element("BaselineStratum", inner, value=word, maxTime=last)
        tables = element("BaseCumHazardTables", tables)
    else:
        inner, last = baseline()
        tables = element("BaseCumHazardTables", inner, maxTime=last)
    every = [*fields, time, *([strata] if strata else [])]
    factors, covariates = [each for each in fields if not each.numeric], [each for each in fields if each.numeric]
    content = element("ParameterList", parameters)
    content += element("FactorList", "".join(element("Predictor", name=each.name) for each in factors)) if factors else ""
    content += element("CovariateList", "".join(element("Predictor", name=each.name) for each in covariates)) if covariates else ""
    target = Field("y", "double", "continuous")
    text = element("GeneralRegressionModel", schema(every, target) + content + element("PPMatrix", cells) + element("ParamMatrix", betas) + tables, functionName="regression",
                   modelType="CoxRegression", endTimeVariable="time", baselineStrataVariable="stratum" if strata else None)
    return document(every, target, text), every, target


# --- NeuralNetwork ------------------------------------------------------------------------------------------

ACTIVATIONS = ["threshold", "logistic", "tanh", "identity", "exponential", "reciprocal", "square", "Gauss", "sine", "cosine", "Elliott", "arctan", "rectifier", "radialBasis"]


def neural_network(rng):
    fields = make_fields(rng, rng.randint(1, 5), kinds=("double", "float", "string", "double"))
    inputs, ids = "", []
    maker = expressions.Expressions(rng, fields)
    for each in fields:
        for word in each.words if not each.numeric else [None]:
            ids.append(f"n{len(ids)}")
            if word is None:
                inner = maker.norm_continuous(each) if rng.random() < 0.3 else element("FieldRef", field=each.name)
            else:
                inner = element("NormDiscrete", field=each.name, value=word, mapMissingTo=rng.choice([None, "0.5"]))
            inputs += element("NeuralInput", element("DerivedField", inner, optype="continuous", dataType="double"), id=ids[-1])
    classes = [] if rng.random() < 0.5 else CLASSES[:rng.randint(2, 4)]
    target = target_of(rng, classes)
    layers, before = "", ids
    depth = rng.randint(1, 3)
    number = 0
    for layer in range(depth):
        last = layer == depth - 1
        count = (len(classes) or 1) if last else rng.randint(1, 12)
        activation = rng.choice(ACTIVATIONS if not last else ["identity", "logistic", "tanh", "exponential"])
        neurons, these = "", []
        for _ in range(count):
            number += 1
            these.append(f"h{number}")
            sources = before if rng.random() < 0.7 else rng.sample(before, rng.randint(1, len(before)))
            neurons += element("Neuron", "".join(element("Con", from_=source, weight=coefficient(rng)) for source in sources),
                               id=these[-1], bias=coefficient(rng) if activation != "radialBasis" and rng.random() < 0.9 else None,
                               width=repr(round(rng.uniform(0.5, 3), 2)) if activation == "radialBasis" else None,
                               altitude="1.5" if activation == "radialBasis" and rng.random() < 0.5 else None)
        layers += element("NeuralLayer", neurons, activationFunction=activation, threshold="0.3" if activation == "threshold" else None,
                          normalizationMethod=rng.choice(["softmax", "softmax", "simplemax", None]) if last and classes else None)
        before = these
    outputs = ""
    if classes:
        for name, neuron in zip(classes, before):
            outputs += element("NeuralOutput", element("DerivedField", element("NormDiscrete", field="class", value=name), optype="continuous", dataType="double"), outputNeuron=neuron)
    else:
        inner = element("FieldRef", field="y")
        if rng.random() < 0.4:
            inner = element("NormContinuous", element("LinearNorm", orig="-2", norm="-1") + element("LinearNorm", orig="3", norm="1.5"), field="y")
        outputs = element("NeuralOutput", element("DerivedField", inner, optype="continuous", dataType="double"), outputNeuron=before[0])
    text = element("NeuralNetwork", schema(fields, target) + output(rng, classes) + targets(rng, classes, target) + element("NeuralInputs", inputs) + layers
                   + element("NeuralOutputs", outputs), functionName="classification" if classes else "regression", activationFunction="logistic")
    return document(fields, target, text), fields, target


FAMILIES = {"regression": regression, "general_regression": general_regression, "cox": cox, "neural_network": neural_network,
            "transformations": expressions.transformations}
