// SPDX-License-Identifier: GPL-2.0
/*
 * Run a program in a network namespace, and nothing else:
 *
 *	inns NAMESPACE PROGRAM [ARGUMENTS...]
 *
 * `ip netns exec' also makes a mount namespace and mounts sysfs there, which
 * in an emulated machine takes longer than most programs that tests run.
 */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[256];
	int fd;

	if (argc < 3)
		errx(2, "usage: inns NAMESPACE PROGRAM [ARGUMENTS...]");
	snprintf(path, sizeof(path), "/run/netns/%s", argv[1]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "%s", path);
	execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
