/* Anomaly detection: what the model inside predicts, made a score (PMML 4.4, "Anomaly Detection Models").
 *
 * Isolation forests: 2 to the -E/c, E the mean path length that the model inside predicts and c that of an
 * unsuccessful search in a binary tree of as many records as each tree saw (Liu, Ting, Zhou, "Isolation
 * Forest", 2008). Clusters: the distance to the nearest centre over the mean of those of the training data.
 * One-class support vector machines and others: the prediction itself.
 */
#include <math.h>

#include "pmml/distance/nearest.h"

typedef enum algorithm { ISOLATION_FOREST, ONE_CLASS_SVM, CLUSTER_MEAN_DISTANCE, OTHER } algorithm;

typedef struct anomaly {
    algorithm algorithm;
    const mr_evaluator *inner;
    double path_length;           /* ISOLATION_FOREST: what E is measured by */
    const double *mean_distances; /* CLUSTER_MEAN_DISTANCE: of each cluster */
} anomaly;

static void evaluate(const mr_evaluator *evaluator, mr_work *work, mr_prediction *prediction) {
    const anomaly *a = evaluator->model;
    mr_evaluator_run(a->inner, work);
    if (work->invalid || work->failure || work->exhausted) return;
    const mr_prediction *inner = &work->predictions[a->inner->index];
    if (inner->missing) return;
    prediction->missing = false;
    switch (a->algorithm) {
    case ISOLATION_FOREST:
        prediction->number = exp2(-inner->number / a->path_length);
        break;
    case CLUSTER_MEAN_DISTANCE: {
        const mr_near *nearest = mr_search_nearest(a->inner->model, work);
        prediction->number = nearest->number / a->mean_distances[nearest->point];
        break;
    }
    case ONE_CLASS_SVM:
    case OTHER:
        prediction->number = inner->number;
        break;
    }
}

/* ---- Compile ---- */

static mr_status read_sample_size(mr_builder *b, uint32_t element, anomaly *a) {
    static const double euler = 0.5772156649; /* as the standard rounds it */
    double n = 0;
    if (!mr_build_text(b, element, A_sampleDataSize))
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "algorithmType=\"iforest\" needs a sampleDataSize");
    mr_status status = mr_build_number(b, element, A_sampleDataSize, true, &n);
    if (status != MR_OK) return status;
    if (!(n >= 2 && n < 1e15 && n == floor(n)))
        return mr_build_fail(b, element, MR_INVALID_MODEL,
                             "sampleDataSize=\"%.40s\" is no whole number from 2",
                             mr_build_text(b, element, A_sampleDataSize));
    a->path_length = n == 2 ? 1 : 2 * (log(n - 1) + euler) - 2 * (n - 1) / n;
    return MR_OK;
}

static mr_status read_distances(mr_builder *b, uint32_t element, uint32_t list, anomaly *a) {
    uint32_t clusters = a->inner->class_count;
    double *distances = mr_build_alloc(b, clusters, sizeof *distances);
    if (!distances) return MR_NO_MEMORY;
    if (list == MR_NONE || list + 1 == b->document->elements[list].end)
        return mr_build_fail(
            b, element, MR_INVALID_MODEL,
            "algorithmType=\"clusterMeanDist\" needs <MeanClusterDistances> with its <Array>");
    mr_status status = mr_build_numbers(b, list + 1, clusters, 1, distances);
    for (uint32_t i = 0; i < clusters && status == MR_OK; i++)
        if (!(distances[i] > 0))
            status = mr_build_fail(b, list, MR_INVALID_MODEL, "a mean distance that is not above 0");
    a->mean_distances = distances;
    return status;
}

/* Is the model inside of the kind that the algorithm needs? */
static mr_status check_inner(mr_builder *b, uint32_t element, uint32_t model, const anomaly *a) {
    unsigned name = mr_build_name(b, model);
    bool fits = !a->inner->classification;
    if (a->algorithm == CLUSTER_MEAN_DISTANCE) {
        const mr_search *search = a->inner->model;
        fits = name == E_ClusteringModel && !search->comparison.similarity;
    }
    if (fits) return MR_OK;
    return mr_build_fail(b, model, MR_UNSUPPORTED,
                         "algorithmType=\"%s\" with this <%s> inside is not supported",
                         mr_build_text(b, element, A_algorithmType), mr_element_text((mr_element_name)name));
}

mr_status mr_build_anomaly(mr_builder *b, mr_scope *scope, uint32_t element, mr_evaluator *evaluator) {
    static const char *const words[] = {"iforest", "ocsvm", "clusterMeanDist", "other", NULL};
    unsigned word = 0;
    uint32_t model = MR_NONE, distances = MR_NONE;
    const char *text;
    mr_evaluator *inner = NULL;
    anomaly *a = mr_build_alloc(b, 1, sizeof *a);
    if (!a) return MR_NO_MEMORY;
    MR_EACH_CHILD(b->document, element, child) {
        unsigned name = mr_build_name(b, child);
        if (name == E_MeanClusterDistances) distances = child;
        if (!mr_is_model((mr_element_name)name)) continue;
        if (model != MR_NONE)
            return mr_build_fail(b, child, MR_INVALID_MODEL, "<AnomalyDetectionModel> takes one model");
        model = child;
    }
    if (model == MR_NONE)
        return mr_build_fail(b, element, MR_INVALID_MODEL, "<AnomalyDetectionModel> lacks its model");
    mr_status status = mr_build_must(b, element, A_algorithmType, &text);
    if (status == MR_OK) status = mr_build_word(b, element, A_algorithmType, words, &word);
    if (status == MR_OK) status = mr_build_model(b, scope, model, &inner);
    a->algorithm = (algorithm)word;
    a->inner = inner;
    if (status == MR_OK) status = check_inner(b, element, model, a);
    if (status == MR_OK && a->algorithm == ISOLATION_FOREST) status = read_sample_size(b, element, a);
    if (status == MR_OK && a->algorithm == CLUSTER_MEAN_DISTANCE)
        status = read_distances(b, element, distances, a);
    evaluator->model = a;
    evaluator->evaluate = evaluate;
    return status;
}
