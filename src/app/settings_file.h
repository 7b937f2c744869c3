/* The configuration file: YAML into settings. */
#ifndef MR_APP_SETTINGS_FILE_H
#define MR_APP_SETTINGS_FILE_H

#include "base/options.h"

/* Sets all keys of a YAML file (at most 1 MiB); they may be those of tables[first] and after. What is
 * wrong goes to `problems`, each with its line and column. The thread of the settings. */
void mr_settings_read_file(mr_settings *settings, const char *path, size_t first, mr_problems *problems);

/* The same from text; `name` stands for the file in errors. */
void mr_settings_read_text(mr_settings *settings, const char *text, size_t size, const char *name,
                           size_t first, mr_problems *problems);

#endif
