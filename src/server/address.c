/* Addresses as users write them. No names but localhost: what a name stands for may change,
 * and with it who can reach us. */
#include "config.h"
#include "address.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "jobdeck/base/text.h"

static int wrong(const char *text, struct err *err)
{
	char safe[80];

	text_safe(safe, sizeof safe, text, strlen(text));
	return err_set(
		err, ERR_INVALID,
		"cannot listen at \"%s\": an address is 127.0.0.1:PORT or [::1]:PORT, port 0 is "
		"any that is free",
		safe);
}

/* Splits at the last colon; brackets of IPv6 go. False: it has no such form. */
static bool split(const char *text, char *host, size_t size, in_port_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	char *end;
	long number;

	if (!n || n >= size || colon[1] < '0' || colon[1] > '9')
		return false;
	number = strtol(colon + 1, &end, 10);
	if (*end || number > 65535)
		return false;
	*port = htons((in_port_t)number);
	if (text[0] == '[' && colon[-1] == ']')
		snprintf(host, size, "%.*s", (int)n - 2, text + 1);
	else if (!memchr(text, ':', n))
		snprintf(host, size, "%.*s", (int)n, text);
	else
		return false;
	return true;
}

static bool is_loopback(const struct address *a)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&a->at;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&a->at;

	if (a->at.ss_family == AF_INET)
		return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

int address_parse(const char *text, bool anywhere, struct address *out, struct err *err)
{
	struct address a = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *four = (struct sockaddr_in *)&a.at;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&a.at;
	char host[64];
	in_port_t port;

	if (!split(text, host, sizeof host, &port))
		return wrong(text, err);
	if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host,
		      &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = port;
	} else if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = port;
		a.len = sizeof *six;
	} else {
		return wrong(text, err);
	}
	if (!anywhere && !is_loopback(&a))
		return err_set(err, ERR_DENIED,
			       "other machines can reach %s; if that is meant, say so with "
			       "--listen-anywhere (or the setting listen_anywhere = 1)",
			       text);
	*out = a;
	return 0;
}

char *address_url(const struct address *a, char out[ADDRESS_URL_SIZE])
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)&a->at;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&a->at;
	char host[INET6_ADDRSTRLEN] = "";

	if (a->at.ss_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
		snprintf(out, ADDRESS_URL_SIZE, "http://%s:%d", host, ntohs(four->sin_port));
	} else {
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
		snprintf(out, ADDRESS_URL_SIZE, "http://[%s]:%d", host, ntohs(six->sin6_port));
	}
	return out;
}
