/* Evaluator, run: steps, prediction, targets, outputs, each in its order. */
#include <math.h>
#include <stdio.h>

#include "base/number.h"
#include "core/model.h"
#include "pmml/field/values.h"
#include "pmml/program.h"
#include "pmml/regression/link.h"

enum { MESSAGE_BYTES = 240 };

bool mr_step_run(const mr_step *step, mr_work *work) {
    mr_slot *to = &work->slots[step->to];
    if (step->expression) {
        *to = mr_expression_evaluate(step->expression, work);
        return !work->failure;
    }
    *to = work->slots[step->from];
    if (mr_treatment_apply(step->treatment, to, false)) return true;
    work->invalid = step->treatment->name;
    return false;
}

/* Java's Math.round: a half goes up. */
static double round_half_up(double number) {
    double whole = floor(number);
    return number - whole >= 0.5 ? whole + 1 : whole;
}

static double apply_target(const mr_target *t, double number, bool single) {
    if (t->has_minimum && number < t->minimum) number = mr_rounded(single, t->minimum);
    if (t->has_maximum && number > t->maximum) number = mr_rounded(single, t->maximum);
    number = mr_rounded(single, number * mr_rounded(single, t->factor));
    number = mr_rounded(single, number + mr_rounded(single, t->constant));
    switch (t->cast) {
    case 'r':
        return round_half_up(number);
    case 'c':
        return ceil(number);
    case 'f':
        return floor(number);
    default:
        return number;
    }
}

void *mr_work_take(mr_work *work, size_t size) {
    void *memory = mr_scratch_take(work->scratch, size);
    work->taken += size + 16;
    work->exhausted |= memory == NULL;
    return memory;
}

/* A number as a string. */
static void print_number(double number, mr_work *work, mr_slot *to) {
    char *text = mr_work_take(work, MR_VALUE_MAX);
    if (text) to->text = mr_work_intern(work, text, mr_value_print(text, T_DOUBLE, number), false);
}

/* The actual value less the predicted one; of a category, whether it is the actual one less its probability.
 */
static void residual(const mr_evaluator *e, const mr_output_step *o, const mr_work *work,
                     const mr_prediction *p, mr_slot *to) {
    const mr_slot *actual = &work->slots[o->detail];
    to->missing = actual->missing || (e->classification && !p->probabilities);
    if (to->missing) return;
    if (!e->classification) {
        to->number = actual->number - p->number;
        return;
    }
    const mr_slot *value = o->values ? o->values : &e->class_values[p->label];
    bool hit = e->label_type == T_STRING ? actual->text == value->text : actual->number == value->number;
    double probability = o->zero ? 0 : p->probabilities[o->label == MR_NONE ? p->label : o->label];
    to->number = (hit ? 1 : 0) - probability;
}

/* A feature of the family's own, from the prediction of the model that answers it. */
static void family_value(const mr_evaluator *e, const mr_output_step *o, mr_work *work,
                         const mr_prediction *p, mr_slot *to) {
    to->missing = 1;
    if (p->source == NULL) return;
    const mr_evaluator *who = o->own ? e : p->source;
    const mr_prediction *theirs = who == e ? p : &work->predictions[who->index];
    if (o->feature != F_WARNING && who->value) who->value(who, o, work, theirs, to);
    if (o->prints && !to->missing) print_number(to->number, work, to);
}

void mr_output_value(const mr_evaluator *e, const mr_output_step *o, mr_work *work, const mr_prediction *p,
                     mr_slot *to) {
    *to = (mr_slot){.missing = 1};
    if (p->missing && !o->own) return;
    *to = (mr_slot){0};
    if (o->rank > 1 && (p->source == NULL || p->source->value)) {
        family_value(e, o, work, p, to);
        return;
    }
    switch (o->feature) {
    case F_PREDICTED_VALUE:
        if (e->list != MR_NONE) to->text = e->list;
        else if (e->classification) *to = o->values ? o->values[p->label] : e->class_values[p->label];
        else if (o->prints) print_number(p->number, work, to);
        else to->number = o->type == T_FLOAT ? (double)(float)p->number : p->number;
        break;
    case F_DISPLAY_VALUE:
        to->text = e->class_displays[p->label];
        break;
    case F_RESIDUAL:
        residual(e, o, work, p, to);
        break;
    case F_PROBABILITY:
        to->missing = !o->zero && p->probabilities == NULL;
        if (!o->zero && !to->missing)
            to->number = p->probabilities[o->label == MR_NONE ? p->label : o->label];
        if (o->prints && !to->missing) print_number(to->number, work, to);
        break;
    default:
        family_value(e, o, work, p, to);
        if (o->type == T_FLOAT) to->number = (double)(float)to->number;
        break;
    }
}

void mr_entity_value(const mr_evaluator *evaluator, const mr_output_step *output, mr_work *work,
                     const mr_prediction *prediction, mr_slot *value) {
    (void)evaluator, (void)output, (void)work;
    value->text = prediction->entity;
    value->missing = prediction->entity == 0;
}

/* An identifier as a value of the output's type. */
static void read_entity(const mr_output_step *o, mr_work *work, mr_slot *to) {
    char text[64], *message;
    mr_text id = to->missing ? (mr_text){.data = ""} : mr_work_text(work, to->text);
    if (mr_slot_convert(T_STRING, o->type, to, work) || work->failure) return;
    snprintf(text, sizeof text, "%.*s", (int)id.size, id.data);
    message = mr_work_take(work, MESSAGE_BYTES);
    if (message)
        snprintf(message, MESSAGE_BYTES, "output \"%.100s\": the entityId \"%s\" is not of type %s", o->name,
                 text, mr_data_type_name(o->type));
    work->failure = message;
}

static void run_output(const mr_evaluator *e, const mr_output_step *o, const mr_prediction *p,
                       mr_work *work) {
    mr_slot *to = &work->slots[o->slot];
    if (o->of) e = o->of, p = &work->predictions[e->index];
    if (o->feature == F_TRANSFORMED_VALUE || o->feature == F_DECISION)
        *to = mr_expression_evaluate(o->expression, work);
    else mr_output_value(e, o, work, p, to);
    if (o->reads) read_entity(o, work, to);
}

/* A missing prediction: the target's default, or its prior probabilities, which have no source: what a family
 * says besides (confidences, entities, reasons) would be that of an earlier row. */
static void fall_back(const mr_evaluator *e, mr_prediction *p, mr_work *work) {
    const mr_target *t = e->target;
    if (!e->classification && t->has_default) {
        p->missing = false;
        p->source = NULL;
        p->number = t->fallback;
    }
    if (!e->classification || !t->priors) return;
    p->missing = false;
    p->source = NULL;
    p->label = 0;
    p->probabilities = work->numbers + e->probabilities;
    for (uint32_t i = 0; i < e->class_count; i++) {
        p->probabilities[i] = t->priors[i];
        if (t->priors[i] > t->priors[p->label]) p->label = i;
    }
}

void mr_evaluator_settle(const mr_evaluator *e, mr_work *work, mr_prediction *p) {
    if (e->target && p->missing) fall_back(e, p, work);
    if (e->target && !p->missing && !e->classification)
        p->number = apply_target(e->target, p->number, e->single_math);
    if (e->single_precision) p->number = (double)(float)p->number;
}

void mr_evaluator_run(const mr_evaluator *e, mr_work *work) {
    mr_prediction *p = &work->predictions[e->index];
    *p = (mr_prediction){.missing = true};
    for (uint32_t i = 0; i < e->step_count; i++)
        if (!mr_step_run(&e->steps[i], work)) return;
    p->source = e;
    e->evaluate(e, work, p);
    if (work->invalid || work->failure || work->exhausted) return;
    mr_evaluator_settle(e, work, p);
    for (uint32_t i = 0; i < e->other_target_count; i++) run_output(e, &e->other_targets[i], p, work);
    for (uint32_t i = 0; i < e->output_count; i++) run_output(e, &e->outputs[i], p, work);
}
