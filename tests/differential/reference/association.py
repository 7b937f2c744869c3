"""AssociationModel (PMML 4.4, Association Rules) over transactions: the rows of a group are one transaction.

A rule is a recommendation when its antecedent is in the transaction, an exclusive one when its consequent is not, and an
association when it is.
"""

from .document import real


def groups(name, rows):
    """Rows by the value of the group field, in order of first appearance; rows without one are a group too."""
    found = {}
    for row in rows:
        found.setdefault(row.get(name), []).append(row)
    return list(found.values())


class Rules:
    def __init__(self, model):
        items = {each.get("id"): each.get("mappedValue") or each.get("value") for each in model.findall("Item")}
        sets = {each.get("id"): [items[reference.get("itemRef")] for reference in each.findall("ItemRef")] for each in model.findall("Itemset")}
        self.rules = []
        for number, rule in enumerate(model.findall("AssociationRule"), 1):
            self.rules.append({"ruleId": rule.get("id") or str(number), "antecedent": sets[rule.get("antecedent")], "consequent": sets[rule.get("consequent")],
                               **{name: real(rule, name) for name in ("support", "confidence", "lift", "leverage", "affinity")}})

    def chosen(self, algorithm, items):
        """The rules that an algorithm picks for a transaction, in the order of the document."""
        for rule in self.rules:
            if not set(rule["antecedent"]) <= items:
                continue
            inside = set(rule["consequent"]) <= items
            if algorithm == "recommendation" or algorithm == ("ruleAssociation" if inside else "exclusiveRecommendation"):
                yield rule


def value(output, rules, items):
    basis, descending = output.get("rankBasis", "confidence"), output.get("rankOrder", "descending") == "descending"
    chosen = list(rules.chosen(output.get("algorithm", "exclusiveRecommendation"), items))
    ranked = sorted(chosen, key=lambda rule: -rule[basis] if descending else rule[basis])
    rank, feature = int(output.get("rank", "1")), output.get("ruleFeature", "consequent")
    if output.get("isMultiValued", "0") == "1":
        return [rule[feature] for rule in (ranked if rank == 0 else ranked[:rank])]
    return ranked[rank - 1][feature] if rank <= len(ranked) else None


def score(document, rows):
    """[{output: value}] of each group."""
    model = document.model
    usage = {field.get("name"): field.get("usageType", "active") for field in model.find("MiningSchema")}
    group = next(name for name, kind in usage.items() if kind == "group")
    item = next(name for name, kind in usage.items() if kind == "active")
    rules = Rules(model)
    answers = []
    for transaction in groups(group, rows):
        items = {row[item] for row in transaction if row.get(item) is not None}
        answers.append({output.get("name"): value(output, rules, items) for output in model.find("Output")})
    return answers
