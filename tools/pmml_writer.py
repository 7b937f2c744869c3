"""PMML 4.4 for scikit-learn's models: one function a model family, each returning an XML element.

Invariant: a document says exactly what scikit-learn computes. Where the two standards differ, the
difference is spelled out here and nowhere else:
  * scikit-learn's trees compare float32(x) with a double threshold; a PMML field of type float has
    float thresholds. `x <= t` is kept by rounding t down to a float.
  * scikit-learn sends a missing value down a learned side; PMML calls that side the default child.
  * a network's binary output is one logistic neuron; PMML wants one output a class, and
    softmax(0, z) is (1 - p, p).
"""

import xml.etree.ElementTree as ET

import numpy as np

NAMESPACE = "http://www.dmg.org/PMML-4_4"


def number(value):
    """The shortest text that reads back as the same double (or float, for a numpy float32)."""
    text = str(value) if isinstance(value, np.float32) else repr(float(value))
    return text[:-2] if text.endswith(".0") else text


def element(tag, *children, **attributes):
    node = ET.Element(tag, {key.rstrip("_"): str(value) for key, value in attributes.items() if value is not None})
    node.extend(child for child in children if child is not None)
    return node


class Field:
    """A field of the data dictionary. `values` makes it categorical; `replacement` stands for a missing value."""

    def __init__(self, name, type_="double", values=None, replacement=None):
        self.name, self.type, self.values, self.replacement = name, type_, values, replacement

    def declaration(self):
        node = element("DataField", name=self.name, optype="categorical" if self.values else "continuous",
                       dataType=self.type)
        node.extend(element("Value", value=value) for value in self.values or ())
        return node

    def usage(self, target=False):
        return element("MiningField", name=self.name, usageType="target" if target else None,
                       missingValueReplacement=self.replacement,
                       missingValueTreatment="asMean" if self.replacement is not None and not self.values else None)


class Problem:
    """What is predicted from what. `classes` (in scikit-learn's order) makes it a classification."""

    def __init__(self, fields, target, classes=None):
        self.fields, self.classes = fields, [str(name) for name in classes] if classes is not None else None
        self.target = Field(target, "string" if self.classes else "double", self.classes)

    @property
    def function(self):
        return "classification" if self.classes else "regression"

    def names(self):
        return [field.name for field in self.fields]

    def schema(self):
        return element("MiningSchema", self.target.usage(target=True), *(field.usage() for field in self.fields))

    def output(self):
        """One probability a class; nothing for a regression, whose target says it all."""
        return element("Output", *(
            element("OutputField", name=f"probability({name})", optype="continuous", dataType="double",
                    feature="probability", value=name) for name in self.classes)) if self.classes else None

    def part(self, names, target=False):
        """Mining schema of a segment: the fields it reads, seldom the target."""
        rows = [element("MiningField", name=self.target.name, usageType="target")] if target else []
        return element("MiningSchema", *rows, *(element("MiningField", name=name) for name in names))


def document(problem, model, application):
    fields = [field.declaration() for field in [problem.target, *problem.fields]]
    root = element("PMML", element("Header", element("Application", name=application)),
                   element("DataDictionary", *fields, numberOfFields=len(fields)), model, version="4.4")
    root.set("xmlns", NAMESPACE)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


# --- Trees and their ensembles --------------------------------------------------------------------

def float_threshold(threshold, feature=None):
    """The greatest float that is not above the threshold. A threshold of infinity parts missing from present."""
    low = np.float32(min(threshold, np.finfo(np.float32).max))
    return low if float(low) <= threshold else np.nextafter(low, np.float32(-np.inf))


def nodes(fitted, columns, leaf, threshold, default_children):
    """Nodes of a fitted tree_, the root first. Iterative: a tree may be deeper than Python's stack.
    A column is a field's name, or (name, "=", category) for the 0 or 1 of that category."""
    root = element("Node", element("True"), id="0")
    todo = [(0, root)]
    while todo:
        index, node = todo.pop()
        left, right = fitted.children_left[index], fitted.children_right[index]
        if left == -1:
            leaf(node, index)
            continue
        if default_children:
            node.set("defaultChild", str(left if fitted.missing_go_to_left[index] else right))
        column, value = columns[fitted.feature[index]], fitted.threshold[index]
        if isinstance(column, tuple):
            name, value, operators = column[0], column[2], ("notEqual", "equal")
        else:
            name, value = column, number(threshold(value, fitted.feature[index]))
            operators = ("lessOrEqual", "greaterThan")
        for child, operator in zip((left, right), operators):
            below = element("Node", element("SimplePredicate", field=name, operator=operator, value=value), id=child)
            node.append(below)
            todo.append((child, below))
    return root


def tree(problem, estimator, columns=None, threshold=float_threshold, missing=False, cast=False, scale=1.0,
         segment=False):
    """TreeModel. `columns` of the estimator: see nodes(). `missing`: the estimator was fitted with missing
    values and knows where they go. `cast`: the fields are doubles, the tree reads derived floats.
    `scale` multiplies the scores of a regression tree (a learning rate). `segment`: of an ensemble."""
    fitted, names = estimator.tree_, problem.names()
    columns = [f"float({name})" for name in names] if cast else columns or names
    floats = element("LocalTransformations", *(
        element("DerivedField", element("FieldRef", field=name), name=column, optype="continuous", dataType="float")
        for name, column in zip(names, columns))) if cast else None

    def class_leaf(node, index):
        counts = fitted.value[index][0] * fitted.weighted_n_node_samples[index]
        counts = [round(count) if abs(count - round(count)) < 1e-6 else count for count in counts]
        node.set("score", problem.classes[int(np.argmax(fitted.value[index][0]))])
        node.set("recordCount", number(sum(counts)))
        node.extend(element("ScoreDistribution", value=name, recordCount=number(count))
                    for name, count in zip(problem.classes, counts))

    def value_leaf(node, index):
        node.set("score", number(fitted.value[index][0][0] * scale))

    by_class = problem.classes is not None and fitted.value.shape[2] == len(problem.classes)
    used = sorted({int(feature) for feature in fitted.feature if feature >= 0})
    schema = problem.part([columns[i] for i in used]) if segment else problem.schema()
    return element("TreeModel", schema, None if segment else problem.output(), floats,
                   nodes(fitted, columns, class_leaf if by_class else value_leaf, threshold, missing),
                   functionName="classification" if by_class else "regression", splitCharacteristic="binarySplit",
                   missingValueStrategy="defaultChild" if missing else None)


def segments(models, method, **attributes):
    return element("Segmentation", *(element("Segment", element("True"), model, id=index)
                                     for index, model in enumerate(models, 1)),
                   multipleModelMethod=method, **attributes)


def forest(problem, estimator, **options):
    """MiningModel: the mean of the trees' probabilities or values."""
    trees = [tree(problem, member, segment=True, **options) for member in estimator.estimators_]
    return element("MiningModel", problem.schema(), problem.output(), segments(trees, "average"),
                   functionName=problem.function)


def boosted_sum(problem, members, start, rate, output=None, **options):
    """MiningModel: start + rate * (sum of the trees), as the target or as an output for the next segment."""
    trees = [tree(problem, member, scale=rate, segment=True, **options) for member in members]
    schema = problem.part(problem.names()) if output else problem.schema()
    result = element("Output", element("OutputField", name=output, optype="continuous", dataType="double",
                                       feature="predictedValue", isFinalResult="false")) if output else None
    target = element("Target", field=None if output else problem.target.name, rescaleConstant=number(start))
    return element("MiningModel", schema, result, element("Targets", target), segments(trees, "sum"),
                   functionName="regression")


def boosting(problem, estimator, start, **options):
    """Gradient boosting. `start`: the raw value before the first tree, one a column of estimators_."""
    columns = estimator.estimators_.T
    rate = estimator.learning_rate
    if not problem.classes:
        return boosted_sum(problem, columns[0], start[0], rate, **options)
    raw = [f"raw({name})" for name in (problem.classes if len(columns) > 1 else problem.classes[1:])]
    sums = [boosted_sum(problem, column, first, rate, output=name, **options)
            for column, first, name in zip(columns, start, raw)]
    tables = [table([1.0], [name], 0.0, category) for name, category in
              zip(raw, problem.classes if len(raw) > 1 else problem.classes[1:])]
    if len(raw) == 1:
        tables.append(table([], [], 0.0, problem.classes[0]))
    link = element("RegressionModel", problem.part(raw, target=True), problem.output(), *tables,
                   functionName="classification", normalizationMethod="softmax" if len(raw) > 1 else "logit")
    return element("MiningModel", problem.schema(), segments([*sums, link], "modelChain"),
                   functionName="classification")


# --- Linear models ---------------------------------------------------------------------------------

def table(coefficients, predictors, intercept, category=None):
    """RegressionTable. A predictor is a name, (name, exponent), (name, "=", category) or [name, name]."""
    numeric, categorical, terms = [], [], []
    for coefficient, predictor in zip(coefficients, predictors):
        value = number(coefficient)
        if isinstance(predictor, list):
            terms.append(element("PredictorTerm", *(element("FieldRef", field=name) for name in predictor),
                                 coefficient=value))
        elif isinstance(predictor, tuple) and len(predictor) == 3:
            categorical.append(element("CategoricalPredictor", name=predictor[0], value=predictor[2],
                                       coefficient=value))
        else:
            name, exponent = predictor if isinstance(predictor, tuple) else (predictor, None)
            numeric.append(element("NumericPredictor", name=name, exponent=exponent, coefficient=value))
    return element("RegressionTable", *numeric, *categorical, *terms, intercept=number(intercept),
                   targetCategory=category)


def linear(problem, estimator, predictors=None, transformations=None):
    """RegressionModel of a linear or logistic regression over `predictors` (default: the fields)."""
    predictors = predictors or problem.names()
    coefficients, intercepts = np.atleast_2d(estimator.coef_), np.atleast_1d(estimator.intercept_)
    if not problem.classes:
        tables, method = [table(coefficients[0], predictors, intercepts[0])], None
    elif len(coefficients) == 1:
        tables = [table(coefficients[0], predictors, intercepts[0], problem.classes[1]),
                  table([], [], 0.0, problem.classes[0])]
        method = "logit"
    else:
        tables = [table(*row) for row in
                  zip(coefficients, [predictors] * len(coefficients), intercepts, problem.classes)]
        method = "softmax"
    return element("RegressionModel", problem.schema(), problem.output(), transformations, *tables,
                   functionName=problem.function, normalizationMethod=method)


def generalized_linear(problem, estimator, link):
    """GeneralRegressionModel: parameters p0 (intercept), p1, ... each on one covariate."""
    names = problem.names()
    coefficients = [estimator.intercept_, *estimator.coef_]
    return element(
        "GeneralRegressionModel", problem.schema(), problem.output(),
        element("ParameterList", element("Parameter", name="p0", label="intercept"),
                *(element("Parameter", name=f"p{i}", label=name) for i, name in enumerate(names, 1))),
        element("FactorList"), element("CovariateList", *(element("Predictor", name=name) for name in names)),
        element("PPMatrix", *(element("PPCell", value=1, predictorName=name, parameterName=f"p{i}")
                              for i, name in enumerate(names, 1))),
        element("ParamMatrix", *(element("PCell", parameterName=f"p{i}", beta=number(value))
                                 for i, value in enumerate(coefficients))),
        functionName="regression", modelType="generalizedLinear", linkFunction=link)


# --- Scaling ----------------------------------------------------------------------------------------

def norm(field, mean, scale, low=0, high=1):
    """(x - mean) / scale as the line through its points at `low` and `high`, which goes on beyond them."""
    return element("NormContinuous", *(element("LinearNorm", orig=number(mean + scale * end), norm=end)
                                       for end in (low, high)), field=field)


def division(field, mean, scale):
    """(x - mean) / scale as the two functions."""
    return element("Apply", element("Apply", element("FieldRef", field=field), constant(mean), function="-"),
                   constant(scale), function="/")


def constant(value):
    node = element("Constant", dataType="double")
    node.text = number(value)
    return node


def scaled(names, scaler, form=norm):
    """LocalTransformations of a fitted StandardScaler, and the names of the scaled fields."""
    derived = [f"scaled({name})" for name in names]
    return element("LocalTransformations", *(
        element("DerivedField", form(name, mean, scale), name=new, optype="continuous", dataType="double")
        for name, new, mean, scale in zip(names, derived, scaler.mean_, scaler.scale_))), derived


# --- Networks ----------------------------------------------------------------------------------------

ACTIVATIONS = {"relu": "rectifier", "tanh": "tanh", "logistic": "logistic", "identity": "identity"}


def network(problem, estimator, scaler, target_scaler=None):
    """NeuralNetwork of a multilayer perceptron behind a StandardScaler."""
    inputs = element("NeuralInputs", *(
        element("NeuralInput", element("DerivedField", norm(name, mean, scale), optype="continuous",
                                       dataType="double"), id=f"0,{i}")
        for i, (name, mean, scale) in enumerate(zip(problem.names(), scaler.mean_, scaler.scale_))))
    weights, biases = list(estimator.coefs_), list(estimator.intercepts_)
    if problem.classes and weights[-1].shape[1] == 1:
        weights[-1] = np.hstack([np.zeros_like(weights[-1]), weights[-1]])
        biases[-1] = np.concatenate([[0.0], biases[-1]])
    layers = []
    for depth, (weight, bias) in enumerate(zip(weights, biases), 1):
        last = depth == len(weights)
        layers.append(element("NeuralLayer", *(
            element("Neuron", *(element("Con", from_=f"{depth - 1},{i}", weight=number(value))
                                for i, value in enumerate(weight[:, j])), id=f"{depth},{j}", bias=number(bias[j]))
            for j in range(weight.shape[1])),
            numberOfNeurons=weight.shape[1],
            activationFunction="identity" if last else ACTIVATIONS[estimator.activation],
            normalizationMethod="softmax" if last and problem.classes else None))
    target, depth = problem.target.name, len(weights)
    if problem.classes:
        results = [element("NormDiscrete", field=target, value=name) for name in problem.classes]
    elif target_scaler is not None:
        # Wide, because some evaluators do not go beyond the ends when they scale back.
        results = [norm(target, target_scaler.mean_[0], target_scaler.scale_[0], -100, 100)]
    else:
        results = [element("FieldRef", field=target)]
    kind = ("categorical", "string") if problem.classes else ("continuous", "double")
    outputs = element("NeuralOutputs", *(
        element("NeuralOutput", element("DerivedField", result, optype=kind[0], dataType=kind[1]),
                outputNeuron=f"{depth},{j}") for j, result in enumerate(results)))
    return element("NeuralNetwork", problem.schema(), problem.output(), inputs, *layers, outputs,
                   functionName=problem.function, activationFunction=ACTIVATIONS[estimator.activation])
