/* Starting and killing the job. vfork: the parent's few pages are shared until the exec, so
 * nothing is copied and the child tells of its errors by just storing them. */
#include "config.h"
#include "job.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "jobdeck/base/home.h"
#include "jobdeck/base/mem.h"

enum start_step { STEP_PREPARE, STEP_DIRECTORY, STEP_EXEC };

struct child_start {
	const struct shim_spec *spec;
	pid_t parent;
	int out, err;
	/* Set by the child, which the compiler cannot know to share this memory: where it
	 * failed, and how (0: it did not). */
	volatile enum start_step step;
	volatile int error;
};

/* Runs in the parent's memory: only system calls and what is safe after vfork. All signals
 * are blocked until the exec, so no handler or default action can get in between. */
static int prepare(struct child_start *start)
{
	sigset_t none;

	sigemptyset(&none);
	start->step = STEP_PREPARE;
	if (setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != start->parent ||
	    dup2(start->out, STDOUT_FILENO) < 0 || dup2(start->err, STDERR_FILENO) < 0)
		return -1;
	start->step = STEP_DIRECTORY;
	if (chdir(start->spec->directory))
		return -1;
	start->step = STEP_EXEC;
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_child(struct child_start *start)
{
	if (prepare(start) == 0)
		execvpe(start->spec->argv[0], start->spec->argv, start->spec->envp);
	start->error = errno ? errno : ECHILD;
	_exit(127);
}

static pid_t start_child(struct child_start *start)
{
	pid_t pid = vfork(); /* NOLINT: posix_spawn cannot do what run_child does */

	if (pid == 0)
		run_child(start); /* NOLINT: only what posix_spawn would do there as well */
	return pid;
}

/* In the words of container runtimes, which tools match on. */
static const char *exec_error(const char *command, int error)
{
	if (error == ENOENT && !strchr(command, '/'))
		return "executable file not found in $PATH";
	if (error == ENOENT && access(command, F_OK) == 0)
		return "the interpreter that it names is missing";
	if (error == ENOENT)
		return "no such file or directory";
	return error == EACCES ? "permission denied" : strerror(error);
}

static void explain(const struct child_start *start, char *why, size_t size)
{
	const struct shim_spec *spec = start->spec;

	if (start->step == STEP_DIRECTORY)
		snprintf(why, size,
			 "CannotStartContainerError: cannot change to the working directory "
			 "\"%.150s\": %s",
			 spec->directory, strerror(start->error));
	else if (start->step == STEP_EXEC)
		snprintf(why, size, "CannotStartContainerError: exec: \"%.150s\": %s",
			 spec->argv[0], exec_error(spec->argv[0], start->error));
	else
		snprintf(why, size, "CannotStartContainerError: cannot start a process: %s",
			 strerror(start->error));
}

/* The command is looked up by execvpe in this process's PATH; so the job's environment
 * becomes this process's own, which needs none. */
static int start_with(struct child_start *start, struct job_process *job)
{
	pid_t pid;

	environ = (char **)(uintptr_t)start->spec->envp;
	pid = start_child(start);
	if (pid < 0)
		start->error = errno;
	if (!start->error) {
		job->pid = pid;
		return 0;
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return -1;
}

void job_forget(void)
{
	environ = NULL;
}

int job_start(const struct shim_spec *spec, struct job_process *job, char *why, size_t why_size)
{
	struct child_start start = { .spec = spec, .parent = getpid() };
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, r = -1;

	if (!spec->argv[0]) {
		snprintf(why, why_size, "CannotStartContainerError: No command specified");
		return -1;
	}
	if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		start.error = errno;
	} else {
		start.out = out[1];
		start.err = err[1];
		r = start_with(&start, job);
	}
	close(out[1]);
	close(err[1]);
	if (r) {
		close(out[0]);
		close(err[0]);
		explain(&start, why, why_size);
		return -1;
	}
	job->out = out[0];
	job->err = err[0];
	return 0;
}

void job_signal(pid_t pid, int signo)
{
	if (kill(-pid, signo) || getpgid(pid) != pid)
		kill(pid, signo);
	if (signo != SIGKILL) /* one that is stopped could not act on it */
		kill(-pid, SIGCONT);
}

/* The parent of a process by /proc/PID/stat, "PID (NAME) STATE PPID ...", or -1. */
static pid_t parent_of(int proc, const char *pid)
{
	char path[32], text[512];
	cleanup_close int fd = -1;
	const char *name_end;
	ssize_t n;
	int parent;

	snprintf(path, sizeof path, "%.20s/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	name_end = strrchr(text, ')');
	return name_end && sscanf(name_end, ") %*c %d", &parent) == 1 ? parent : -1;
}

/* A server that a command of the job has started is ours by descent only. */
static bool is_server(int proc, const char *pid)
{
	char path[32], text[sizeof SERVER_MARK] = "";
	cleanup_close int fd = -1;

	snprintf(path, sizeof path, "%.20s/environ", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, text, sizeof text) == (ssize_t)sizeof text &&
	       memcmp(text, SERVER_MARK, sizeof text) == 0;
}

int job_kill_children(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t self = getpid();
	int killed = 0;

	while (proc && (entry = readdir(proc))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		if (parent_of(dirfd(proc), entry->d_name) != self ||
		    is_server(dirfd(proc), entry->d_name))
			continue;
		kill((pid_t)atoi(entry->d_name), SIGKILL);
		killed++;
	}
	if (proc)
		closedir(proc);
	return killed;
}
