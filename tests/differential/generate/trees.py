"""Random TreeModels, and MiningModels over them."""

from .fields import Field, document, element, make_fields, predicate, records, schema, split

STRATEGIES = ["none", "lastPrediction", "nullPrediction", "defaultChild", "weightedConfidence", "aggregateNodes"]
CLASSES = ["yes", "no", "maybe", "a b"]


class TreeMaker:
    """One tree. `shape`: splits (two children each, as learners make them) or wild (any predicates, any number)."""

    def __init__(self, rng, fields, classes, strategy, shape, no_true=None):
        self.rng, self.fields, self.classes, self.strategy, self.shape = rng, fields, classes, strategy, shape
        self.no_true = no_true if no_true is not None else rng.choice([None, "returnNullPrediction", "returnLastPrediction"])
        self.number = 0
        self.scored = strategy == "lastPrediction" or self.no_true == "returnLastPrediction" or rng.random() < 0.5
        self.distributed = classes and (strategy in ("weightedConfidence", "aggregateNodes") or rng.random() < 0.6)
        self.penalty = rng.choice([None, "0.8"])

    def node(self, predicate_text, depth, records_here):
        rng = self.rng
        self.number += 1
        me = str(self.number)
        children, default = [], None
        if depth > 0 and rng.random() < 0.9:
            texts = split(rng, self.fields) if self.shape == "splits" or rng.random() < 0.3 else \
                [predicate(rng, self.fields) for _ in range(rng.randint(1, 4))]
            shares = [rng.randint(1, 60) for _ in texts]
            for text, share in zip(texts, shares):
                if default is None or rng.random() < 0.5:
                    default = str(self.number + 1)
                children.append(self.node(text, depth - 1, share))
        inner = bool(children)
        score = None
        if not inner or self.scored:
            score = self.score()
        if self.distributed and score is not None and rng.random() < 0.2:
            score = None
        content = predicate_text + (self.distribution(records_here) if self.distributed and (not inner or self.scored or self.strategy == "weightedConfidence") else "")
        return element("Node", content + "".join(children), id_=me, score=score, recordCount=records_here,
                       defaultChild=default if inner and self.strategy == "defaultChild" else None)

    def score(self):
        if self.classes:
            return self.rng.choice(self.classes)
        return repr(round(self.rng.uniform(-5, 5), self.rng.randint(0, 17)))

    def distribution(self, total):
        counts = [self.rng.randint(0, 30) for _ in self.classes]
        counts[self.rng.randrange(len(counts))] += 1
        sure = self.rng.random() < 0.2
        return "".join(element("ScoreDistribution", value=name, recordCount=count, confidence=round(self.rng.random(), 3) if sure else None)
                       for name, count in zip(self.classes, counts))

    def model(self, mining_schema, output="", depth=4, targets=""):
        root = self.node("<True/>" if self.shape == "splits" or self.rng.random() < 0.8 else predicate(self.rng, self.fields), depth, 100)
        return element("TreeModel", mining_schema + output + targets + root,
                       functionName="classification" if self.classes else "regression",
                       missingValueStrategy=self.strategy if self.strategy != "none" or self.rng.random() < 0.5 else None,
                       missingValuePenalty=self.penalty, noTrueChildStrategy=self.no_true or None,
                       splitCharacteristic="binarySplit" if self.shape == "splits" else None)


def target_field(rng, classes):
    if classes:
        return Field("class", "string", "categorical", list(classes), listed=rng.random() < 0.7)
    return Field("y", rng.choice(["double", "double", "float"]), "continuous")


def output(rng, classes, entity=True, shares=True, sure=True):
    if rng.random() < 0.2:
        return ""
    fields = ""
    if classes and shares:
        fields += "".join(element("OutputField", name=f"p_{name}", optype="continuous", dataType="double", feature="probability", value=name)
                          for name in classes if rng.random() < 0.8)
        if rng.random() < 0.4 and sure:
            fields += "".join(element("OutputField", name=f"c_{name}", optype="continuous", dataType="double", feature="confidence", value=name)
                              for name in classes[:2])
        if rng.random() < 0.3:
            fields += element("OutputField", name="p", optype="continuous", dataType="double", feature="probability")
    if entity and rng.random() < 0.4:
        fields += element("OutputField", name="node", optype="categorical", dataType="string", feature="entityId")
    fields += element("OutputField", name="answer", optype="categorical" if classes else "continuous", dataType="string" if classes else "double", feature="predictedValue")
    return element("Output", fields)


def targets(rng, classes, target):
    if rng.random() < 0.8:
        return ""
    if classes:
        if rng.random() < 0.5:
            return ""
        shares = rng.choice([[0.5, 0.25, 0.125, 0.125], [0.125, 0.125, 0.25, 0.5]])[:len(classes)]
        return element("Targets", element("Target", "".join(element("TargetValue", value=name, priorProbability=share)
                                                            for name, share in zip(classes, shares)), field=target.name))
    return element("Targets", element("Target", element("TargetValue", defaultValue="7.5") if rng.random() < 0.4 else "", field=target.name,
                                      rescaleFactor=rng.choice([None, "2", "0.1"]), rescaleConstant=rng.choice([None, "1", "-0.3"]),
                                      min_=rng.choice([None, "-2"]), max_=rng.choice([None, "3.5"]), castInteger=rng.choice([None, None, "round", "ceiling", "floor"])))


def classes_of(rng):
    return [] if rng.random() < 0.5 else CLASSES[:rng.randint(2, 4)]


def tree(rng):
    fields = make_fields(rng, rng.randint(1, 6))
    classes = classes_of(rng)
    target = target_field(rng, classes)
    strategy = rng.choice(STRATEGIES if classes else STRATEGIES[:4])
    maker = TreeMaker(rng, fields, classes, strategy, rng.choice(["splits", "wild"]))
    plain_output = output(rng, classes, entity=strategy in STRATEGIES[:4], shares=maker.distributed)
    text = maker.model(schema(fields, target), plain_output, rng.randint(1, 5), targets(rng, classes, target))
    return document(fields, target, text), fields, target


def forest(rng):
    """Trees as learners make them: the forms that the engine compiles."""
    fields = make_fields(rng, rng.randint(1, 8), kinds=rng.choice([("double",), ("float",), ("double", "float", "integer"), ("double", "string", "boolean", "float")]),
                         treatments=rng.random() < 0.4)
    classes = classes_of(rng)
    target = target_field(rng, classes)
    method = rng.choice(["majorityVote", "weightedMajorityVote", "average", "weightedAverage", "max", "median"] if classes
                        else ["average", "weightedAverage", "sum", "median", "max", "weightedSum", "weightedMedian"])
    strategy = rng.choice(STRATEGIES[:4])
    shape = "splits" if rng.random() < 0.8 else "wild"
    return mining(rng, fields, classes, target, method, rng.randint(1, 25),
                  lambda: TreeMaker(rng, fields, classes, strategy, shape, no_true=rng.choice(["", "returnLastPrediction"])), rng.random() < 0.1)


def mining(rng, fields, classes, target, method, count, make, with_predicates):
    segments = []
    for number in range(count):
        maker = make()
        if classes and method in ("average", "weightedAverage", "max", "median"):
            maker.distributed, maker.scored = True, True
        text = maker.model(schema(fields, target if rng.random() < 0.9 else None, plain=True) if classes else schema(fields, plain=True), "", rng.randint(1, 5))
        segments.append(element("Segment", (predicate(rng, fields) if with_predicates else "<True/>") + text, id_=str(number + 1),
                                weight=repr(round(rng.uniform(0.1, 3), 2)) if method.startswith("weighted") else None))
    treatment = rng.choice([None, None, "continue", "skipSegment", "returnMissing"])
    segmentation = element("Segmentation", "".join(segments), multipleModelMethod=method, missingPredictionTreatment=treatment,
                           missingThreshold=rng.choice([None, "0.5", "0.2"]) if treatment == "skipSegment" else None)
    text = element("MiningModel", schema(fields, target) + output(rng, classes, entity=False, sure=False) + targets(rng, classes, target) + segmentation,
                   functionName="classification" if classes else "regression")
    return document(fields, target, text), fields, target


def segments(rng):
    """Wild trees under wild predicates: all methods."""
    fields = make_fields(rng, rng.randint(1, 5))
    classes = classes_of(rng)
    target = target_field(rng, classes)
    method = rng.choice(["selectFirst", "majorityVote", "average", "weightedAverage", "weightedMajorityVote", "max", "median"] if classes else
                        ["selectFirst", "average", "weightedAverage", "sum", "median", "max", "weightedSum", "weightedMedian"])
    return mining(rng, fields, classes, target, method, rng.randint(1, 6),
                  lambda: TreeMaker(rng, fields, classes, rng.choice(STRATEGIES[:4]), rng.choice(["splits", "wild"])), rng.random() < 0.7)


def chain(rng):
    """A chain: trees and a regression over what they put out, which the next segments' predicates ask too."""
    fields = make_fields(rng, rng.randint(2, 5), kinds=("double", "double", "float", "string"))
    fields.append(Field("always", "double", "continuous"))
    names, segments_text = [], ""
    for number in range(rng.randint(1, 3)):
        maker = TreeMaker(rng, fields, [], rng.choice(STRATEGIES[:4]), "splits", no_true="returnLastPrediction")
        name = f"m{number}"
        out = element("Output", element("OutputField", name=name, optype="continuous", dataType="double", feature="predictedValue", isFinalResult=rng.choice([None, "false"])))
        before = rng.choice(["<True/>", "<True/>", predicate(rng, fields)])
        if names and rng.random() < 0.4:
            before = element("SimplePredicate", field=rng.choice(names), operator=rng.choice(["lessThan", "greaterOrEqual"]), value="0.5")
        segments_text += element("Segment", before + maker.model(schema(fields, plain=True), out, rng.randint(1, 4)), id_=str(number))
        names.append(name)
    terms = "".join(element("NumericPredictor", name=name, coefficient=repr(round(rng.gauss(0, 1), 3))) for name in [*names, "always"])
    inner = schema([], None).replace("<MiningSchema/>", element("MiningSchema", "".join(element("MiningField", name=name, missingValueReplacement=rng.choice([None, "1.5"])) for name in [*names, "always"])
                                                                       + element("MiningField", name="y", usageType="target")))
    segments_text += element("Segment", "<True/>" + element("RegressionModel", inner + element("RegressionTable", terms, intercept="0.25"), functionName="regression"), id_="last")
    target = Field("y", "double", "continuous")
    text = element("MiningModel", schema(fields, target) + element("Segmentation", segments_text, multipleModelMethod="modelChain"), functionName="regression")
    return document(fields, target, text), fields, target


FAMILIES = {"chain": chain, "tree": tree, "forest": forest, "segments": segments}
