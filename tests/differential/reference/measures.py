"""Comparison measures and compare functions (PMML 4.4, Cluster Models; used by k-Nearest Neighbors too)."""

import math

from .document import array
from .functions import power
from .values import Invalid, NotCovered

DISTANCES = ("euclidean", "squaredEuclidean", "chebychev", "cityBlock", "minkowski")
SIMILARITIES = ("simpleMatching", "jaccard", "tanimoto", "binarySimilarity")


class Measure:
    def __init__(self, element):
        self.kind = element.get("kind")
        self.default = element.get("compareFunction", "absDiff")
        self.element = next(child for child in element if child.tag in DISTANCES + SIMILARITIES)
        self.name = self.element.tag

    def value(self, fields, record, center, missing_weights=None):
        """`fields`: elements with compareFunction, fieldWeight, similarityScale. None in `record`: left out, and what is
        there counts for more, in the ratio of the missing value weights."""
        if self.name in SIMILARITIES:
            return self.similarity(record, center)
        weights = missing_weights or [1.0] * len(record)
        here = [value is not None for value in record]
        present = sum(weight for weight, there in zip(weights, here) if there)
        if not any(here) or present == 0:
            return None
        adjust = sum(weights) / present
        inner = [(float(field.get("fieldWeight", 1)), self.compare(field, value, middle))
                 for field, value, middle in zip(fields, record, center) if value is not None]
        if self.name == "euclidean":
            return math.sqrt(sum(weight * difference * difference for weight, difference in inner) * adjust)
        if self.name == "squaredEuclidean":
            return sum(weight * difference * difference for weight, difference in inner) * adjust
        if self.name == "chebychev":
            return max(weight * difference for weight, difference in inner) * adjust
        if self.name == "cityBlock":
            return sum(weight * difference for weight, difference in inner) * adjust
        exponent = float(self.element.get("p-parameter"))
        return power(sum(weight * power(difference, exponent) for weight, difference in inner) * adjust, 1.0 / exponent)

    def compare(self, field, value, middle):
        function = field.get("compareFunction") or self.default
        if function == "absDiff":
            return abs(value - middle)
        if function == "gaussSim":
            scale = float(field.get("similarityScale"))
            return math.exp(-math.log(2.0) * ((value - middle) / scale) * ((value - middle) / scale))
        if function == "delta":
            return 0.0 if value == middle else 1.0
        if function == "equal":
            return 1.0 if value == middle else 0.0
        raise NotCovered(function)

    def similarity(self, record, center):
        """Of values that are 0 or 1."""
        a = {(x, y): 0 for x in (0, 1) for y in (0, 1)}
        for value, middle in zip(record, center):
            if value is None:
                return None
            if value not in (0, 1):
                raise Invalid(f"{value!r} is neither 0 nor 1")
            a[int(value), int(middle)] += 1
        if self.name == "simpleMatching":
            above, below = a[1, 1] + a[0, 0], sum(a.values())
        elif self.name == "jaccard":
            above, below = a[1, 1], a[1, 1] + a[1, 0] + a[0, 1]
        elif self.name == "tanimoto":
            above, below = a[1, 1] + a[0, 0], a[1, 1] + 2 * (a[1, 0] + a[0, 1]) + a[0, 0]
        else:
            def weighed(letter):
                return sum(float(self.element.get(f"{letter}{x}{y}-parameter")) * a[x, y] for x in (0, 1) for y in (0, 1))
            above, below = weighed("c"), weighed("d")
        return above / below if below else None


def numbers(element):
    return [float(entry) for entry in array(element)]
