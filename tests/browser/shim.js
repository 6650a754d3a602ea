// The surroundings that the report's VideoCallClient takes for granted, and the test's eyes and ears.
// The class itself runs as it stands in the report; this is all that is put around it.

/* eslint-env browser */
/* global VideoCallClient */

/** Every frame that the server sent, in order. */
const received = [];

// The address: the class names its author's machine, Unio is where this page's query says.
window.WebSocket = class extends WebSocket {
	constructor(url, protocols) {
		super(url.replace('ws://localhost:8000', new URLSearchParams(location.search).get('unio')), protocols);
		this.addEventListener('message', (event) => received.push(JSON.parse(event.data)));
	}
};

// No STUN server: there is no network beyond this machine, and none is needed on it.
window.RTCPeerConnection = class extends RTCPeerConnection {
	constructor(configuration) {
		super({ ...configuration, iceServers: [] });
	}
};

/**
 * A connected client. The class opens its socket before it has the camera's stream, and can make no offer
 * until it has it; so the stream is there beforehand.
 */
async function startClient(meetingId, token, userId) {
	const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
	navigator.mediaDevices.getUserMedia = async () => stream;
	const client = new VideoCallClient(meetingId, token);
	client.currentUserId = userId;
	client.localStream = stream;
	await client.connect();
	window.client = client;
}

/** What arrives from each peer: [{user, video: frames decoded, audio: packets received}]. */
function media() {
	return Promise.all([...window.client.peerConnections].map(async ([user, pc]) => {
		const found = { user, video: 0, audio: 0 };
		(await pc.getStats()).forEach((report) => {
			if (report.type === 'inbound-rtp' && report.kind === 'video')
				found.video = report.framesDecoded ?? 0;
			if (report.type === 'inbound-rtp' && report.kind === 'audio')
				found.audio = report.packetsReceived ?? 0; // decoded only where it is played
		});
		return found;
	}));
}
