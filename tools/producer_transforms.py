"""Recipes of transformers for tools/make-producer-models: scalers, encoders, imputers, expressions, texts."""

import numpy as np
import pandas as pd
from sklearn import decomposition, impute, linear_model, preprocessing, tree
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.neural_network import MLPRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn2pmml import decoration
from sklearn2pmml import preprocessing as more
from sklearn2pmml.feature_extraction.text import Splitter
from sklearn2pmml.neural_network import MLPTransformer
from sklearn2pmml.pipeline import PMMLPipeline
from sklearn2pmml.ruleset import RuleSetClassifier

import producer_data as data
from producer_models import fitted, recipe


# Rows that a transformer has an answer for: the exporter writes none for the others.
INSIDE = {
    "normalizer": lambda pipeline, inputs: (inputs.to_numpy() != 0).any(axis=1),
}


def one_hot():
    return preprocessing.OneHotEncoder(sparse_output=False, handle_unknown="ignore")


def ridge():
    return linear_model.Ridge(1.0)


def tree_model():
    return tree.DecisionTreeClassifier(max_depth=4, random_state=1)


def words(frame):
    return data.with_words(frame)


def both(discrete, continuous="passthrough", columns=2):
    """`discrete` over the first columns, `continuous` over the others."""
    return ColumnTransformer([("words", discrete, list(range(columns))), ("numbers", continuous, list(range(columns, 6)))])


def transforms():
    for name, transformer in [
        ("standard", preprocessing.StandardScaler()), ("minmax", preprocessing.MinMaxScaler()),
        ("maxabs", preprocessing.MaxAbsScaler()), ("robust", preprocessing.RobustScaler()), ("power", preprocessing.PowerTransformer()),
        ("quantile", preprocessing.QuantileTransformer(n_quantiles=20, random_state=1)), ("normalizer", preprocessing.Normalizer()),
        ("binarizer", preprocessing.Binarizer(threshold=25.0)), ("polynomial", preprocessing.PolynomialFeatures(2)),
        ("kbins", preprocessing.KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf")),
        ("kbins_ordinal", preprocessing.KBinsDiscretizer(3, encode="ordinal", strategy="uniform")),
        ("pca", decomposition.PCA(3, random_state=1)), ("svd", decomposition.TruncatedSVD(3, random_state=1)),
        ("log", preprocessing.FunctionTransformer(np.log1p)),
    ]:
        load = data.diabetes
        if name == "log":
            load = lambda: (data.wine()[0], data.wine()[0].iloc[:, 0].rename("target") * 2)  # noqa: E731
        keep = INSIDE.get(name)
        recipe("tr_" + name, type(transformer).__name__ + ", then ridge regression", fitted([transformer, ridge()], load, step=6, inside=name == "log"), keep=keep)
    one_hot = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    recipe("tr_spline", "SplineTransformer of one field, then ridge regression", spline())
    recipe("tr_one_hot", "one-hot encoder of words, scaled numbers", fitted([both(one_hot, preprocessing.StandardScaler()), ridge()], data.diabetes, 6, words))
    recipe("tr_one_hot_drop", "one-hot encoder that drops the first", fitted(
        [both(preprocessing.OneHotEncoder(drop="first", sparse_output=False)), ridge()], data.diabetes, 6, words))
    recipe("tr_one_hot_tree", "a tree over one-hot words: set predicates", fitted([both(one_hot), tree_model()], data.wine, 3, words))
    recipe("tr_ordinal", "ordinal encoder", fitted([both(preprocessing.OrdinalEncoder()), tree_model()], data.wine, 3, words))
    for strategy in ("mean", "median", "most_frequent", "constant"):
        recipe("tr_imputer_" + strategy, f"imputer, {strategy}", fitted(
            [impute.SimpleImputer(strategy=strategy, fill_value=1.5 if strategy == "constant" else None), ridge()], data.diabetes, 6, data.holed))
    recipe("tr_imputer_indicator", "imputer with indicators", fitted([impute.SimpleImputer(add_indicator=True), ridge()], data.diabetes, 6, data.holed))
    recipe("tr_network", "the hidden layer of a network, then ridge regression", fitted(
        [MLPTransformer(MLPRegressor(hidden_layer_sizes=(4, 2), activation="tanh", max_iter=200, random_state=1), 1), ridge()], data.diabetes, 6),
        no_target=True, extra={"progression": lambda pipeline, inputs: pipeline.predict(inputs)})
    recipe("tr_target_log", "a target that was transformed", fitted(
        TransformedTargetRegressor(linear_model.Ridge(), func=np.log, inverse_func=np.exp), data.diabetes, 6))
    domains()
    expressions()


def spline():
    """Within the range that it has learnt; the exporter takes one field."""
    def make():
        frame, target = data.diabetes()
        frame = frame[["bmi"]]
        pipeline = PMMLPipeline([("spline", preprocessing.SplineTransformer(4, extrapolation="error")), ("ridge", ridge())]).fit(frame, target)
        return pipeline, frame.iloc[::6]
    return make


def domains():
    """Mining fields with ranges, values, and treatments of what is missing, invalid, far outside."""
    def domain_case(continuous, discrete, spoil):
        def make():
            frame, target = data.diabetes()
            frame = words(frame)
            mapper = ColumnTransformer([(name, [discrete, PMMLPipeline([("d", decoration.CategoricalDomain(**discrete_options(discrete))), ("o", preprocessing.OneHotEncoder(sparse_output=False, handle_unknown="ignore"))])][1], [name])
                                        for name in frame.columns[:2]]
                                       + [(name, decoration.ContinuousDomain(**continuous), [name]) for name in frame.columns[2:]])
            pipeline = PMMLPipeline([("mapper", mapper), ("ridge", ridge())]).fit(frame, target)
            return pipeline, spoil(data.probes(frame, 8))
        return make

    def holes(frame):
        frame = frame.copy()
        for index, name in enumerate(frame.columns):
            frame.loc[frame.index[3 + index::11], name] = None if frame[name].dtype == object else np.nan
        return frame

    def strange(frame):
        frame = frame.copy()
        frame.loc[frame.index[2::7], frame.columns[0]] = "unheard of"
        return frame

    recipe("dom_outliers", "ranges: extreme values", domain_case(
        {"outlier_treatment": "as_extreme_values", "low_value": 20.0, "high_value": 110.0, "invalid_value_treatment": "as_is"}, {}, lambda frame: frame))
    recipe("dom_missing", "replaced missing values", domain_case(
        {"missing_value_replacement": 40.0, "missing_value_treatment": "as_value", "invalid_value_treatment": "as_is"},
        {"missing_value_replacement": "middle"}, lambda frame: holes(frame).assign(**{frame.columns[1]: frame[frame.columns[1]]})))
    recipe("dom_invalid", "invalid values as missing, then replaced", domain_case(
        {"missing_value_replacement": 50.0, "invalid_value_treatment": "as_missing"},
        {"missing_value_replacement": "low", "invalid_value_treatment": "as_missing"}, lambda frame: strange(frame)))


def discrete_options(options):
    return options or {"invalid_value_treatment": "as_is"}


def expressions():
    """Python expressions and tables, which the exporter writes as Apply, MapValues and Discretize."""
    def over(transformer, columns, load=data.diabetes, prepare=lambda frame: frame, step=8):
        def make():
            frame, target = load()
            frame = prepare(frame)
            mapper = ColumnTransformer([("new", transformer, columns), ("old", "passthrough", ["bp" if load is data.diabetes else frame.columns[-1]])])
            return PMMLPipeline([("mapper", mapper), ("ridge", ridge())]).fit(frame, target), data.probes(frame, step)
        return make

    def numbers(*steps):
        """As an array: these transformers reshape what they get."""
        return PMMLPipeline([("array", preprocessing.FunctionTransformer(validate=True)), *((f"step{i}", each) for i, each in enumerate(steps))])

    def texts_of(*steps):
        return PMMLPipeline([("array", impute.SimpleImputer(strategy="most_frequent")), *((f"step{i}", each) for i, each in enumerate(steps))])

    def formula(expression):
        return more.ExpressionTransformer(expression)

    for name, expression in [
        ("arithmetic", "X[0] * 2.5 - X[1] / 3.0 + X[0] * X[1] * -0.01"),
        ("condition", "X[0] if X[1] > 90.5 else (X[1] if X[0] < 25 and X[1] >= 60 or X[0] == 30.5 else -1.0)"),
        ("functions", "numpy.sqrt(numpy.absolute(X[0])) + numpy.tanh(X[1] / 100.0) + numpy.floor(X[0]) - numpy.ceil(X[1] * 0.3) + numpy.sin(X[0])"),
        ("logarithms", "numpy.log1p(numpy.absolute(X[0])) + numpy.exp(X[1] * -0.01) + numpy.log10(numpy.absolute(X[1]) + 1.0) + numpy.sign(X[0] - 20.0)"),
        ("more_functions", "numpy.arctan(X[0]) + numpy.cosh(X[1] * 0.01) + numpy.rint(X[0] * 0.5) + numpy.expm1(X[1] * 0.001) + pow(X[0], 2)"),
        ("between", "1.0 if X[0] in [24.3, 26.2, 32.1] or X[1] not in [87.0, 101.0] and not X[1] > 100.0 else 0.5"),
    ]:
        recipe("ex_" + name, "an expression: " + expression, over(formula(expression), ["bmi", "bp"]))
    recipe("ex_cut", "bins", over(numbers(more.CutTransformer([-np.inf, 20.0, 25.0, 31.5, np.inf], labels=False), one_hot()), ["bmi"]))
    recipe("ex_cut_left", "bins that are closed at their left", over(numbers(more.CutTransformer([-np.inf, 20.0, 25.0, 31.5, np.inf], right=False, labels=False), one_hot()), ["bmi"]))
    recipe("ex_lookup", "a table of words", over(texts_of(more.LookupTransformer({"low": 1.5, "middle": -2.0}, 0.25)), ["age"], prepare=words))
    recipe("ex_multi_lookup", "a table of two columns", over(
        more.MultiLookupTransformer({("low", "x"): 1.0, ("high", "z"): 2.0, ("middle", "y"): 3.5}, -1.0), ["age", "s1"], prepare=two_words))
    for function in ("min", "max", "mean", "sum", "prod"):
        recipe("ex_aggregate_" + function, "an aggregate of columns: " + function, over(more.AggregateTransformer(function), ["bmi", "bp", "s4"]))
    recipe("ex_power", "a power", over(more.PowerFunctionTransformer(3), ["bmi"]))
    recipe("ex_days", "days since a year", over(PMMLPipeline([("domain", decoration.DateDomain()), ("days", more.DaysSinceYearTransformer(1960))]), ["day"], prepare=days))
    recipe("ex_seconds", "seconds since a year", over(PMMLPipeline([("domain", decoration.DateTimeDomain()), ("seconds", more.SecondsSinceYearTransformer(1990))]), ["day"], prepare=lambda frame: days(frame, times=True)))
    for name, transformer, encode in [
        ("matches", more.MatchesTransformer("^[a-d]+ ?[0-9]*$"), False), ("replace", more.ReplaceTransformer("[0-9]+", "#"), True),
        ("substring", more.SubstringTransformer(0, 2), True), ("upper", more.StringNormalizer("uppercase"), True),
        ("length", more.StringLengthTransformer(), False), ("concat", more.ConcatTransformer("-"), True),
    ]:
        columns = ["code", "kind"] if name == "concat" else ["code"]
        steps = texts_of(transformer, one_hot()) if encode else texts_of(transformer)
        recipe("ex_string_" + name, type(transformer).__name__, over(steps, columns, prepare=codes))
    recipe("rules", "a rule set", lambda: rule_set(), no_probability=True)


def rule_set():
    frame, target = data.iris()
    names = list(frame.columns)
    rules = RuleSetClassifier([(f"X['{names[2]}'] < 2.45", "setosa"), (f"X['{names[3]}'] < 1.75 and X['{names[2]}'] <= 4.95", "versicolor")], default_score="virginica")
    return PMMLPipeline([("rules", rules)]).fit(frame, target), data.probes(frame)


def two_words(frame):
    frame = data.with_words(frame, (0,))
    frame["s1"] = pd.qcut(frame["s1"].rank(method="first"), 3, labels=["x", "y", "z"]).astype(object) if "s1" in frame else \
        np.array(["x", "y", "z"], dtype=object)[np.arange(len(frame)) % 3]
    return frame


def codes(frame):
    """A column of short codes, and one of two words."""
    numbers = np.arange(len(frame))
    frame = frame.copy()
    frame["code"] = [["ab", "Cd 1", " abc", "dd12", "a b", "bad", "ca 7"][i % 7] + ("9" if i % 3 == 0 else "") for i in numbers]
    frame["kind"] = [["one", "Two"][i % 2] for i in numbers]
    return frame.astype({"code": object, "kind": object})


def days(frame, times=False):
    """A column of dates from before 1960 until after 2020."""
    frame = frame.copy()
    start = pd.Timestamp("1958-12-30 23:59:58")
    frame["day"] = [start + pd.Timedelta(days=53.37 * i) for i in range(len(frame))]
    frame["day"] = frame["day"].dt.floor("s") if times else frame["day"].dt.normalize()
    return frame


# --- Texts -------------------------------------------------------------------------------------------------

def texts():
    for name, vectorizer, about in [
        ("count", CountVectorizer(lowercase=True, token_pattern=None, tokenizer=Splitter(), max_features=20), "counts of words"),
        ("binary", CountVectorizer(binary=True, token_pattern=None, tokenizer=Splitter(), max_features=15), "words or none"),
        ("ngram", CountVectorizer(ngram_range=(1, 2), token_pattern=None, tokenizer=Splitter(), max_features=25), "words and pairs of words"),
        ("tfidf", TfidfVectorizer(norm=None, token_pattern=None, tokenizer=Splitter(), max_features=20), "term frequency, inverse document frequency"),
        ("sublinear", TfidfVectorizer(norm=None, sublinear_tf=True, token_pattern=None, tokenizer=Splitter(), max_features=15), "logarithmic term frequency"),
        ("token_pattern", CountVectorizer(max_features=20), "words as scikit-learn finds them by default"),
        ("stop", TfidfVectorizer(norm=None, stop_words=["the", "a", "it"], token_pattern=None, tokenizer=Splitter(), max_features=15), "with stop words"),
    ]:
        def make(vectorizer=vectorizer):
            frame, target = data.sentences()
            mapper = ColumnTransformer([("note", vectorizer, "note")])
            pipeline = PMMLPipeline([("mapper", mapper), ("model", linear_model.LogisticRegression(max_iter=2000))]).fit(frame, target)
            return pipeline, frame.iloc[::2]
        recipe("text_" + name, about, make)
