#ifndef EXEC_SLOT_H
#define EXEC_SLOT_H
#include <stddef.h>
#include "jobdeck/base/err.h"
#include "jobdeck/shim/proto.h"

/* The files of a slot, from the server's side (shim/proto.h). Functions return -1 with
 * errno. */

/* Opens `spec`, made when missing, and locks it. EWOULDBLOCK: a shim lives there. The lock
 * ends when the last copy of the descriptor is closed. */
int slot_lock(const char *run_dir, int slot);
int slot_write_spec(int fd, const char *spec, size_t len);
/* Sends a locked spec to an idle shim. The lock is then the shim's as well. */
int slot_hand_over(int control, int spec);
/* What `state` says; SHIM_NONE when there is none. EBADMSG: it cannot be ours. */
int slot_state(const char *run_dir, int slot, struct shim_state *out);
/* A connection to the shim that listens there. */
int slot_connect(const char *run_dir, int slot);

/* Kills what is left of an attempt whose shim was killed: every process of this user whose
 * environment names job and attempt as AWS Batch does. Returns how many. */
int slot_sweep(const char *job_id, int attempt);

#endif
