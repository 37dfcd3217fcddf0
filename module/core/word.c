// SPDX-License-Identifier: GPL-2.0-only
/*
 * key=value words.
 */
#include <netstate/decimal.h>
#include <netstate/word.h>

char *nst_put_key(char *p, const char *key)
{
	size_t len = strlen(key);

	*p++ = ' ';
	memcpy(p, key, len);
	p += len;
	*p++ = '=';
	return p;
}

char *nst_put_text(char *p, const char *key, const char *text)
{
	size_t len = strlen(text);

	p = nst_put_key(p, key);
	memcpy(p, text, len);
	return p + len;
}

char *nst_put_number(char *p, const char *key, u64 number)
{
	return nst_decimal64(nst_put_key(p, key), number);
}

char *nst_put_fraction(char *p, const char *key, u32 number, u32 unit)
{
	p = nst_decimal(nst_put_key(p, key), number / unit);
	*p++ = '.';
	for (number %= unit, unit /= 10; unit; number %= unit, unit /= 10)
		*p++ = '0' + number / unit;
	return p;
}
