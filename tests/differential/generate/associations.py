"""Random AssociationModels over transactions."""

from .fields import Field, document, element

ITEMS = ["beer", "wine", "a b", "x,y", "it's", "fish", "Brot", "1"]


def figure(rng):
    return repr(round(rng.choice([rng.random(), 0.5, 0.25]), 3))  # some are equal: then the order of the document counts


def association(rng):
    items = rng.sample(ITEMS, rng.randint(2, len(ITEMS)))
    text = "".join(element("Item", id_=str(i), value=item) for i, item in enumerate(items))
    sets, count = "", rng.randint(2, 10)
    for index in range(count):
        members = rng.sample(range(len(items)), rng.randint(1, min(3, len(items))))
        sets += element("Itemset", "".join(element("ItemRef", itemRef=str(each)) for each in members), id_=f"s{index}")
    rules = "".join(element("AssociationRule", id_=f"r{i}" if named else None, antecedent=f"s{rng.randrange(count)}", consequent=f"s{rng.randrange(count)}",
                            support=figure(rng), confidence=figure(rng), lift=figure(rng), leverage=figure(rng), affinity=figure(rng))
                    for named in [rng.random() < 0.5] for i in range(rng.randint(1, 15)))
    outputs = ""
    for index in range(rng.randint(1, 6)):
        several = rng.random() < 0.4
        feature = rng.choice(["ruleId"] if several else ["ruleId", "support", "confidence", "lift", "leverage", "affinity"])
        outputs += element("OutputField", name=f"o{index}", optype="categorical" if feature == "ruleId" else "continuous", dataType="string" if feature == "ruleId" else "double",
                           feature="ruleValue", ruleFeature=feature, algorithm=rng.choice(["recommendation", "exclusiveRecommendation", "ruleAssociation"]),
                           rank=str(rng.choice([0, 2]) if several else rng.randint(1, 3)), rankBasis=rng.choice(["confidence", "support", "lift", "leverage", "affinity", None]),
                           rankOrder=rng.choice(["descending", "ascending", None]), isMultiValued="1" if several else rng.choice([None, "0"]))
    schema = element("MiningSchema", element("MiningField", name="basket", usageType="group") + element("MiningField", name="item", usageType="active"))
    model = element("AssociationModel", schema + element("Output", outputs) + text + sets + rules, functionName="associationRules", numberOfTransactions=10,
                    minimumSupport="0", minimumConfidence="0", numberOfItems=len(items), numberOfItemsets=count, numberOfRules=rules.count("<AssociationRule"))
    basket = Field("basket", "string", "categorical", ["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8"], listed=False, plain=True)
    item = Field("item", "string", "categorical", [*items, "never heard of"], listed=False, plain=True)
    return document([basket, item], None, model), [basket, item], None


FAMILIES = {"association": association}
