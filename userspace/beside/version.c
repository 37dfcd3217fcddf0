// SPDX-License-Identifier: GPL-2.0-only
/* Which versions there are: of this program, and of the module that is loaded. */
#include <stdio.h>
#include <string.h>

#include "beside/version.h"

/* Returns false: then there is nothing left to do. */
bool nst_version_print(void)
{
	FILE *file = fopen("/sys/module/netstate/version", "re");
	char loaded[64] = "is not loaded";

	if (file) {
		if (!fgets(loaded, sizeof(loaded), file))
			strcpy(loaded, "?");
		fclose(file);
	}
	loaded[strcspn(loaded, "\n")] = '\0';
	printf("netstate " NETSTATE_VERSION "\nmodule %s\n", loaded);
	return false;
}
