/* File: read by its end, not by its size, so that pipes will do. */
#include "app/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { BYTES_MAX = 1 << 30 };

mr_status mr_read_file(const char *path, char **data, size_t *size, mr_error *error) {
    FILE *file = fopen(path, "re");
    if (file == NULL) return mr_fail(error, MR_IO, path, "cannot be opened: %s", strerror(errno));
    size_t capacity = 0;
    *size = 0;
    *data = NULL;
    mr_status status = MR_OK;
    do {
        if (!MR_GROW(*data, *size, capacity)) status = mr_fail(error, MR_NO_MEMORY, path, "out of memory");
        if (status == MR_OK) *size += fread(*data + *size, 1, capacity - *size, file);
        if (*size > BYTES_MAX) status = mr_fail(error, MR_LIMIT, path, "is larger than 1 GiB");
    } while (status == MR_OK && *size == capacity);
    if (status == MR_OK && ferror(file))
        status = mr_fail(error, MR_IO, path, "cannot be read: %s", strerror(errno));
    fclose(file);
    if (status != MR_OK) mr_free(*data);
    return status;
}
