/* The job of the latency measurement: writes CLOCK_MONOTONIC in nanoseconds to a FIFO. */
#include <fcntl.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct timespec ts;
	int64_t ns;
	int fd;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ns = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	if (argc < 2 || (fd = open(argv[1], O_WRONLY | O_CLOEXEC)) < 0)
		return 1;
	return write(fd, &ns, sizeof ns) == sizeof ns ? 0 : 1;
}
