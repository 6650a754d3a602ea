// Holds what a real page is told and says against the descriptions: its requests and its WebSockets, as Chromium has them.
import { checkReply, violated } from './contract.mjs';
import { FrameWatch } from './contract_frames.mjs';

/** Watches a page of an instance from now on; the test's assertContract() says what was wrong. */
export function watchPage(page, inst) {
	page.on('websocket', (socket) => {
		const watch = new FrameWatch();
		socket.on('framereceived', ({ payload }) => watch.received(payload));
		socket.on('framesent', ({ payload }) => watch.sent(payload));
	});
	page.on('requestfinished', (request) => check(request, inst).catch(() => {})); // the page may be gone by now
}

async function check(request, inst) {
	const { origin, pathname, search } = new URL(request.url());
	if (origin !== inst.origin)
		return;
	const response = await request.response();
	const text = request.method() === 'HEAD' || response.status() === 304 ? '' : await response.text();
	const headers = await response.allHeaders();
	if (text === '' && /^text\/csv\b/.test(headers['content-type'] ?? ''))
		return; // the page took it as a blob, which Chromium does not keep for us
	const asked = { method: request.method(), path: pathname + search, basePath: inst.basePath, body: request.postData() ?? undefined };
	const json = /^application\/json\b/.test(headers['content-type'] ?? '') ? JSON.parse(text) : null;
	try {
		checkReply(asked, { status: response.status(), headers, json, text });
	} catch (error) {
		violated(error.message);
	}
}
