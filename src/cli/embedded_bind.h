/* The port of the next socket that this thread binds to 127.0.0.1 and any port. */
#ifndef MR_CLI_EMBEDDED_BIND_H
#define MR_CLI_EMBEDDED_BIND_H

#include <stdint.h>

void mr_bind_next_to(uint16_t port); /* as mr_embedded_options wants it */

#endif
