"""Scores wines with a model: one by one, then as columns.

    pip install ./python        # once; libmillrace-model must be installed, or named in MILLRACE_LIBRARY
    python3 examples/score.py data/models/wine-2-regression.pmml
"""
import sys

import numpy

import millrace

model = millrace.Model(sys.argv[1])
print("inputs:", ", ".join(f"{each.name} ({each.type})" for each in model.inputs))

row = model.score_row(alcohol=13.9, malic_acid=1.7, color_intensity=5.0)
print("one:", row["cultivar"])

results = model.score({"alcohol": numpy.array([13.9, 12.3, numpy.nan]), "malic acid": [1.7, 1.1, 2.0],
                       "color_intensity": [5.0, 2.3, 3.1]})
for number, cultivar in enumerate(results["cultivar"]):
    print(f"row {number}:", results.errors.get(number, cultivar))
