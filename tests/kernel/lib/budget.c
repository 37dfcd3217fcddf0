// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "budget.h"
#include "note.h"
#include "table.h"

int budget_fill(int *fd, int room)
{
	char byte;

	for (int i = 0; i < room; i++) {
		fd[i] = open(NETSTATE, O_RDONLY | O_CLOEXEC);
		if (fd[i] < 0) {
			note("open: %m");
			return -1;
		}
		if (read(fd[i], &byte, 1) == 1)
			continue;
		if (errno != ENOMEM) {
			note("file %d: %m", i);
			return -1;
		}
		close(fd[i]);
		return i;
	}
	note("%d files do not fill the budget", room);
	return -1;
}

void budget_empty(int *fd, int n)
{
	for (int i = 0; i < n; i++)
		close(fd[i]);
}
