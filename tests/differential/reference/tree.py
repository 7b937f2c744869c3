"""TreeModel (PMML 4.4, Trees): which node is the final one, and what it says.

From the root downwards: of a node's children the first whose predicate is true is the next. A predicate that is unknown
before one is true is the business of missingValueStrategy; no true child that of noTrueChildStrategy.
"""

from . import predicates
from .document import PREDICATES, predicate_of, real
from .result import Result, best
from .values import Invalid, parse


class Null(Exception):
    """No prediction."""


def evaluate(tree, scope):
    root = tree.find("Node")
    walk = Walk(tree, scope)
    if walk.test(root) is not True:
        return Result()
    try:
        node = walk.down(root)
    except Null:
        return Result()
    except Several as found:
        return several(tree, scope, walk, found.node)
    return answer(tree, scope, node, walk.penalties) if node is not None else Result()


class Several(Exception):
    """More than one child of the node has to be followed."""

    def __init__(self, node):
        super().__init__()
        self.node = node


class Walk:
    """The way down. `penalties` counts default children and surrogates that decided: each costs missingValuePenalty."""

    def __init__(self, tree, scope):
        self.tree, self.scope, self.penalties = tree, scope, 0
        self.strategy = tree.get("missingValueStrategy", "none")

    def test(self, node):
        predicate = predicate_of(node)
        if predicate.get("booleanOperator") == "surrogate" and predicate.tag == "CompoundPredicate":
            for number, part in enumerate(child for child in predicate if child.tag in PREDICATES):
                holds = predicates.holds(part, self.scope)
                if holds is not None:
                    self.penalties += number > 0
                    return holds
            return None
        return predicates.holds(predicate, self.scope)

    def down(self, node):
        """The final node; None: it has no score."""
        while node.findall("Node"):
            for child in node.findall("Node"):
                holds = self.test(child)
                if holds:
                    node = child
                    break
                if holds is None and self.strategy != "none":
                    following = self.unknown(node)
                    if following is node:
                        return node if scored(node) else None
                    node = following
                    break
            else:
                return self.no_true_child(node)
        return node

    def no_true_child(self, node):
        if self.may_end(node):
            return node
        raise Null

    def may_end(self, node):
        """Without a true child. A node without the attribute `score` has no prediction to return."""
        return self.tree.get("noTrueChildStrategy") == "returnLastPrediction" and node.get("score") is not None

    def unknown(self, node):
        """The node to go to when a child's predicate is unknown; the node itself: stop here."""
        if self.strategy == "lastPrediction":
            return node
        if self.strategy == "nullPrediction":
            raise Null
        if self.strategy in ("weightedConfidence", "aggregateNodes"):
            raise Several(node)
        for child in node.findall("Node"):
            if child.get("id") == node.get("defaultChild"):
                self.penalties += 1
                return child
        raise Invalid("a node without its default child")


def scored(node):
    return node.get("score") is not None or node.find("ScoreDistribution") is not None


def penalty(tree, times):
    return real(tree, "missingValuePenalty", 1.0) ** times


# --- Several children at once ----------------------------------------------------------------------------

def several(tree, scope, walk, node):
    """weightedConfidence: the children's confidences, weighted by their records. aggregateNodes: all leaves' counts."""
    if walk.strategy == "weightedConfidence":
        found = weighted(tree, scope, node)
        if found is None:
            return Result()
        confidences, probabilities = found
    else:
        counts = {}
        for leaf in leaves(tree, scope, node):
            for share in leaf.findall("ScoreDistribution"):
                counts[share.get("value")] = counts.get(share.get("value"), 0.0) + real(share, "recordCount")
        total = sum(counts.values())
        if total == 0:
            return Result()
        confidences = probabilities = {name: count / total for name, count in counts.items()}
    order = [name for name in classes(tree) if name in confidences]
    result = Result(
        confidences={category(scope, name): confidences[name] * penalty(tree, walk.penalties) for name in order},
        probabilities={category(scope, name): probabilities[name] for name in order})
    result.value = best(result.confidences)
    return result


def classes(tree):
    """All categories in the order of the document: distributions first, then scores."""
    names = [share.get("value") for share in tree.iter("ScoreDistribution")] + [node.get("score") for node in tree.iter("Node")]
    return list(dict.fromkeys(name for name in names if name is not None))


def weighted(tree, scope, node):
    """(confidences, probabilities) of all children that are not false; one that leads nowhere is left out."""
    total, confidences, probabilities = 0.0, {}, {}
    for child in node.findall("Node"):
        walk = Walk(tree, scope)
        if walk.test(child) is False:
            continue
        found = below(tree, scope, child, walk.penalties)
        if found is None:
            continue
        weight = real(child, "recordCount")
        total += weight
        for sums, shares in zip((confidences, probabilities), found):
            for name, share in shares.items():
                sums[name] = sums.get(name, 0.0) + weight * share
    if total == 0:
        return None
    return ({name: share / total for name, share in confidences.items()}, {name: share / total for name, share in probabilities.items()})


def below(tree, scope, node, penalties):
    """What a node and its subtree have to say; its confidences less for the surrogates that led there."""
    children = node.findall("Node")
    walk = Walk(tree, scope)
    found = None
    if not children:
        found = confidences_of(node), probabilities_of(node)
    for child in children:
        holds = walk.test(child)
        if holds:
            found = below(tree, scope, child, walk.penalties)
            break
        if holds is None:
            found = weighted(tree, scope, node)
            break
    else:
        if children and walk.may_end(node):
            found = confidences_of(node), probabilities_of(node)
    if found is None or not found[0]:
        return None
    return {name: share * penalty(tree, penalties) for name, share in found[0].items()}, found[1]


def leaves(tree, scope, node):
    """The leaves that a record may reach: no child behind the first that is surely true."""
    children = node.findall("Node")
    if not children:
        yield node
        return
    walk, entered = Walk(tree, scope), False
    for child in children:
        holds = walk.test(child)
        if holds is not False:
            entered = True
            yield from leaves(tree, scope, child)
        if holds:
            break
    if not entered and walk.may_end(node):
        yield node


def confidences_of(node):
    shares = node.findall("ScoreDistribution")
    total = sum(real(share, "recordCount") for share in shares)
    return {share.get("value"): real(share, "confidence", real(share, "recordCount") / total if total else None)
            for share in shares}


def probabilities_of(node):
    """From `probability` where it is given, else from the record counts."""
    shares = node.findall("ScoreDistribution")
    if not shares:
        return None
    if all(share.get("probability") is not None for share in shares):
        return {share.get("value"): real(share, "probability") for share in shares}
    total = sum(real(share, "recordCount") for share in shares)
    if total == 0:
        return None
    return {share.get("value"): real(share, "recordCount") / total for share in shares}


def category(scope, text):
    """A text of the model as a value of the target's type."""
    target = scope.target()
    field = scope.document.data_fields.get(target)
    return parse(text, field.get("dataType")) if field is not None else text


def answer(tree, scope, node, penalties):
    score = node.get("score")
    if tree.get("functionName") == "regression":
        return Result(value=None if score is None else float(score), entity=node.get("id"))
    shares = node.findall("ScoreDistribution")
    if score is None and shares:
        score = best({share.get("value"): real(share, "recordCount") for share in shares})
    if score is None:
        return Result(entity=node.get("id"))
    result = Result(value=category(scope, score), entity=node.get("id"))
    named = probabilities_of(node)
    if named:
        result.probabilities = {category(scope, name): share for name, share in named.items()}
        result.confidences = {category(scope, name): None if share is None else share * penalty(tree, penalties)
                              for name, share in confidences_of(node).items()}
    return result
