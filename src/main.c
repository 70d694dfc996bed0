#include "config.h"
#include "jobdeck/cli/cmd.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
