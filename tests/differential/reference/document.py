"""A PMML document: its model, fields, derived fields and functions by name."""

import re
import xml.etree.ElementTree as ElementTree

MODELS = ("TreeModel", "MiningModel", "RegressionModel", "GeneralRegressionModel", "NeuralNetwork", "ClusteringModel",
          "NearestNeighborModel", "SupportVectorMachineModel", "NaiveBayesModel", "RuleSetModel", "Scorecard",
          "AnomalyDetectionModel", "AssociationModel")
PREDICATES = ("SimplePredicate", "SimpleSetPredicate", "CompoundPredicate", "True", "False")


class Document:
    def __init__(self, source):
        self.root = ElementTree.fromstring(re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", source))
        self.data_fields = {field.get("name"): field for field in self.root.find("DataDictionary").iter("DataField")}
        dictionary = self.root.find("TransformationDictionary")
        dictionary = [] if dictionary is None else dictionary
        self.derived = {each.get("name"): each for each in dictionary if each.tag == "DerivedField"}
        self.functions = {each.get("name"): each for each in dictionary if each.tag == "DefineFunction"}
        self.model = next(child for child in self.root if child.tag in MODELS)


def predicate_of(element):
    return next(child for child in element if child.tag in PREDICATES)


def model_of(element):
    return next(child for child in element if child.tag in MODELS)


def real(element, attribute, default=None):
    """A number attribute."""
    value = element.get(attribute)
    return default if value is None else float(value)


def array(element):
    """The entries of an Array: blanks part them, quotes hold them together, \\" is a quote within."""
    source = element.text or ""
    if element.get("type") == "string":
        return [re.sub(r'\\(["\\])', r"\1", quoted) if quoted or not plain else plain.replace('\\"', '"')
                for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]\S*)', source)]
    return source.split()
