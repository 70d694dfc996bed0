#include "config.h"
#include "jobdeck/base/home.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "jobdeck/base/fs.h"
#include "jobdeck/base/mem.h"

/* $variable when it is an absolute path (the XDG rule), else HOME/fallback. */
static char *xdg(const char *variable, const char *fallback)
{
	const char *value = getenv(variable), *home = getenv("HOME");

	if (value && value[0] == '/')
		return xasprintf("%s/jobdeck", value);
	if (!home || home[0] != '/') {
		const struct passwd *pw = getpwuid(getuid());

		home = pw && pw->pw_dir ? pw->pw_dir : "/tmp";
	}
	return xasprintf("%s/%s/jobdeck", home, fallback);
}

static int own_directory(const char *path, struct err *err)
{
	struct stat st;

	if (fs_mkdirs(path, err))
		return -1;
	if (stat(path, &st))
		return err_sys(err, "cannot use %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_INVALID, "%s is not a directory", path);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_DENIED, "%s belongs to another user", path);
	if (st.st_mode & 022)
		return err_set(err, ERR_DENIED,
			       "others may write in %s; make it yours alone: chmod 700 %s", path,
			       path);
	return 0;
}

/* $XDG_RUNTIME_DIR/jobdeck when that directory can be used, else the state directory. */
static char *runtime_dir(const char *state)
{
	const char *value = getenv("XDG_RUNTIME_DIR");

	if (value && value[0] == '/' && access(value, W_OK) == 0)
		return xasprintf("%s/jobdeck", value);
	return xstrdup(state);
}

/* FNV-1a. Homes of one user (HOME or XDG_DATA_HOME changed) share the runtime directory;
 * their sockets must not. */
static uint32_t path_hash(const char *path)
{
	uint32_t hash = 2166136261u;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619u;
	return hash;
}

static void places_in(struct home *h, const char *dir)
{
	h->dir = xstrdup(dir);
	h->config = xasprintf("%s/config", dir);
	h->db = xasprintf("%s/batch.db", dir);
	h->keys = xasprintf("%s/keys", dir);
	h->logs = xasprintf("%s/logs", dir);
	h->run = xasprintf("%s/run", dir);
	h->state = xstrdup(dir);
	h->sock = xasprintf("%s/sock", dir);
	h->lock = xasprintf("%s/server.lock", dir);
	h->server_log = xasprintf("%s/server.log", dir);
}

static int places_xdg(struct home *h, struct err *err)
{
	cleanup_free char *config = xdg("XDG_CONFIG_HOME", ".config");
	cleanup_free char *data = xdg("XDG_DATA_HOME", ".local/share");
	cleanup_free char *state = xdg("XDG_STATE_HOME", ".local/state");
	cleanup_free char *runtime = runtime_dir(state);

	h->dir = xstrdup(data);
	h->config = xasprintf("%s/config", config);
	h->db = xasprintf("%s/batch.db", data);
	h->keys = xasprintf("%s/keys", data);
	h->logs = xasprintf("%s/logs", data);
	h->run = xasprintf("%s/run", state);
	h->state = xstrdup(state);
	if (strcmp(runtime, state) == 0) {
		h->sock = xasprintf("%s/sock", state);
	} else {
		h->sock = xasprintf("%s/sock.%08x", runtime, (unsigned)path_hash(data));
		h->sock_state = xasprintf("%s/sock", state);
	}
	h->lock = xasprintf("%s/server.lock", data);
	h->server_log = xasprintf("%s/server.log", state);
	return own_directory(config, err) || own_directory(runtime, err) ? -1 : 0;
}

static char *absolute(const char *dir, struct err *err)
{
	cleanup_free char *cwd = NULL;

	if (dir[0] == '/')
		return xstrdup(dir);
	cwd = getcwd(NULL, 0);
	if (!cwd) {
		err_sys(err, "cannot tell the current directory");
		return NULL;
	}
	return xasprintf("%s/%s", cwd, dir);
}

struct home *home_open(const char *dir, struct err *err)
{
	struct home *h = xcalloc(1, sizeof *h);
	int rc;

	if (!dir)
		dir = getenv("JOBDECK_HOME");
	if (dir && *dir) {
		cleanup_free char *full = absolute(dir, err);

		if (full)
			places_in(h, full);
		h->named = true;
		rc = full ? 0 : -1;
	} else {
		rc = places_xdg(h, err);
	}
	if (rc || own_directory(h->dir, err) || own_directory(h->state, err) ||
	    own_directory(h->logs, err) || own_directory(h->run, err)) {
		home_free(h);
		return NULL;
	}
	return h;
}

void home_free(struct home *h)
{
	if (!h)
		return;
	free(h->dir);
	free(h->config);
	free(h->db);
	free(h->keys);
	free(h->logs);
	free(h->run);
	free(h->state);
	free(h->sock);
	free(h->sock_state);
	free(h->lock);
	free(h->server_log);
	free(h);
}

/* What the holder wrote into its lock: "1234 server". */
static int conflict(const struct home *h, struct err *err)
{
	cleanup_free char *text = fs_read(h->lock, 63, NULL, NULL);
	char who[32] = "unknown";
	int pid = 0;

	if (!text || sscanf(text, "%d %31s", &pid, who) < 1)
		return err_set(err, ERR_CONFLICT, "another process already uses %s", h->dir);
	return err_set(err, ERR_CONFLICT, "process %d (%s) already uses %s", pid, who, h->dir);
}

int home_lock(const struct home *h, const char *who, struct err *err)
{
	cleanup_close int fd = open(h->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, "cannot open %s", h->lock);
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			return conflict(h, err);
		return err_sys(err, "cannot lock %s", h->lock);
	}
	if (ftruncate(fd, 0) || dprintf(fd, "%d %s\n", (int)getpid(), who) < 0)
		return err_sys(err, "cannot write %s", h->lock);
	return STEAL_FD(fd);
}

int home_socket_path(const char *sock, char *out, size_t size, int *fd, struct err *err)
{
	const size_t most = sizeof ((struct sockaddr_un *)0)->sun_path;
	cleanup_free char *dir = NULL;
	const char *slash;

	*fd = -1;
	if (strlen(sock) < most && strlen(sock) < size) {
		snprintf(out, size, "%s", sock);
		return 0;
	}
	slash = strrchr(sock, '/');
	dir = slash ? xstrndup(sock, (size_t)(slash - sock)) : xstrdup(".");
	*fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return err_sys(err, "cannot open %s", dir);
	slash = slash ? slash + 1 : sock;
	if ((size_t)snprintf(out, size, "/proc/self/fd/%d/%s", *fd, slash) >= size ||
	    strlen(out) >= most) {
		close(*fd);
		*fd = -1;
		return err_set(err, ERR_INVALID, "the name of the socket is too long: %s", slash);
	}
	return 0;
}
