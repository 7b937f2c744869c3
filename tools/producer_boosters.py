"""Recipes of XGBoost and LightGBM for tools/make-producer-models.

XGBoost computes in 32 bits, so its probabilities are compared within 2e-6: what it sums and exponentiates
there has seven digits. Its margins' trees are compared all the same, as a wrong branch shows far above that.
"""

import lightgbm
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import LabelEncoder
from sklearn2pmml.decoration import CategoricalDomain, ContinuousDomain
from sklearn2pmml.pipeline import PMMLPipeline

import producer_data as data
from producer_models import fitted, recipe

SINGLE = 2e-6


def coded(load):
    """With classes 0, 1, ..., as XGBoost wants them."""
    def numbered():
        frame, target = load()
        values = LabelEncoder().fit_transform(target)
        return frame, type(target)(values, name=target.name)
    return numbered


def float_rows(frame):
    """Values that are the same in 32 bits."""
    return frame.round(2)


def with_categories(booster, load, missing=False):
    """Two columns of words beside numbers, as pandas categories, in the exporter's own words for them."""
    def make():
        frame, target = load()
        frame = data.with_words(frame)
        if missing:
            frame = data.holed(frame).astype({name: object for name in frame.columns[:2]})
            frame = frame.where(frame.notna(), None).infer_objects()
            for name in frame.columns[2:]:
                frame[name] = frame[name].astype(float)
        words, numbers = list(frame.columns[:2]), list(frame.columns[2:])
        mapper = ColumnTransformer([*((name, CategoricalDomain(dtype="category"), [name]) for name in words),
                                    ("numbers", ContinuousDomain(with_data=False), numbers)], verbose_feature_names_out=False)
        mapper.set_output(transform="pandas")
        pipeline = PMMLPipeline([("mapper", mapper), ("booster", booster)])
        pipeline.fit(frame, target)
        return pipeline, data.probes(frame, 5)
    return make


def boosters():
    few = {"n_estimators": 5, "max_depth": 3, "random_state": 1}
    for name, estimator, load in [
        ("xgb_two", xgboost.XGBClassifier(**few), coded(data.cancer)),
        ("xgb_multi", xgboost.XGBClassifier(**few), coded(data.iris)),
        ("xgb_softmax", xgboost.XGBClassifier(objective="multi:softprob", **few), coded(data.wine)),
        ("xgb_reg", xgboost.XGBRegressor(**few), data.diabetes),
        ("xgb_poisson", xgboost.XGBRegressor(objective="count:poisson", **few), data.diabetes),
        ("xgb_gamma", xgboost.XGBRegressor(objective="reg:gamma", **few), data.diabetes),
        ("xgb_tweedie", xgboost.XGBRegressor(objective="reg:tweedie", **few), data.diabetes),
        ("xgb_logistic", xgboost.XGBRegressor(objective="reg:logistic", **few), lambda: (data.cancer()[0], data.cancer()[1].eq("benign").astype(float))),
        ("xgb_dart", xgboost.XGBRegressor(booster="dart", rate_drop=0.3, **few), data.diabetes),
        ("xgb_forest", xgboost.XGBRFClassifier(**few), coded(data.cancer)),
        ("xgb_forest_reg", xgboost.XGBRFRegressor(**few), data.diabetes),
    ]:
        recipe(name, f"{type(estimator).__name__}, {estimator.objective}", fitted(estimator, load, prepare=float_rows), tolerance=SINGLE)
    missing = lambda frame: data.holed(frame.round(2))  # noqa: E731
    recipe("xgb_missing", "XGBClassifier with missing values", fitted(xgboost.XGBClassifier(**few), coded(data.cancer), prepare=missing), tolerance=SINGLE)
    recipe("xgb_missing_multi", "XGBClassifier with missing values, three classes",
           fitted(xgboost.XGBClassifier(**few), coded(data.wine), prepare=missing), tolerance=SINGLE)
    recipe("xgb_missing_reg", "XGBRegressor with missing values", fitted(xgboost.XGBRegressor(**few), data.diabetes, prepare=missing), tolerance=SINGLE)
    recipe("xgb_categories", "XGBClassifier with columns of words",
           with_categories(xgboost.XGBClassifier(enable_categorical=True, max_cat_to_onehot=2, **few), coded(data.cancer)), tolerance=SINGLE)
    recipe("xgb_categories_missing", "XGBRegressor with columns of words, missing values",
           with_categories(xgboost.XGBRegressor(enable_categorical=True, max_cat_to_onehot=2, **few), data.diabetes, missing=True), tolerance=SINGLE)
    light = {"n_estimators": 5, "num_leaves": 7, "random_state": 1, "verbose": -1, "min_child_samples": 5, "deterministic": True, "n_jobs": 1}
    for name, estimator, load in [
        ("lgbm_two", lightgbm.LGBMClassifier(**light), data.cancer),
        ("lgbm_multi", lightgbm.LGBMClassifier(**light), data.iris),
        ("lgbm_reg", lightgbm.LGBMRegressor(**light), data.diabetes),
        ("lgbm_poisson", lightgbm.LGBMRegressor(objective="poisson", **light), data.diabetes),
        ("lgbm_tweedie", lightgbm.LGBMRegressor(objective="tweedie", **light), data.diabetes),
        ("lgbm_gamma", lightgbm.LGBMRegressor(objective="gamma", **light), data.diabetes),
        ("lgbm_forest", lightgbm.LGBMClassifier(boosting_type="rf", subsample=0.7, subsample_freq=1, **light), data.wine),
        ("lgbm_dart", lightgbm.LGBMRegressor(boosting_type="dart", **light), data.diabetes),
    ]:
        recipe(name, f"{type(estimator).__name__}, {estimator.objective or 'default'}", fitted(estimator, load))
    recipe("lgbm_missing", "LGBMClassifier with missing values", fitted(lightgbm.LGBMClassifier(**light), data.cancer, prepare=data.holed))
    recipe("lgbm_missing_reg", "LGBMRegressor with missing values", fitted(lightgbm.LGBMRegressor(**light), data.diabetes, prepare=data.holed))
    recipe("lgbm_categories", "LGBMClassifier with columns of words",
           with_categories(lightgbm.LGBMClassifier(min_data_per_group=2, cat_smooth=1.0, **light), data.cancer))
    recipe("lgbm_categories_missing", "LGBMRegressor with columns of words, missing values",
           with_categories(lightgbm.LGBMRegressor(min_data_per_group=2, cat_smooth=1.0, **light), data.diabetes, missing=True))

