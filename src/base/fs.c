#include "config.h"
#include "jobdeck/base/fs.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "jobdeck/base/mem.h"

int fs_mkdirs(const char *path, struct err *err)
{
	cleanup_free char *p = xstrdup(path);
	struct stat st;

	for (char *slash = p + 1; *p; slash++) {
		if (*slash != '/' && *slash != '\0')
			continue;
		char was = *slash;

		*slash = '\0';
		if (mkdir(p, 0700) && errno != EEXIST)
			return err_sys(err, "cannot make the directory %s", p);
		*slash = was;
		if (!was)
			break;
	}
	if (stat(path, &st))
		return err_sys(err, "cannot make the directory %s", path);
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return err_sys(err, "cannot make the directory %s", path);
	}
	return 0;
}

static char *read_open(int fd, const char *path, size_t max, size_t *len, struct err *err)
{
	size_t cap = 4096, n = 0;
	char *data = xmalloc(cap);

	for (;;) {
		ssize_t got = read(fd, data + n, cap - n - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			err_sys(err, "cannot read %s", path);
			free(data);
			return NULL;
		}
		if (got == 0)
			break;
		n += (size_t)got;
		if (n > max) {
			err_set(err, ERR_INVALID, "%s is larger than %zu bytes", path, max);
			free(data);
			errno = EFBIG;
			return NULL;
		}
		if (n + 1 == cap)
			data = xrealloc(data, cap *= 2);
	}
	data[n] = '\0';
	if (len)
		*len = n;
	return data;
}

char *fs_read(const char *path, size_t max, size_t *len, struct err *err)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		err_sys(err, "cannot read %s", path);
		return NULL;
	}
	return read_open(fd, path, max, len, err);
}

int fs_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int fs_write_atomic(const char *path, const void *data, size_t len, struct err *err)
{
	cleanup_free char *tmp = xasprintf("%s.tmp", path);
	cleanup_close int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fs_write_all(fd, data, len) || fsync(fd)) {
		err_sys(err, "cannot write %s", tmp);
		if (fd >= 0)
			unlink(tmp);
		return -1;
	}
	if (rename(tmp, path)) {
		err_sys(err, "cannot write %s", path);
		unlink(tmp);
		return -1;
	}
	return 0;
}

const char *fs_boot_id(void)
{
	static char id[64];

	if (!id[0]) {
		cleanup_free char *text =
			fs_read("/proc/sys/kernel/random/boot_id", sizeof id - 1, NULL, NULL);

		snprintf(id, sizeof id, "%s", text ? text : "unknown");
		id[strcspn(id, "\n")] = '\0';
	}
	return id;
}
