/* What every command that reads a CSV file for a model takes: flags, their values, and those as options. */
#ifndef MR_CLI_CSV_FLAGS_H
#define MR_CLI_CSV_FLAGS_H

#include "app/csv_input.h"
#include "cli/command.h"

typedef struct mr_csv_values {
    mr_value_CHARACTER delimiter;
    mr_value_LIST fields;
    mr_value_REPEATED missing;
    mr_value_MAP mapping;
} mr_csv_values;

/* Rows of options, for a `values` with such a member `csv`. */
#define MR_CSV_FLAGS(section, delimiter_help)                                                                \
    MR_FLAG(CHARACTER, section, csv.delimiter, "delimiter", ",", delimiter_help, .letter = 'd'),             \
        MR_FLAG(LIST, section, csv.fields, "fields", NULL,                                                   \
                "Names of the columns, for a file whose first row is data.", .letter = 'f',                  \
                .choices = "A,B,..."),                                                                       \
        MR_FLAG(REPEATED, section, csv.missing, "missing", NULL,                                             \
                "A cell of this text is missing; may be repeated. Not given: the empty cell is.",            \
                .choices = "TOKEN"),                                                                         \
        MR_FLAG(MAP, section, csv.mapping, "mapping", NULL,                                                  \
                "Feed this input of the model from that column; may be repeated. Names that differ only in " \
                "case, blanks, _ and - meet without it.",                                                    \
                .letter = 'm', .choices = "INPUT=COLUMN")

/* `context`: an invocation. */
void mr_csv_report(void *context, const char *line);

static inline mr_csv_input_options mr_csv_input_of(mr_invocation *self, const mr_csv_values *values,
                                                   const char *path) {
    return (mr_csv_input_options){.path = path,
                                  .delimiter = values->delimiter,
                                  .fields = values->fields,
                                  .missing = values->missing,
                                  .mapping = values->mapping,
                                  .report = mr_csv_report,
                                  .context = self};
}

#endif
