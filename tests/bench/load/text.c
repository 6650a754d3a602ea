#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stamp.h"
#include "text.h"

/* Before the stamp, after it, what fills it up to its size, and the end. */
static const struct {
	const char	*head;
	const char	*filler;
	const char	*tail;
	const char	*relayed;
	size_t		 wrapped;	/* bytes of the value that are not passed on: {"type":"…",…:  and  } */
} form[] = {
	[TEXT_CANDIDATE] = {
	    "{\"type\":\"ice-candidate\",\"candidate\":{\"candidate\":\"candidate:842163049 1 udp 1677729535 "
	    "203.0.113.7 51234 typ srflx raddr 192.168.1.17 rport 51234 generation 0 ufrag ",
	    " network-cost 999",
	    "\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}}",
	    "ice_candidate",
	    sizeof("{\"type\":\"ice-candidate\",\"candidate\":}") - 1,
	},
	[TEXT_OFFER] = {
	    "{\"type\":\"offer\",\"offer\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\no=- 4611731400430051336 2 IN IP4 "
	    "127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\na=group:BUNDLE 0 1\\r\\na=ice-ufrag:",
	    "\\r\\nm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\\r\\nc=IN IP4 0.0.0.0\\r\\na=rtcp:9 IN IP4 0.0.0.0\\r\\n"
	    "a=setup:actpass\\r\\na=mid:0\\r\\na=sendrecv\\r\\na=rtcp-mux\\r\\na=rtpmap:96 VP8/90000\\r\\n"
	    "a=rtcp-fb:96 goog-remb\\r\\na=rtcp-fb:96 transport-cc\\r\\na=fmtp:97 apt=96",
	    "\"}}",
	    "webrtc_offer",
	    sizeof("{\"type\":\"offer\",\"offer\":}") - 1,
	},
};

struct text
text_new(enum text_kind kind, size_t size)
{
	struct text	text = { .n = size, .relayed = form[kind].relayed, .stamp = strlen(form[kind].head) };
	size_t		tail = strlen(form[kind].tail), at = text.stamp + STAMP_BYTES, n;

	text.least = size - form[kind].wrapped;
	if (size < at + tail || (text.p = malloc(size)) == NULL)
		errx(2, "a message of %zu bytes: too short, or no memory", size);
	memcpy(text.p, form[kind].head, text.stamp);
	for (n = strlen(form[kind].filler); at + n + tail <= size; at += n)
		memcpy(text.p + at, form[kind].filler, n);
	memset(text.p + at, ' ', size - tail - at);
	memcpy(text.p + size - tail, form[kind].tail, tail);
	return text;
}
