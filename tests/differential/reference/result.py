"""What a model answers before its Output element looks at it."""

from dataclasses import dataclass, field


@dataclass
class Result:
    value: object = None  # the prediction; None is a missing one
    probabilities: dict | None = None  # category -> probability, in the order of the document
    confidences: dict | None = None
    entity: str | None = None  # id of the winning entity: a node, a cluster, a rule
    ran: bool = True  # False: a segment's or a tree's predicate kept the model from running
    affinities: dict | None = None  # entity -> distance or similarity, in the order of the document
    ranking: list = field(default_factory=list)  # entities, best first
    reasons: list = field(default_factory=list)  # reason codes, first first
    outputs: dict = field(default_factory=dict)  # of the model's own Output
    numbers: dict = field(default_factory=dict)  # further features by name


def best(shares):
    """The category of the largest share; the first of the document among equals."""
    winner = None
    for category, share in shares.items():
        if share is not None and (winner is None or share > shares[winner]):
            winner = category
    return winner
