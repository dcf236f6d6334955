/* SPDX-License-Identifier: GPL-2.0 */
/* Files of commands. */
#ifndef LVSADM_LINES_H
#define LVSADM_LINES_H

#include <stdio.h>

char *lines_read(FILE *file, const char **why);
char **lines_words(char *line, int *argc);

#endif
