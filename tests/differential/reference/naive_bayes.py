"""NaiveBayesModel (PMML 4.4, Naive Bayes): L of a category = its count times the conditional probabilities.

A conditional probability is a count over the sum of the counts of the input's values for that category, or the
density of a normal or Poisson distribution; zero, and what is smaller than the threshold, is the threshold. A missing input is left out.
"""

import math

from . import links
from .document import real
from .expressions import evaluate as expression
from .expressions import expression_of
from .result import Result, best
from .tree import category
from .values import NotCovered, cast
from .regression import same


def evaluate(model, scope):
    threshold = real(model, "threshold")
    output = model.find("BayesOutput").find("TargetValueCounts")
    likelihoods = {each.get("value"): math.log(real(each, "count")) if real(each, "count") > 0 else -math.inf for each in output}
    for each in model.find("BayesInputs"):
        value = scope.value(each.get("fieldName"))
        if value is None:
            continue
        stats = each.find("TargetValueStats")
        factors = density(stats, value) if stats is not None else share(each, value, scope)
        if factors is None:
            continue
        for name in likelihoods:
            factor = factors.get(name, 0.0)
            likelihoods[name] += math.log(max(factor, threshold) if stats is not None else factor if factor > 0 else threshold)
    top = max(likelihoods.values())
    raised = {name: math.exp(value - top) for name, value in likelihoods.items()}
    total = sum(raised.values())
    result = Result(probabilities={category(scope, name): value / total for name, value in raised.items()})
    result.value = best(result.probabilities)
    return result


def density(stats, value):
    found = {}
    for each in stats.findall("TargetValueStat"):
        gauss, poisson = each.find("GaussianDistribution"), each.find("PoissonDistribution")
        if gauss is not None:
            mean, variance = real(gauss, "mean"), real(gauss, "variance")
            found[each.get("value")] = links.exp(-(value - mean) * (value - mean) / (2.0 * variance)) / math.sqrt(2.0 * math.pi * variance)
        elif poisson is not None:
            mean = real(poisson, "mean")
            found[each.get("value")] = math.exp(value * math.log(mean) - mean - math.lgamma(value + 1))
        else:
            raise NotCovered("distribution")
    return found


def share(element, value, scope):
    """P(value | category); None: no counts of this value."""
    derived = element.find("DerivedField")
    if derived is not None:
        value = cast(expression(expression_of(derived), scope), derived.get("dataType"))
        if value is None:
            return None
    counts, sums = None, {}
    for pair in element.findall("PairCounts"):
        these = {each.get("value"): real(each, "count") for each in pair.find("TargetValueCounts")}
        for name, count in these.items():
            sums[name] = sums.get(name, 0.0) + count
        if same(value, pair.get("value")):
            counts = these
    if counts is None:
        return None
    return {name: counts.get(name, 0.0) / sums[name] if sums[name] else 0.0 for name in sums}
