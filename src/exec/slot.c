/* The files of a slot. They are used again by later attempts and never truncated to nothing:
 * ext4 would then write them out at every close. */
#include "config.h"
#include "slot.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/home.h"
#include "jobdeck/base/mem.h"

enum { SPEC_KEEP = 1 << 16 }; /* a spec file that was larger shrinks again */

static int open_spec(const char *path, const char *dir)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 && errno == ENOENT) {
		if (fs_mkdirs(dir, NULL))
			return -1;
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	}
	return fd;
}

int slot_lock(const char *run_dir, int slot)
{
	cleanup_free char *dir = xasprintf("%s/%d", run_dir, slot);
	cleanup_free char *path = xasprintf("%s/spec", dir);
	cleanup_close int fd = open_spec(path, dir);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB))
		return -1;
	return STEAL_FD(fd);
}

int slot_write_spec(int fd, const char *spec, size_t len)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return -1;
	if (st.st_size > SPEC_KEEP && (size_t)st.st_size > len && ftruncate(fd, (off_t)len))
		return -1;
	n = pwrite(fd, spec, len, 0);
	if (n >= 0 && (size_t)n != len)
		errno = ENOSPC;
	return n == (ssize_t)len ? 0 : -1;
}

int slot_state(const char *run_dir, int slot, struct shim_state *out)
{
	cleanup_free char *path = xasprintf("%s/%d/state", run_dir, slot);
	cleanup_free char *text = NULL;
	size_t len;

	*out = (struct shim_state){ .stage = SHIM_NONE };
	text = fs_read(path, SHIM_STATE_SIZE, &len, NULL);
	if (!text)
		return errno == ENOENT ? 0 : -1;
	if (shim_state_parse(text, len, out, NULL)) {
		errno = EBADMSG;
		return -1;
	}
	return 0;
}

int slot_hand_over(int control, int spec)
{
	char text[] = "attempt\n";
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} room = { 0 };
	struct iovec iov = { .iov_base = text, .iov_len = sizeof text - 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &room,
				  .msg_controllen = sizeof room };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof spec);
	memcpy(CMSG_DATA(c), &spec, sizeof spec);
	return sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -1 : 0;
}

int slot_connect(const char *run_dir, int slot)
{
	cleanup_free char *path = xasprintf("%s/%d/sock", run_dir, slot);
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	cleanup_close int dir = -1, fd = -1;

	if (home_socket_path(path, to.sun_path, sizeof to.sun_path, &dir, NULL))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
		return -1;
	return STEAL_FD(fd);
}
