"""Data sets of tools/make-producer-models: scikit-learn's own as data frames, with holes, with words, with sentences."""

import numpy as np
import pandas as pd
from sklearn import datasets

_NAMES = str.maketrans({" ": "_", "(": "", ")": "", "/": "_"})


def _frame(bunch, columns=None, digits=4):
    names = [str(name).translate(_NAMES) for name in bunch.feature_names]
    frame = pd.DataFrame(bunch.data, columns=names).round(digits)
    return frame if columns is None else frame.iloc[:, list(columns)]


def _named(bunch, name):
    return pd.Series(np.array([str(each) for each in bunch.target_names])[bunch.target], name=name)


def iris():
    bunch = datasets.load_iris()
    return _frame(bunch), _named(bunch, "species")


def wine(columns=range(6)):
    bunch = datasets.load_wine()
    return _frame(bunch, columns), _named(bunch, "cultivar")


def cancer(columns=range(6)):
    bunch = datasets.load_breast_cancer()
    return _frame(bunch, columns), _named(bunch, "diagnosis")


def diabetes(columns=(0, 2, 3, 4, 7, 8)):
    bunch = datasets.load_diabetes(scaled=False)
    return _frame(bunch, columns), pd.Series(bunch.target, name="progression")


def holed(frame, share=0.12, seed=5):
    """With missing values: the first row misses all, the second none."""
    holes = np.random.default_rng(seed).random(frame.shape) < share
    holes[0], holes[1] = True, False
    return frame.mask(pd.DataFrame(holes, columns=frame.columns, index=frame.index))


def with_words(frame, columns=(0, 1)):
    """Some columns as words: three of each, cut at the terciles."""
    frame = frame.copy()
    for number, index in enumerate(columns):
        words = [["low", "middle", "high"], ["a b", "c,d", "e\"f"], ["x", "y", "z"]][number]
        name = frame.columns[index]
        frame[name] = pd.qcut(frame[name].rank(method="first"), 3, labels=words).astype(object)
    return frame


def with_categories(frame, columns=(0, 1)):
    frame = with_words(frame, columns)
    for index in columns:
        frame[frame.columns[index]] = frame[frame.columns[index]].astype("category")
    return frame


def probes(frame, step=3, seed=7):
    """Every so-many-th row, and rows far outside of the data: zero, negative, huge, at random from thrice its range."""
    rows = frame.iloc[::step]
    numeric = [name for name in frame.columns if frame[name].dtype.kind == "f"]
    extra = frame.iloc[[1] * 6].copy()
    low, high = frame[numeric].min().to_numpy(), frame[numeric].max().to_numpy()
    rng = np.random.default_rng(seed)
    wide = [low - (high - low) + 3 * (high - low) * rng.random(len(low)) for _ in range(3)]
    extra[numeric] = np.round(np.vstack([np.zeros_like(low), -high, 10 * high, *wide]), 3)
    if not numeric:
        extra = extra.iloc[:0]
    back = pd.concat([rows, extra], ignore_index=True)
    return back.astype({name: frame[name].dtype for name in frame.columns})


def sentences(count=90, seed=3):
    """Short texts of two moods, of words of our own, with the punctuation and capitals that tokenizers meet."""
    rng = np.random.default_rng(seed)
    good = "bright fresh lovely ripe smooth round warm".split()
    bad = "flat sour thin harsh dull bitter".split()
    plain = "the a wine glass was and finish with very it nose oak apple".split()
    marks = ["", "", "", ",", ".", "!", "..."]
    texts, moods = [], []
    for _ in range(count):
        mood = rng.random() < 0.5
        words = []
        for _ in range(int(rng.integers(3, 12))):
            kind = rng.random()
            pool = plain if kind < 0.55 else (good if mood else bad) if kind < 0.9 else (bad if mood else good)
            word = pool[rng.integers(len(pool))]
            words.append((word.capitalize() if rng.random() < 0.2 else word) + marks[rng.integers(len(marks))])
        texts.append(" ".join(words))
        moods.append("liked" if mood else "disliked")
    return pd.DataFrame({"note": pd.Series(texts, dtype=object)}), pd.Series(moods, name="mood")
