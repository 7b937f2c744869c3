"""The program against the plain interpreter (reference/) on random models and records, for fixed seeds.

A family that the program refuses in every model is skipped by name. For a longer search: tests/differential/search.
"""

import collections
import os

import pytest

from differential import compare, families

SEEDS = int(os.environ.get("MILLRACE_DIFFERENTIAL_SEEDS") or 25)  # of each family; 25: some 30 s


@pytest.mark.parametrize("family", families.names())
def test_family(family, tmp_path, counts):
    refusals, problems = collections.Counter(), []
    for seed in range(SEEDS):
        outcome = families.check(compare.program_path(), tmp_path, family, seed)
        counts[family].update(models=1, refused=bool(outcome.refused), rows=0 if outcome.refused else outcome.rows,
                              different=bool(outcome.differences))
        if outcome.refused:
            refusals[families.kind_of(outcome.refused)] += 1
        problems += [f"seed {seed}: {each}" for each in outcome.differences[:2]]
    assert not problems, "\n".join([f"see it with tests/differential/search --family {family} --first SEED --seeds 1 --one", *problems[:10]])
    if sum(refusals.values()) == SEEDS:
        pytest.skip(f"all refused: {refusals.most_common(1)[0][0]}")


SPOILS = [("forest", "lessThan", "lessOrEqual"), ("forest", "lessOrEqual", "lessThan"), ("forest", "isIn", "isNotIn"),
          ("association", "descending", "ascending"), ("scorecard", "pointsAbove", "pointsBelow"), ("clustering", "gaussSim", "absDiff"),
          ("neural_network", "tanh", "logistic"), ("transformations", "asExtremeValues", "asIs")]


@pytest.mark.parametrize(("family", "spoil", "other"), SPOILS)
def test_another_model_is_seen(family, spoil, other, tmp_path):
    """The comparison can fail: the program is given another word of the model than the interpreter."""
    for seed in range(60):
        text, fields, rows = families.make(family, seed)
        spoiled = text.replace(f'"{spoil}"', f'"{other}"')
        if spoiled == text:
            continue
        outcome = compare.compare(compare.program_path(), tmp_path, spoiled, fields, rows, family in families.EXACT, batches=(), reference=text)
        if outcome.differences:
            return
    raise AssertionError("no difference was found")
