"""The families of random models, and one check of one seed."""

import random
import re

from differential import compare
from differential.generate import associations, distances, models, scores, trees
from differential.generate.fields import records

EXACT = {"tree", "forest", "segments"}  # bit for bit
MAKERS = {**trees.FAMILIES, **models.FAMILIES, **distances.FAMILIES, **scores.FAMILIES, **associations.FAMILIES}
ROWS = 40


def names():
    return list(MAKERS)


def make(name, seed):
    """(text of the model, fields, rows)"""
    rng = random.Random(f"{name} {seed}")
    text, fields, _ = MAKERS[name](rng)
    return text, fields, records(rng, fields, ROWS)


def check(program, folder, name, seed):
    text, fields, rows = make(name, seed)
    return compare.compare(program, folder, text, fields, rows, name in EXACT)


def kind_of(refusal):
    """A refusal without names and numbers, to count alike ones."""
    return re.sub(r'"[^"]*"|\d+', "…", refusal)
