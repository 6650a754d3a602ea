// Takes the webhooks of Unio: checks who sent them, forgets what it has had already, and says what happens.
//
//	WEBHOOK_SECRET=whsec_… node receiver.mjs [PORT]
//
// The secret is what `unioctl webhook add http://127.0.0.1:PORT/` prints.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64');
const seen = new Set(); // a database's table, in a program that is started again

/** Some signature is ours, of this very body, and younger than five minutes. */
function isSigned({ 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures = '' }, body) {
	const right = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64')}`);
	return Math.abs(Date.now() / 1000 - time) < 300 && signatures.split(' ').map((text) => Buffer.from(text))
		.some((one) => one.length === right.length && timingSafeEqual(one, right));
}

createServer(async (request, response) => {
	const parts = [];
	for await (const part of request)
		parts.push(part);
	const body = Buffer.concat(parts);
	if (!isSigned(request.headers, body))
		return response.writeHead(401).end();
	if (!seen.has(request.headers['webhook-id'])) {
		const { type, meeting_id: meeting } = JSON.parse(body);
		console.log(`meeting ${meeting}: ${type}`);
		seen.add(request.headers['webhook-id']);
	}
	return response.writeHead(204).end(); // soon: what takes long is done afterwards
}).listen(Number(process.argv[2] ?? 9000), '127.0.0.1', function listening() {
	console.log(`listening on port ${this.address().port}`);
});
