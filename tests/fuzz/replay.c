/* Replays a corpus without libFuzzer: each file of each folder named goes once through the target.
 *
 * A folder without a file is a failure, so that a corpus which got lost does not pass in silence. The
 * input is copied to a block of exactly its size: the address sanitizer then sees a read beyond it.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path, size_t size) {
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size ? size : 1);
    int ok = file && data && fread(data, 1, size, file) == size;
    if (ok) LLVMFuzzerTestOneInput(data, size);
    else fprintf(stderr, "replay: cannot read %s\n", path);
    free(data);
    if (file) fclose(file);
    return ok ? 0 : 1;
}

static int replay_folder(const char *folder, unsigned *count) {
    DIR *directory = opendir(folder);
    if (!directory) {
        fprintf(stderr, "replay: cannot open the corpus %s\n", folder);
        return 1;
    }
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[4096];
        struct stat status;
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof path || stat(path, &status) != 0) failed = 1;
        else if (S_ISREG(status.st_mode)) {
            failed |= replay_file(path, (size_t)status.st_size);
            ++*count;
        }
    }
    closedir(directory);
    return failed;
}

int main(int count, char **arguments) {
    unsigned files = 0;
    int failed = 0;
    for (int i = 1; i < count; i++) failed |= replay_folder(arguments[i], &files);
    if (files == 0) fprintf(stderr, "replay: no input found: name a folder that holds some\n");
    printf("%u inputs replayed\n", files);
    return failed || files == 0;
}
