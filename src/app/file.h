/* A whole file in memory. */
#ifndef MR_APP_FILE_H
#define MR_APP_FILE_H

#include <stddef.h>

#include "millrace/status.h"

/* Reads a file, or a pipe, of up to 1 GiB. *data: returns owned, free with mr_free. MR_IO, MR_LIMIT,
 * MR_NO_MEMORY. Any thread. */
mr_status mr_read_file(const char *path, char **data, size_t *size, mr_error *error);

#endif
