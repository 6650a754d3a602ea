#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "clock.h"
#include "http.h"
#include "mem.h"
#include "str.h"

#define TIMEOUT_MS	10000L
#define CONNECT_MS	5000L
#define CHUNK		4096

struct http_stream {
	CURL	*curl;
	int	 fd;
};

static struct curl_slist *add_header(struct curl_slist *headers, const char *name, const char *value);
static CURL	*open_curl(const char *url, bool verify, char *error);
static size_t	 on_body(char *data, size_t size, size_t n, void *arg);
static size_t	 on_header(char *data, size_t size, size_t n, void *arg);
static int64_t	 expiry(CURL *curl);
static bool	 wait_for(const struct http_stream *stream, short events);

void
http_get(const char *url, const char *origin, const char *authorization, bool verify, struct http_reply *reply_r)
{
	char error[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	CURL *curl = open_curl(url, verify, error);
	CURLcode code;
	char *type = NULL;

	*reply_r = (struct http_reply){ .status = 0 };
	headers = add_header(headers, "Origin", origin);
	headers = add_header(headers, "Authorization", authorization);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply_r);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply_r);
	reply_r->sent_us = clock_wall_us();
	code = curl_easy_perform(curl);
	reply_r->came_us = clock_wall_us();
	if (code == CURLE_OK) {
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply_r->status);
		if (curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type != NULL)
			str_copy(reply_r->type, sizeof(reply_r->type), type);
		reply_r->certificate_s = expiry(curl);
	} else {
		str_copy(reply_r->error, sizeof(reply_r->error), *error != '\0' ? error : curl_easy_strerror(code));
		reply_r->untrusted = code == CURLE_PEER_FAILED_VERIFICATION;
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
}

/* None, if the value is NULL. */
static struct curl_slist *
add_header(struct curl_slist *headers, const char *name, const char *value)
{
	struct buf line = { 0 };

	if (value == NULL)
		return headers;
	buf_addf(&line, "%s: %s", name, value);
	headers = curl_slist_append(headers, line.data);
	buf_free(&line);
	return headers;
}

void
http_reply_free(struct http_reply *reply)
{
	buf_free(&reply->body);
}

/* Aborts when out of memory, as everything here does.  SSL_CERT_FILE is OpenSSL's own name for whom to trust. */
static CURL *
open_curl(const char *url, bool verify, char *error)
{
	const char *authorities = getenv("SSL_CERT_FILE");
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		abort();
	if (authorities != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "unioctl/" UNIO_VERSION);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
	return curl;
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_reply *reply = arg;

	if (reply->body.len + size * n > LIMIT_CTL_LINE)
		return 0;
	buf_add(&reply->body, data, size * n);
	return size * n;
}

static size_t
on_header(char *data, size_t size, size_t n, void *arg)
{
	static const char date[] = "Date:";
	struct http_reply *reply = arg;
	char line[128] = "";

	if (size * n > sizeof(date) && size * n < sizeof(line) && strncasecmp(data, date, sizeof(date) - 1) == 0) {
		memcpy(line, data + sizeof(date) - 1, size * n - sizeof(date) + 1);
		reply->date_s = MAX((int64_t)curl_getdate(line, NULL), 0);
	}
	return size * n;
}

/* Of the server's own certificate, which comes first of the chain. */
static int64_t
expiry(CURL *curl)
{
	static const char key[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL || info->num_of_certs == 0)
		return 0;
	for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next)
		if (strncmp(line->data, key, sizeof(key) - 1) == 0)
			return MAX((int64_t)curl_getdate(line->data + sizeof(key) - 1, NULL), 0);
	return 0;
}

struct http_stream *
http_connect(const char *url, bool verify, char error_r[HTTP_ERROR])
{
	char error[CURL_ERROR_SIZE] = "";
	struct http_stream *stream = mem_calloc(1, sizeof(*stream));
	curl_socket_t fd;
	CURLcode code;

	stream->curl = open_curl(url, verify, error);
	curl_easy_setopt(stream->curl, CURLOPT_CONNECT_ONLY, 1L);
	code = curl_easy_perform(stream->curl);
	curl_easy_setopt(stream->curl, CURLOPT_ERRORBUFFER, NULL);
	if (code == CURLE_OK)
		code = curl_easy_getinfo(stream->curl, CURLINFO_ACTIVESOCKET, &fd);
	if (code == CURLE_OK) {
		stream->fd = fd;
		return stream;
	}
	str_copy(error_r, HTTP_ERROR, *error != '\0' ? error : curl_easy_strerror(code));
	http_close(&stream);
	return NULL;
}

void
http_close(struct http_stream **stream)
{
	if (*stream == NULL)
		return;
	curl_easy_cleanup((*stream)->curl);
	free(*stream);
	*stream = NULL;
}

void
http_address(const struct http_stream *stream, char address_r[LIMIT_ADDRESS])
{
	char *address = NULL;

	if (curl_easy_getinfo(stream->curl, CURLINFO_LOCAL_IP, &address) != CURLE_OK || address == NULL)
		address_r[0] = '\0';
	else
		str_copy(address_r, LIMIT_ADDRESS, address);
}

bool
http_send(struct http_stream *stream, const void *p, size_t n)
{
	const char *next = p;
	size_t sent;
	CURLcode code;

	while (n > 0) {
		code = curl_easy_send(stream->curl, next, n, &sent);
		if (code == CURLE_AGAIN && wait_for(stream, POLLOUT))
			continue;
		if (code != CURLE_OK)
			return false;
		next += sent;
		n -= sent;
	}
	return true;
}

bool
http_receive(struct http_stream *stream, struct buf *in)
{
	char *p = buf_reserve(in, CHUNK);
	size_t n = 0;
	CURLcode code;

	do {
		code = curl_easy_recv(stream->curl, p, CHUNK, &n);
	} while (code == CURLE_AGAIN && wait_for(stream, POLLIN));
	if (code != CURLE_OK || n == 0)
		return false;
	in->len += n;
	return true;
}

static bool
wait_for(const struct http_stream *stream, short events)
{
	struct pollfd watch = { .fd = stream->fd, .events = events };

	return poll(&watch, 1, (int)CONNECT_MS) == 1;
}
