/* Instead of libFuzzer, where there is none: runs the target on each file of the folders it is given. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUT_BYTES = 1 << 16 };

static void run_file(const char *path) {
  FILE *file = fopen(path, "rb");
  uint8_t *whole = malloc(INPUT_BYTES);
  fuzz_expect(file && whole, path);
  size_t size = fread(whole, 1, INPUT_BYTES, file);
  fclose(file);
  /* An allocation of just this size, so that a read behind its end is seen. */
  uint8_t *input = malloc(size ? size : 1);
  for (size_t i = 0; i < size; i++) input[i] = whole[i];
  free(whole);
  (void)LLVMFuzzerTestOneInput(input, size);
  free(input);
}

int main(int count, char **folders) {
  int files = 0;
  for (int i = 1; i < count; i++) {
    DIR *folder = opendir(folders[i]);
    fuzz_expect(folder != NULL, folders[i]);
    for (struct dirent *entry; (entry = readdir(folder));) {
      char path[4096];
      if (entry->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
      run_file(path);
      files++;
    }
    closedir(folder);
  }
  printf("%d inputs\n", files);
  return files > 0 ? 0 : 1;
}
