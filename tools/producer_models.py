"""Recipes of tools/make-producer-models: which estimator learns what from which data set.

A recipe gives a fitted pipeline and the inputs to ask it about. They are small on purpose: a few trees, some
dozen rows; what counts is the variety of what exporters write.
"""

from dataclasses import dataclass, field
from typing import Callable

import numpy as np
from sklearn import (calibration, cluster, cross_decomposition, discriminant_analysis, dummy, ensemble, isotonic,
                     linear_model, multiclass, naive_bayes, neighbors, neural_network, svm, tree)
from sklearn2pmml.pipeline import PMMLPipeline

import producer_data as data


@dataclass
class Recipe:
    name: str
    about: str
    make: Callable  # () -> fitted pipeline or estimator, inputs
    extra: dict = field(default_factory=dict)  # column -> function of pipeline and inputs
    tolerance: float = 1e-9
    no_target: bool = False
    no_probability: bool = False
    keep: Callable | None = None  # pipeline, inputs -> mask of the rows that are asked


RECIPES = []


def recipe(name, about, make, **options):
    RECIPES.append(Recipe("producer_" + name, about, make, **options))


def quarters(frame):
    """Numbers that are the same in 32 bits: a model of trees makes fields of 32 bits of all."""
    return (frame * 4).round() / 4


def fitted(steps, load, step=5, prepare=lambda frame: frame, missing=False, inside=False, **fit):
    """make() of a plain case. `steps`: an estimator, or a list of steps that ends in one."""
    def make():
        frame, target = load()
        frame = prepare(frame)
        pipeline = PMMLPipeline([(f"step{i}", each) for i, each in enumerate(steps if isinstance(steps, list) else [steps])])
        if missing:  # else the exporter leaves out where a tree sends missing values
            pipeline.configure(allow_missing=True)
        pipeline.fit(frame, target, **fit)
        if inside:  # only rows as it has learnt from
            return pipeline, frame.iloc[::step]
        rows = data.probes(frame, step)
        return pipeline, quarters(rows) if prepare is quarters else rows
    return make


def decided(pipeline, inputs):
    """Rows that do not lie on the border of two classes."""
    scores = np.asarray(pipeline.decision_function(inputs))
    if scores.ndim == 1:
        return np.abs(scores) > 1e-7
    best = np.sort(scores, axis=1)
    return best[:, -1] - best[:, -2] > 1e-7


def clear_vote(pipeline, inputs):
    """Rows whose neighbours do not vote alike for two labels."""
    if not isinstance(pipeline._final_estimator, neighbors.KNeighborsClassifier):
        return np.full(len(inputs), True)
    best = np.sort(pipeline.predict_proba(inputs), axis=1)
    return best[:, -1] - best[:, -2] > 1e-7


# --- Trees and ensembles of them ---------------------------------------------------------------------

def trees():
    clf, reg = ensemble, ensemble
    for name, load, estimator, about in [
        ("sk_tree", data.iris, tree.DecisionTreeClassifier(max_depth=4, random_state=1), "decision tree, three classes"),
        ("sk_tree_reg", data.diabetes, tree.DecisionTreeRegressor(max_leaf_nodes=30, random_state=1), "regression tree"),
        ("sk_extra_tree", data.wine, tree.ExtraTreeClassifier(max_depth=6, random_state=1), "extremely random tree"),
        ("sk_forest", data.iris, clf.RandomForestClassifier(6, max_depth=4, random_state=2), "random forest"),
        ("sk_forest_reg", data.diabetes, reg.RandomForestRegressor(5, max_leaf_nodes=16, random_state=2), "random forest"),
        ("sk_extra_trees", data.wine, clf.ExtraTreesClassifier(5, max_depth=5, random_state=3), "extra trees"),
        ("sk_extra_trees_reg", data.diabetes, reg.ExtraTreesRegressor(5, max_depth=4, random_state=3), "extra trees"),
        ("sk_boosting", data.cancer, clf.GradientBoostingClassifier(n_estimators=8, random_state=4), "gradient boosting, two classes"),
        ("sk_boosting_multi", data.iris, clf.GradientBoostingClassifier(n_estimators=4, max_depth=2, random_state=4), "gradient boosting, three classes"),
        ("sk_boosting_exponential", data.cancer, clf.GradientBoostingClassifier(loss="exponential", n_estimators=5, random_state=4), "exponential loss"),
        ("sk_boosting_reg", data.diabetes, reg.GradientBoostingRegressor(n_estimators=8, random_state=4), "gradient boosting"),
        ("sk_boosting_huber", data.diabetes, reg.GradientBoostingRegressor(loss="huber", n_estimators=5, random_state=4), "gradient boosting, Huber's loss"),
        ("sk_adaboost", data.cancer, clf.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=2, random_state=1), n_estimators=5, random_state=5, algorithm="SAMME"), "AdaBoost (SAMME)"),
        ("sk_adaboost_reg", data.diabetes, reg.AdaBoostRegressor(tree.DecisionTreeRegressor(max_depth=3, random_state=1), n_estimators=5, random_state=5), "AdaBoost.R2: a weighted median"),
        ("sk_bagging", data.wine, clf.BaggingClassifier(tree.DecisionTreeClassifier(max_depth=3, random_state=1), 4, max_features=4, random_state=6), "bagging, each of some features"),
        ("sk_bagging_reg", data.diabetes, reg.BaggingRegressor(linear_model.Ridge(), 4, random_state=6), "bagging of linear models"),
    ]:
        recipe(name, about, fitted(estimator, load), no_probability=name == "sk_adaboost")
    recipe("sk_tree_missing", "decision tree with missing values",
           fitted(tree.DecisionTreeClassifier(max_depth=5, random_state=1), data.wine, prepare=data.holed, missing=True))
    recipe("sk_tree_reg_missing", "regression tree with missing values",
           fitted(tree.DecisionTreeRegressor(max_depth=4, random_state=1), data.diabetes, prepare=data.holed, missing=True))
    recipe("sk_forest_missing", "random forest with missing values",
           fitted(ensemble.RandomForestClassifier(5, max_depth=4, random_state=1), data.cancer, prepare=data.holed, missing=True))
    recipe("sk_hist", "histogram boosting, three classes, missing values",
           fitted(ensemble.HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=6, random_state=1), data.wine, prepare=data.holed))
    recipe("sk_hist_two", "histogram boosting, two classes, missing values",
           fitted(ensemble.HistGradientBoostingClassifier(max_iter=6, max_leaf_nodes=6, random_state=1), data.cancer, prepare=data.holed))
    recipe("sk_hist_reg", "histogram boosting",
           fitted(ensemble.HistGradientBoostingRegressor(max_iter=6, max_leaf_nodes=6, random_state=1), data.diabetes, prepare=data.holed))
    few = tree.DecisionTreeClassifier(max_depth=3, random_state=1)
    members = [("tree", few), ("logistic", linear_model.LogisticRegression(max_iter=2000)), ("bayes", naive_bayes.GaussianNB())]
    recipe("sk_voting_soft", "a vote of probabilities", fitted(ensemble.VotingClassifier(members[:2], voting="soft", weights=[1, 2]), data.iris, prepare=quarters))
    recipe("sk_voting_hard", "a vote of a tree, a logistic and a bagging", fitted(
        ensemble.VotingClassifier([*members[:2], ("forest", ensemble.ExtraTreesClassifier(3, max_depth=3, random_state=1))], voting="hard"), data.iris), no_probability=True)
    recipe("sk_voting_bayes", "a vote with naive Bayes in it", fitted(ensemble.VotingClassifier(members, voting="soft"), data.iris, prepare=quarters))
    numbers = [("tree", tree.DecisionTreeRegressor(max_depth=3, random_state=1)), ("ridge", linear_model.Ridge())]
    recipe("sk_voting_reg", "a weighted average of regressions", fitted(ensemble.VotingRegressor(numbers, weights=[0.3, 0.7]), data.diabetes, prepare=quarters))
    recipe("sk_one_against_rest", "boosted trees, each against the rest: chains in a chain, an output named inside and outside",
           fitted(multiclass.OneVsRestClassifier(ensemble.GradientBoostingClassifier(n_estimators=3, max_depth=2, random_state=1)), data.iris))
    recipe("sk_stacking", "stacking", fitted(ensemble.StackingClassifier(members[:2], linear_model.LogisticRegression(max_iter=2000), cv=3), data.iris, prepare=quarters))
    recipe("sk_stacking_reg", "stacking of regressions", fitted(ensemble.StackingRegressor(numbers, linear_model.LinearRegression(), cv=3), data.diabetes, prepare=quarters))


# --- Linear models ---------------------------------------------------------------------------------------

def linear():
    for name, estimator in [
        ("linear", linear_model.LinearRegression()), ("ridge", linear_model.Ridge(2.0)), ("lasso", linear_model.Lasso(1.0)),
        ("elastic", linear_model.ElasticNet(0.5)), ("bayesian_ridge", linear_model.BayesianRidge()), ("ard", linear_model.ARDRegression()),
        ("huber", linear_model.HuberRegressor(max_iter=2000)), ("lars", linear_model.Lars()), ("omp", linear_model.OrthogonalMatchingPursuit()),
        ("theil_sen", linear_model.TheilSenRegressor(random_state=1)), ("quantile", linear_model.QuantileRegressor(quantile=0.7, alpha=0.1)),
        ("poisson", linear_model.PoissonRegressor(max_iter=500)), ("gamma", linear_model.GammaRegressor(max_iter=500)),
        ("tweedie", linear_model.TweedieRegressor(power=1.5, max_iter=500)), ("linear_svr", svm.LinearSVR(random_state=1, max_iter=50000)),
        ("dummy_reg", dummy.DummyRegressor(strategy="median")),
    ]:
        recipe("sk_" + name, type(estimator).__name__, fitted(estimator, data.diabetes, step=6))
    recipe("sk_isotonic", "isotonic regression of one field", fitted(isotonic.IsotonicRegression(out_of_bounds="clip"),
           lambda: (data.diabetes()[0].iloc[:, [1]], data.diabetes()[1])))
    recipe("sk_pls", "partial least squares", fitted(cross_decomposition.PLSRegression(2), data.diabetes, step=6))
    for name, estimator, load in [
        ("logistic", linear_model.LogisticRegression(max_iter=5000), data.cancer),
        ("logistic_multi", linear_model.LogisticRegression(max_iter=5000), data.iris),
        ("logistic_ovr", multiclass.OneVsRestClassifier(linear_model.LogisticRegression(max_iter=5000)), data.iris),
        ("lda", discriminant_analysis.LinearDiscriminantAnalysis(), data.wine),
        ("lda_two", discriminant_analysis.LinearDiscriminantAnalysis(), data.cancer),
        ("sgd_log", linear_model.SGDClassifier(loss="log_loss", random_state=1), data.iris),
        ("sgd_huber", linear_model.SGDClassifier(loss="modified_huber", random_state=1), data.cancer),
        ("dummy", dummy.DummyClassifier(strategy="prior"), data.iris),
        ("calibrated", calibration.CalibratedClassifierCV(linear_model.LogisticRegression(max_iter=5000), cv=2), data.cancer),
    ]:
        recipe("sk_" + name, type(estimator).__name__, fitted(estimator, load, step=4))
    for name, estimator, load in [
        ("ridge_clf", linear_model.RidgeClassifier(), data.iris), ("ridge_clf_two", linear_model.RidgeClassifier(), data.cancer),
        ("perceptron", linear_model.Perceptron(random_state=1), data.cancer), ("sgd_hinge", linear_model.SGDClassifier(random_state=1), data.cancer),
        ("linear_svc", svm.LinearSVC(random_state=1, max_iter=50000), data.iris), ("linear_svc_two", svm.LinearSVC(random_state=1, max_iter=50000), data.cancer),
    ]:
        recipe("sk_" + name, type(estimator).__name__ + ": labels", fitted(estimator, load, step=4), keep=decided, no_probability=True)


# --- Distances, kernels, networks, clusters, outliers --------------------------------------------------

def others():
    for name, estimator, load in [
        ("svc", svm.SVC(), data.iris), ("svc_linear", svm.SVC(kernel="linear"), data.wine), ("svc_poly", svm.SVC(kernel="poly", degree=2, coef0=1.0), data.iris),
        ("svc_sigmoid", svm.SVC(kernel="sigmoid", coef0=0.1), data.iris), ("svc_two", svm.SVC(C=0.5), data.cancer),
        ("nusvc", svm.NuSVC(nu=0.3), data.iris),
    ]:
        # The votes of pairs decide, so a border is where any pair is undecided.
        def clear(pipeline, inputs):
            pipeline._final_estimator.decision_function_shape = "ovo"
            return (np.abs(np.asarray(pipeline.decision_function(inputs)).reshape(len(inputs), -1)) > 1e-7).all(axis=1)
        recipe("sk_" + name, f"{type(estimator).__name__}, {estimator.kernel} kernel", fitted(estimator, few(load, 2), step=3), keep=clear, no_probability=True)
    recipe("sk_svr", "SVR, rbf kernel", fitted(svm.SVR(C=100.0), few(data.diabetes), step=2))
    recipe("sk_nusvr", "NuSVR, rbf kernel", fitted(svm.NuSVR(nu=0.1), few(data.diabetes), step=2))
    function = lambda pipeline, inputs: pipeline.decision_function(inputs)  # noqa: E731
    recipe("sk_one_class_svm", "one-class SVM", fitted(svm.OneClassSVM(nu=0.1), data.iris), extra={"decisionFunction": function}, no_target=True)
    recipe("sk_isolation_forest", "isolation forest", fitted(ensemble.IsolationForest(n_estimators=6, max_samples=32, random_state=1), data.iris),
           extra={"decisionFunction": function}, no_target=True)
    recipe("sk_kmeans", "k-means", fitted(cluster.KMeans(4, n_init=2, random_state=1), data.iris), no_target=True,
           extra={"cluster": lambda pipeline, inputs: pipeline.predict(inputs),
                  **{f"affinity({i})": lambda pipeline, inputs, i=i: pipeline._final_estimator.transform(inputs)[:, i] ** 2 for i in range(4)}})
    for name, estimator, load in [
        ("knn", neighbors.KNeighborsClassifier(5), data.iris),
        ("knn_manhattan", neighbors.KNeighborsClassifier(3, p=1), data.wine),
        ("knn_reg", neighbors.KNeighborsRegressor(4), data.diabetes),
        ("knn_distance", neighbors.KNeighborsRegressor(4, weights="distance", metric="manhattan"), data.diabetes),
        ("nearest_centroid", neighbors.NearestCentroid(), data.iris),
    ]:
        recipe("sk_" + name, type(estimator).__name__, fitted(estimator, few(load), step=2), no_probability=True, keep=clear_vote)
    recipe("sk_gaussian_nb", "Gaussian naive Bayes", fitted(naive_bayes.GaussianNB(), data.iris), tolerance=1e-8)
    recipe("sk_gaussian_nb_two", "Gaussian naive Bayes, two classes", fitted(naive_bayes.GaussianNB(), data.cancer), tolerance=1e-8)
    for activation in ("relu", "tanh", "logistic", "identity"):
        recipe(f"sk_mlp_{activation}", f"multilayer perceptron, {activation}",
               fitted(neural_network.MLPClassifier((5, 4), activation=activation, max_iter=300, random_state=1), data.iris))
    recipe("sk_mlp_two", "multilayer perceptron, two classes", fitted(neural_network.MLPClassifier((4,), max_iter=300, random_state=1), data.cancer, step=8))
    recipe("sk_mlp_reg", "multilayer perceptron", fitted(neural_network.MLPRegressor(hidden_layer_sizes=(6,), max_iter=300, random_state=1), data.diabetes, step=6))


def few(load, step=4):
    """Every so-many-th row of a data set: a model of neighbours holds them all."""
    def some():
        frame, target = load()
        return frame.iloc[::step].reset_index(drop=True), target.iloc[::step].reset_index(drop=True)
    return some


def recipes():
    import producer_boosters
    import producer_transforms
    RECIPES.clear()
    for family in (trees, linear, others, producer_transforms.transforms, producer_transforms.texts, producer_boosters.boosters):
        family()
    return RECIPES
