// Calls through a real TURN server, coturn with the configuration of docs/TURN.md; and what is said when it refuses.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { as, assertStatus, newMeeting, newUser } from '../lib/api.mjs';
import { startCoturn } from '../lib/coturn.mjs';
import { startInstance, until } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

const SECRETS = ['the secret that signs today', 'the secret of the day before'];
const REFUSED = 'The relay server does not accept this page. People who can only be reached through it stay without picture and sound.';

let inst;
let coturn;
let browser;

before(async () => {
	coturn = await startCoturn({ secrets: SECRETS });
	inst = await startInstance({ conf: { ice_urls: coturn.urls, turn_secret_file: coturn.secretFile } });
	browser = await launch();
});
afterEach(() => inst.assertAlive());
after(async () => {
	await browser?.close();
	await inst?.stop();
	await coturn?.stop();
});

/** A meeting in which everything goes through the relay, of two new people. */
async function relayMeeting(where = inst) {
	const users = [await newUser(where, { name: 'Ann' }), await newUser(where, { name: 'Bob' })];
	const meeting = await newMeeting(where, users[0], { title: 'Relayed', participants: [users[1]] });
	assertStatus(await as(where, users[0]).patch(`/api/meetings/${meeting.id}`, { ice_policy: 'relay' }), 200);
	return users;
}

const join = (where, user) => Visitor.inCall(browser, where, { name: user.full_name, ...user }, 'Relayed');

/** The kinds of candidate that the media of each connection take: [[local, remote], …]. */
const ways = ({ page }) => page.evaluate(() => Promise.all(window.connections().map(async (pc) => {
	const reports = [...(await pc.getStats()).values()];
	const transport = reports.find(({ type }) => type === 'transport');
	const pair = reports.find(({ id }) => id === transport.selectedCandidatePairId);
	return [pair.localCandidateId, pair.remoteCandidateId].map((end) => reports.find(({ id }) => id === end).candidateType);
})));

/** What a browser is given by these servers alone: how many addresses at the relay, and the refusals. */
async function allocate(visitor, iceServers) {
	iceServers.forEach(({ credential }) => noteSecret(credential));
	return visitor.page.evaluate(async (servers) => {
		const pc = new RTCPeerConnection({ iceServers: servers, iceTransportPolicy: 'relay' });
		const found = { relayed: 0, refused: [] };
		pc.onicecandidate = ({ candidate }) => { found.relayed += candidate?.candidate ? 1 : 0; };
		pc.onicecandidateerror = ({ errorCode }) => found.refused.push(errorCode);
		pc.createDataChannel('');
		await pc.setLocalDescription();
		await new Promise((done) => {
			pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done();
		});
		pc.close();
		return found;
	}, iceServers);
}

const serversOf = async (user) => assertStatus(await as(inst, user).get('/api/ice-servers'), 200).iceServers;

test('two pages in a meeting with the ice_policy relay see each other through the TURN server alone', async () => {
	const users = await relayMeeting();
	const visitors = [await join(inst, users[0]), await join(inst, users[1])];
	await Promise.all(visitors.map((visitor) => visitor.sees(1)));
	for (const visitor of visitors) {
		assert.deepEqual(await ways(visitor), [['relay', 'relay']]);
		assert.deepEqual(visitor.complaints, []);
	}
	for (const { id } of users)
		assert.match(coturn.log(), new RegExp(`user <\\d+:${id}>: incoming packet ALLOCATE processed, success`));
	await Promise.all(visitors.map((visitor) => visitor.close()));
});

test('a new secret is signed with while the old one is still good, as docs/TURN.md has it', async () => {
	const [user] = await relayMeeting();
	const visitor = await Visitor.open(browser, inst, { name: user.full_name, ...user });
	for (const secrets of [SECRETS, [...SECRETS].reverse()]) {
		const [before] = await serversOf(user);
		coturn.setSecrets(...secrets);
		inst.kill('api', 'SIGHUP');
		if (secrets !== SECRETS)
			await until(async () => (await serversOf(user))[0].credential !== before.credential, 'another secret signs');
		const { relayed, refused } = await allocate(visitor, await serversOf(user));
		assert.ok(relayed > 0, `refused: ${refused}`);
	}
	coturn.setSecrets(...SECRETS);
	inst.kill('api', 'SIGHUP');
	await inst.waitReady();
	await visitor.close();
});

test('a wrong password gets nothing', async () => {
	const [user] = await relayMeeting();
	const visitor = await Visitor.open(browser, inst, { name: user.full_name, ...user });
	const [server] = await serversOf(user);
	assert.ok((await allocate(visitor, [server])).relayed > 0);
	const wrong = await allocate(visitor, [{ ...server, credential: Buffer.from('another').toString('base64') }]);
	assert.equal(wrong.relayed, 0);
	assert.ok(wrong.refused.includes(401), String(wrong.refused));
	await visitor.close();
});

const refusals = {
	'that knows another secret': { secrets: ['a secret that Unio does not have'], unioSecrets: SECRETS },
	'for which all passwords have expired': { secrets: SECRETS, clock: '+2d' },
};
for (const [what, options] of Object.entries(refusals))
	test(`a TURN server ${what}: the page says what that means`, async () => {
		const stranger = await startCoturn(options);
		const other = await startInstance({ conf: { ice_urls: stranger.urls, turn_secret_file: stranger.secretFile } });
		try {
			const users = await relayMeeting(other);
			const [ann, bob] = [await join(other, users[0]), await join(other, users[1])];
			for (const visitor of [ann, bob])
				await visitor.page.getByRole('alert').getByText(REFUSED).waitFor();
			await ann.tile('Bob').getByText('Connecting…').waitFor();
			await Promise.all([ann.close(), bob.close()]);
		} finally {
			await other.stop();
			await stranger.stop();
		}
	});

test('a meeting that allows the relay alone, on a server that has none: the page says so at once', async () => {
	const bare = await startInstance();
	try {
		const users = await relayMeeting(bare);
		const ann = await join(bare, users[0]);
		await ann.page.getByRole('alert').getByText(/This server has none/).waitFor();
		await ann.close();
	} finally {
		await bare.stop();
	}
});
