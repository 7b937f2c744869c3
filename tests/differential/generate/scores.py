"""Random NaiveBayesModels, RuleSetModels and Scorecards."""

from .fields import Field, document, element, make_fields, predicate, schema
from .trees import CLASSES


def naive_bayes(rng):
    fields = make_fields(rng, rng.randint(1, 5), kinds=("double", "string", "string", "boolean"))
    classes = CLASSES[:rng.randint(2, 4)]
    target = Field("class", "string", "categorical", list(classes))

    def counts(low=0, leave=0.0):
        return "".join(element("TargetValueCount", value=name, count=rng.randint(low, 40)) for name in classes if rng.random() >= leave)
    inputs = ""
    for each in fields:
        if each.numeric and each.type == "double":
            stats = "".join(element("TargetValueStat", element("GaussianDistribution", mean=repr(round(rng.gauss(0, 2), 3)), variance=repr(round(rng.uniform(0.3, 4), 3))),
                                    value=name) for name in classes)
            inputs += element("BayesInput", element("TargetValueStats", stats), fieldName=each.name)
            continue
        words = each.words
        inputs += element("BayesInput", "".join(element("PairCounts", element("TargetValueCounts", counts()), value=word)
                                                for word in words), fieldName=each.name)
    output = element("BayesOutput", element("TargetValueCounts", "".join(element("TargetValueCount", value=name, count=rng.randint(5, 60)) for name in classes)),
                     fieldName="class")
    fields_out = "".join(element("OutputField", name=f"p_{name}", optype="continuous", dataType="double", feature="probability", value=name) for name in classes)
    text = element("NaiveBayesModel", schema(fields, target) + element("Output", fields_out) + element("BayesInputs", inputs) + output,
                   functionName="classification", threshold=rng.choice(["0.001", "0.01", "1e-6"]))
    return document(fields, target, text), fields, target


def rule_set(rng):
    fields = make_fields(rng, rng.randint(1, 5))
    regression = rng.random() < 0.2
    classes = [] if regression else CLASSES[:rng.randint(2, 4)]
    target = Field("y", "double", "continuous") if regression else Field("class", "string", "categorical", list(classes))
    method = rng.choice(["firstHit", "weightedMax"] if regression else ["firstHit", "weightedSum", "weightedMax"])
    number = [0]

    def rules(count, depth):
        found = ""
        for _ in range(count):
            if depth and rng.random() < 0.2:
                found += element("CompoundRule", predicate(rng, fields) + rules(rng.randint(1, 3), depth - 1))
                continue
            number[0] += 1
            score = rng.choice(classes) if classes else repr(round(rng.gauss(0, 3), 2))
            found += element("SimpleRule", predicate(rng, fields), id_=f"R{number[0]}", score=score, weight=repr(round(rng.uniform(0.1, 1), 3)),
                             confidence=repr(round(rng.uniform(0.1, 1), 3)))
        return found
    inner = element("RuleSelectionMethod", criterion=method) + rules(rng.randint(1, 8), 2)
    default = rng.choice([*classes, None]) if classes else rng.choice(["1.5", None])
    output = element("OutputField", name="rule", optype="categorical", dataType="string", feature="entityId")
    output += element("OutputField", name="sure", optype="continuous", dataType="double", feature="confidence") if classes and default is None else ""
    text = element("RuleSetModel", schema(fields, target) + element("Output", output) + element("RuleSet", inner, defaultScore=default,
                                                                                            defaultConfidence="0.3" if default else None),
                   functionName="regression" if regression else "classification")
    return document(fields, target, text), fields, target


def scorecard(rng):
    from .expressions import Expressions
    fields = make_fields(rng, rng.randint(1, 5), kinds=("double", "float", "string", "integer"))
    target = Field("y", "double", "continuous")
    reasons = rng.random() < 0.7
    own = rng.random() < 0.5
    characteristics = ""
    maker = Expressions(rng, fields)
    count = rng.randint(1, 5)
    for index in range(count):
        attributes = ""
        for position in range(rng.randint(1, 4)):
            code = f"R{index}_{position}" if own and reasons else None
            if maker.numbers and rng.random() < 0.15:
                value = element("ComplexPartialScore", element("Apply", element("FieldRef", field=rng.choice(maker.numbers).name) + element("Constant", "3", dataType="double"), function="*"))
                attributes += element("Attribute", predicate(rng, fields) + value, reasonCode=code)
            else:
                attributes += element("Attribute", predicate(rng, fields), partialScore=repr(round(rng.uniform(-10, 30), rng.randint(0, 4))), reasonCode=code)
        if rng.random() < 0.8:
            attributes += element("Attribute", "<True/>", partialScore=str(rng.randint(-5, 20)), reasonCode=f"R{index}_z" if own and reasons else None)
        characteristics += element("Characteristic", attributes, name=f"ch{index}", reasonCode=None if own or not reasons else f"R{index}",
                                   baselineScore=str(rng.randint(0, 20)) if reasons else None)
    output = "".join(element("OutputField", name=f"reason{i}", optype="categorical", dataType="string", feature="reasonCode", rank=str(i)) for i in range(1, count + 1)) if reasons else ""
    text = element("Scorecard", schema(fields, target) + (element("Output", output) if output else "") + element("Characteristics", characteristics), functionName="regression",
                   initialScore=rng.choice([None, "10", "-2.5"]), useReasonCodes=None if reasons else "false",
                   reasonCodeAlgorithm=rng.choice(["pointsAbove", "pointsBelow", None]) if reasons else None)
    return document(fields, target, text), fields, target


FAMILIES = {"naive_bayes": naive_bayes, "rule_set": rule_set, "scorecard": scorecard}
