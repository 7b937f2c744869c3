"""Random ClusteringModels, NearestNeighborModels, SupportVectorMachineModels and AnomalyDetectionModels."""

from xml.sax.saxutils import escape

from .fields import Field, document, element, make_fields, schema
from .trees import CLASSES, TreeMaker


def measure(rng, binary=False, inner=""):
    kind = "distance"
    if binary:
        name = rng.choice(["simpleMatching", "jaccard", "tanimoto", "binarySimilarity"])
        options = {f"{letter}{x}{y}_parameter": str(rng.randint(1, 3)) for letter in "cd" for x in (0, 1) for y in (0, 1)} if name == "binarySimilarity" else {}
        text = element(name, **options).replace("_parameter", "-parameter")
        return element("ComparisonMeasure", text, kind="similarity")
    name = rng.choice(["euclidean", "squaredEuclidean", "chebychev", "cityBlock", "minkowski"])
    text = f'<minkowski p-parameter="{rng.choice(["1", "3", "2.5"])}"/>' if name == "minkowski" else element(name)
    return element("ComparisonMeasure", text, kind=kind, compareFunction=rng.choice([None, "absDiff"]))


def number(rng):
    return repr(round(rng.gauss(0, 2), rng.randint(0, 4)))


def real_array(values):
    return element("Array", " ".join(values), n=len(values), type="real")


def weights_of(rng, chance=0.3):
    return rng.choice(["0.5", "2", "1.25"]) if rng.random() < chance else None


def compare_of(rng, field, binary, scaled=True):
    """(compareFunction, similarityScale) of one field. Whether a float equals a decimal is left out."""
    if binary or rng.random() < 0.6:
        return None, None
    name = rng.choice(["absDiff", *(["gaussSim"] if scaled else []), *(["delta", "equal"] if field.type != "float" else [])])
    return name, repr(round(rng.uniform(0.5, 3), 2)) if name == "gaussSim" else None


def sized(rng, binary):
    kinds = ("double", "double", "float") if not binary else ("integer",)
    fields = make_fields(rng, rng.randint(1, 6), kinds=kinds)
    if binary:
        for each in fields:
            each.optype, each.words, each.extra, each.mining = "continuous", [], "", {}
            each.usual = lambda rng: rng.choice("01")
            each.cell = lambda rng, each=each: None if rng.random() < 0.1 else rng.choice("01")
    return fields


def cluster_parts(rng, fields, binary, missing=True):
    """The inside of a center-based clustering model."""
    inner = ""
    for each in fields:
        function, scale = compare_of(rng, each, binary)
        inner += element("ClusteringField", field=each.name, compareFunction=function, similarityScale=scale, fieldWeight=None if binary else weights_of(rng))
    if missing and rng.random() < 0.6:
        inner += element("MissingValueWeights", real_array([rng.choice(["1", "1", "0.5", "2"]) for _ in fields]))
    clusters = ""
    for index in range(rng.randint(1, 6)):
        center = [rng.choice("01") if binary else number(rng) for _ in fields]
        clusters += element("Cluster", real_array(center), name=f"name {index}" if rng.random() < 0.5 else None, id_=f"c{index}")
    return inner + clusters, clusters.count("<Cluster ")


def cluster_output(rng, count):
    fields = element("OutputField", name="cluster", optype="categorical", dataType="string", feature="predictedValue")
    fields += element("OutputField", name="distance", optype="continuous", dataType="double", feature=rng.choice(["affinity", "clusterAffinity", "entityAffinity"]))
    fields += "".join(element("OutputField", name=f"distance_{i}", optype="continuous", dataType="double", feature="affinity", value=f"c{i}") for i in range(count) if rng.random() < 0.6)
    return element("Output", fields)


def clustering(rng):
    binary = rng.random() < 0.25
    fields = sized(rng, binary)
    parts, count = cluster_parts(rng, fields, binary)
    text = element("ClusteringModel", schema(fields, None) + cluster_output(rng, count) + measure(rng, binary) + parts, functionName="clustering",
                   modelClass="centerBased", numberOfClusters=count)
    return document(fields, None, text), fields, None


def neighbors(rng):
    fields = sized(rng, False)
    words = rng.random() < 0.4
    if words:
        fields += make_fields(rng, rng.randint(1, 2), kinds=("string",))
    classes = [] if rng.random() < 0.5 else CLASSES[:rng.randint(2, 4)]
    target = Field("class", "string", "categorical", list(classes)) if classes else Field("y", "double", "continuous")
    inputs = ""
    for each in fields:
        function, scale = compare_of(rng, each, False, scaled=False) if each.numeric else (rng.choice(["delta", "equal"]), None)
        inputs += element("KNNInput", field=each.name, fieldWeight=weights_of(rng), compareFunction=function, similarityScale=scale)
    rows = ""
    count = rng.randint(1, 30)
    for index in range(count):
        cells = "".join(element(f"f{i}", escape(rng.choice(each.words) if not each.numeric else number(rng))) for i, each in enumerate(fields))
        rows += element("row", cells + element("target", escape(rng.choice(classes) if classes else number(rng))) + element("id", f"r{index}"))
    instance = "".join(element("InstanceField", field=each.name, column=f"f{i}") for i, each in enumerate(fields))
    instance += element("InstanceField", field=target.name, column="target") + element("InstanceField", field="rowId", column="id")
    training = element("TrainingInstances", element("InstanceFields", instance) + element("InlineTable", rows), isTransformed="false",
                       recordCount=count)
    k = rng.randint(1, min(5, count))
    outputs = "".join(element("OutputField", name=f"neighbor_{i}", optype="categorical", dataType="string", feature="entityId", rank=str(i)) for i in range(1, k + 1))
    text = element("NearestNeighborModel", schema(fields, target) + element("Output", outputs) + training + measure(rng) + element("KNNInputs", inputs),
                   functionName="classification" if classes else "regression", numberOfNeighbors=k, instanceIdVariable="rowId",
                   continuousScoringMethod=None if classes else rng.choice([None, "average", "weightedAverage", "median"]),
                   categoricalScoringMethod=rng.choice([None, "majorityVote", "weightedMajorityVote"]) if classes else None,
                   threshold=rng.choice([None, "0.1"]))
    return document(fields, target, text), fields, target


def coefficients(rng, count):
    return element("Coefficients", "".join(element("Coefficient", value=repr(round(rng.gauss(0, 1), rng.randint(1, 16)))) for _ in range(count)),
                   absoluteValue=repr(round(rng.gauss(0, 1), 5)))


def support_vectors(rng):
    fields = make_fields(rng, rng.randint(1, 5), kinds=("double", "double", "float", "string"))
    entries = []
    for each in fields:
        entries += [element("FieldRef", field=each.name)] if each.numeric else \
            [element("CategoricalPredictor", name=each.name, value=word, coefficient="1") for word in each.words]
    size = len(entries)
    classes = [] if rng.random() < 0.4 else CLASSES[:rng.choice([2, 2, 3, 4])]
    target = Field("class", "string", "categorical", list(classes)) if classes else Field("y", "double", "continuous")
    names, instances = [], ""
    for index in range(rng.randint(2, 12)):
        names.append(f"v{index}")
        values = [number(rng) if rng.random() < 0.7 else "0" for _ in range(size)]
        if rng.random() < 0.5:
            vector = real_array(values)
        else:
            there = [i for i, value in enumerate(values) if value != "0"]
            vector = element("REAL-SparseArray", element("Indices", " ".join(str(i + 1) for i in there)) + element("REAL-Entries", " ".join(values[i] for i in there)), n=size) \
                if there else real_array(values)
        instances += element("VectorInstance", vector, id_=names[-1])
    linear = rng.random() < 0.2
    kernel = "LinearKernelType" if linear else rng.choice(["LinearKernelType", "PolynomialKernelType", "RadialBasisKernelType", "SigmoidKernelType"])
    options = {} if kernel == "LinearKernelType" else {"gamma": rng.choice(["0.5", "0.1", "1"])}
    if kernel in ("PolynomialKernelType", "SigmoidKernelType"):
        options["coef0"] = rng.choice(["0", "1", "0.3"])
    if kernel == "PolynomialKernelType":
        options["degree"] = rng.choice(["1", "2", "3"])

    def machine(**categories):
        if linear:
            return element("SupportVectorMachine", coefficients(rng, size), **categories)
        some = rng.sample(names, rng.randint(1, len(names)))
        return element("SupportVectorMachine", element("SupportVectors", "".join(element("SupportVector", vectorId=name) for name in some), numberOfSupportVectors=len(some))
                       + coefficients(rng, len(some)), **categories)
    method = None
    wins = None
    if not classes:
        machines = machine()
    elif rng.random() < 0.6 or len(classes) == 2:
        method = "OneAgainstOne"
        machines = "".join(machine(targetCategory=a, alternateTargetCategory=b, threshold=rng.choice([None, None, "0.2"]))
                           for i, a in enumerate(classes) for b in classes[i + 1:])
    else:
        method, wins = "OneAgainstAll", rng.choice([None, "true", "false"])
        machines = "".join(machine(targetCategory=name) for name in classes)
    text = element("SupportVectorMachineModel", schema(fields, target) + element(kernel, **options)
                   + element("VectorDictionary", element("VectorFields", "".join(entries), numberOfFields=size) + instances, numberOfVectors=len(names)) + machines,
                   functionName="classification" if classes else "regression", classificationMethod=method, maxWins=wins,
                   svmRepresentation="Coefficients" if linear else None)
    return document(fields, target, text), fields, target


def anomaly(rng):
    fields = make_fields(rng, rng.randint(1, 5), kinds=("double", "double", "float"))
    if rng.random() < 0.5:
        maker = [TreeMaker(rng, fields, [], "none", "splits", no_true="returnLastPrediction") for _ in range(rng.randint(1, 8))]
        segments = "".join(element("Segment", "<True/>" + each.model(schema(fields, plain=True), depth=rng.randint(1, 4)), id_=str(i)) for i, each in enumerate(maker))
        inner = element("MiningModel", schema(fields, plain=True) + element("Segmentation", segments, multipleModelMethod="average"), functionName="regression")
        options = {"algorithmType": "iforest", "sampleDataSize": str(rng.choice([16, 64, 256]))}
        extra = ""
    else:
        parts, count = cluster_parts(rng, fields, False, missing=False)
        inner = element("ClusteringModel", schema(fields, plain=True) + measure(rng) + parts, functionName="clustering", modelClass="centerBased", numberOfClusters=count)
        options = {"algorithmType": "clusterMeanDist"}
        extra = element("MeanClusterDistances", real_array([repr(round(rng.uniform(0.5, 3), 2)) for _ in range(count)]))
    text = element("AnomalyDetectionModel", schema(fields, None) + inner + extra, functionName="regression", **options)
    return document(fields, None, text), fields, None


FAMILIES = {"clustering": clustering, "neighbors": neighbors, "support_vectors": support_vectors, "anomaly": anomaly}
