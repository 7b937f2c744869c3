/* Support: the reasons, by name. */
#include "pmml/support.h"

#include <string.h>

typedef struct reason {
    const char *name, *text;
} reason;

static const reason skipped[] = {
    {"Extension", "a producer's own; the standard gives it no meaning for scores"},
    {"Header", "says who made the document, and when"},
    {"MiningBuildTask", "says how the model was trained"},
    {"ModelStats", "statistics of the training data"},
    {"ModelExplanation", "quality measures of the training"},
    {"ModelVerification", "example records with their results"},
    {"PCovMatrix", "covariances of the coefficients, for confidence intervals"},
    {"EventValues", "which target values are events: not needed for survival"},
    {"Partition", "statistics of the training data"},
};

static const reason ignored[] = {
    {"modelName", "a name"},
    {"algorithmName", "a name"},
    {"displayName", "a name for people"},
    {"importance", "how much the field mattered in training"},
    {"targetFieldName", "the mining schema names the target"},
    {"targetVariableName", "the mining schema names the target"},
    {"modelType", "functionName says it"},
    {"splitCharacteristic", "a hint; every tree is walked the same way"},
    {"modelDF", "degrees of freedom of the training"},
    {"df", "degrees of freedom of the training"},
    {"label", "a name for people"},
    {"optype", "the data dictionary says it"},
    {"rawDataValue", "the value before it was made ready for training"},
    {"name", "a name"},
    {"minimum", "bounds of the measure; no distance is cut to them"},
    {"maximum", "bounds of the measure; no distance is cut to them"},
    {"size", "how many records of the training data are in the cluster"},
    {"coord1", "the cluster's place on a map for people"},
    {"coord2", "the cluster's place on a map for people"},
    {"coord3", "the cluster's place on a map for people"},
    {"recordCount", "a count; what is there is counted"},
    {"fieldCount", "a count; what is there is counted"},
};

static const char *find(const reason *list, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0) return list[i].text;
    return NULL;
}

const char *mr_support_skipped(const char *element) {
    const char *text = find(skipped, sizeof skipped / sizeof *skipped, element);
    return text ? text : "does not change a score";
}

const char *mr_support_ignored(const char *element, const char *attribute) {
    (void)element;
    if (strncmp(attribute, "numberOf", 8) == 0 || strncmp(attribute, "nb", 2) == 0)
        return "a count; what is there is counted";
    const char *text = find(ignored, sizeof ignored / sizeof *ignored, attribute);
    return text ? text : "does not change a score";
}
