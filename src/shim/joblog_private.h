#ifndef JOBLOG_PRIVATE_H
#define JOBLOG_PRIVATE_H
#include "jobdeck/shim/joblog.h"

/* What writer and reader of the log agree on beyond the form of a line.
 *
 *   0            head                    end
 *   | first lines | cut | newest lines ...|
 *
 * Once something was cut, the line that says so begins exactly at offset `head`, a power of
 * two, and has a fixed length; the room before it, if the line that stood there was longer,
 * is blanks. So a reader finds it by looking at the few powers of two below the file's
 * size. A job cannot forge it: every line of a job begins with a time and its stream.
 *
 * Logical positions are offsets in the file as it would be without any cut: before `head`
 * they are the offsets themselves; the cut stands for [head, head + bytes). */
enum {
	JOBLOG_STAMP_LEN = 24,			  /* 2026-11-22T14:03:22.118Z */
	JOBLOG_PREFIX_MAX = JOBLOG_STAMP_LEN + 6, /* " out+ " */
	JOBLOG_CUT_LEN = 128,			  /* with its newline; filled up with dashes */
	JOBLOG_HEAD_MIN = 32768,
};
#define JOBLOG_CUT_TEXT "%lld bytes in %lld lines were cut here"

#endif
