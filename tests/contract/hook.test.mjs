// The hook that holds every test's replies and frames against the descriptions does find what is wrong with them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertContract, checkReply } from '../lib/contract.mjs';
import { FrameWatch } from '../lib/contract_frames.mjs';
import { readDescriptions } from '../lib/contract_table.mjs';

const { openapi, asyncapi } = readDescriptions();
const [person] = openapi.components.schemas.Person.examples;
const [welcome] = asyncapi.components.messages['server.welcome'].payload.examples;
const [fault] = openapi.components.schemas.Error.examples;

/** A reply as request() has it. */
function reply(status, json, headers = {}) {
	const all = { 'x-request-id': 'r'.repeat(22), 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'application/json', ...headers };
	return { status, json, text: JSON.stringify(json), headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) };
}

const add = { method: 'POST', path: '/unio/api/meetings/1/participants/?x=1', basePath: '/unio', body: '{"user_id":1}' };

test('a reply as described passes', () => {
	checkReply(add, reply(201, person));
	checkReply(add, reply(201, person, { 'idempotency-replayed': 'true', date: 'now' }));
	checkReply({ ...add, body: '{"user_id":1,"more":2}' }, reply(201, person));
	checkReply({ ...add, path: '/elsewhere' }, reply(299, {}));
	checkReply({ ...add, path: '/unio/api/nowhere' }, reply(404, fault));
	checkReply(add, reply(502, null, { 'x-request-id': undefined }));
});

const wrong = [
	['a status', add, reply(202, person), /202: this status is not described/],
	['a route', { ...add, path: '/unio/api/rooms' }, reply(200, person), /200: this status/],
	['a method', { ...add, method: 'PATCH' }, reply(200, person), /200: this status/],
	['a member too many', add, reply(201, { ...person, age: 1 }), /it must NOT have additional properties \("age"\)/],
	['a member too few', add, reply(201, { ...person, email: undefined }), /required property 'email'/],
	['a member of another kind', add, reply(201, { ...person, id: '1' }), /\/id must be integer/],
	['a code', add, reply(403, { ...fault, code: 'forbidden_here' }), /\/code must be equal to constant \("forbidden"\)/],
	['a code of another status', add, reply(409, { ...fault, code: 'host_stays' }), /\/code must be equal to one of the allowed values/],
	['an error without its field', add, reply(400, { ...fault, code: 'missing_field' }), /field/],
	['a header too many', add, reply(201, person, { 'x-more': '1' }), /the header x-more is not described/],
	['a header too few', add, reply(503, { ...fault, code: 'database_busy' }), /the header retry-after is missing/],
	['a header of another form', add, reply(503, { ...fault, code: 'database_busy' }, { 'retry-after': '0' }), /retry-after: it must be >= 1/],
	['no X-Request-Id', add, reply(201, person, { 'x-request-id': undefined }), /X-Request-Id is missing/],
	['what may be kept', add, reply(201, person, { 'cache-control': 'public' }), /cache-control is not no-store/],
	['another Content-Type', add, reply(201, person, { 'content-type': 'text/html' }), /its Content-Type is text\/html/],
	['a body where none is', { method: 'POST', path: '/api/auth/logout' }, reply(204, {}), /it has a body/],
	['a granted body', { ...add, body: '{"user_id":"1"}' }, reply(201, person), /although in the body \/user_id must be integer/],
	['a granted query', { method: 'GET', path: '/api/meetings?limit=101' }, reply(200, { results: [], next_cursor: null }), /although limit in the query: it must be <= 100/],
];

for (const [what, asked, answer, message] of wrong)
	test(`in a reply ${what} is found`, () => assert.throws(() => checkReply(asked, answer), message));

/** A client in a room; what is wrong is said by assertContract(). */
function watching() {
	const watch = new FrameWatch();
	return {
		send: (frame) => watch.sent(JSON.stringify(frame)),
		receive: (frame) => watch.received(JSON.stringify(frame)),
		close: (code, reason) => watch.closed(code, reason),
		watch,
	};
}

const timestamp = '2024-01-15T10:30:45.123456Z';

test('frames as described pass', () => {
	const { send, receive, close } = watching();
	receive(welcome);
	send({ type: 'answer', answer: {}, target_id: 1 });
	send({ type: 'answer', answer: {}, id: 7 });
	receive({ type: 'error', code: 'missing_field', message: 'target_id is required', field: 'target_id', id: 7 });
	send({ type: 'ping', id: 'p' });
	receive({ type: 'pong', timestamp, id: 'p' });
	close(4410, 'meeting_deleted');
	assertContract();
});

const wrongFrames = [
	['a type', ({ receive }) => receive({ type: 'gossip' }), /server frames have no type "gossip"/],
	['no type', ({ receive }) => receive({ data: 1 }), /no type undefined/],
	['no JSON', ({ watch }) => watch.received('{'), /it is no JSON/],
	['a member too many', ({ receive }) => receive({ type: 'ack', id: 1, at: timestamp }), /server's ack .*\("at"\)/],
	['a member too few', ({ receive }) => receive({ type: 'pong' }), /required property 'timestamp'/],
	['a member deep inside', ({ receive }) => receive({ ...welcome, self: { user_id: 1, role: 'guest' } }), /\/self\/role/],
	['an error that is none', ({ receive }) => receive({ type: 'error', code: 'odd', message: 'x' }), /\/code/],
	['the action of another close', ({ receive }) => receive({ type: 'error', code: 'revoked', message: 'x', close: 4406, action: 'reconnect' }), /closing/],
	['a close code', ({ close }) => close(4499, 'odd'), /closed with 4499 \(odd\)/],
	['the reason of a close', ({ close }) => close(4406, 'odd'), /calls revoked/],
	['a frame that was taken', ({ send, receive }) => {
		send({ type: 'state', state: [] });
		send({ type: 'ping', id: 1 });
		receive({ type: 'pong', timestamp, id: 1 });
	}, /took a frame .* client's state \/state must be object/],
	['a frame that was acknowledged', ({ send, receive }) => {
		send({ type: 'gossip', id: 1 });
		receive({ type: 'ack', id: 1 });
	}, /client frames have no type "gossip"/],
];

for (const [what, happen, message] of wrongFrames) {
	test(`among frames ${what} is found`, () => {
		happen(watching());
		assert.throws(assertContract, message);
		assertContract();
	});
}
