/* The engines that both libraries hold: the one place that names them all. mr_model_load asks them in
 * this order. A test that defines mr_model_loaders itself links without this file. */
#include "core/model.h"
#include "pmml/pmml.h"

const mr_model_loader *const mr_model_loaders[] = {
    &mr_pmml_loader,
    &mr_pmml_general_loader,
    NULL,
};
