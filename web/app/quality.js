// How good the connection to a peer is, from what the browser measures.

/** @typedef {{received: number, lost: number, frames: number, rttMs: number}} Sample */
/** @typedef {'good' | 'fair' | 'poor' | 'lost' | 'unknown'} Quality */

/**
 * @param {Iterable<Record<string, any>>} reports  the values of an RTCStatsReport
 * @returns {Sample}
 */
export function sample(reports) {
	const found = { received: 0, lost: 0, frames: 0, rttMs: 0 };
	for (const report of reports) {
		if (report.type === 'inbound-rtp') {
			found.received += report.packetsReceived ?? 0;
			found.lost += report.packetsLost ?? 0;
			found.frames += report.framesDecoded ?? 0;
		} else if (report.type === 'candidate-pair' && report.nominated && report.state === 'succeeded')
			found.rttMs = Math.max(found.rttMs, 1000 * (report.currentRoundTripTime ?? 0));
	}
	return found;
}

/**
 * @param {string} connection  of the peer
 * @param {Sample | null} before  an earlier sample
 * @param {Sample} now
 * @returns {Quality}
 */
export function judge(connection, before, now) {
	if (connection === 'failed' || connection === 'disconnected')
		return 'lost';
	if (connection !== 'connected' || before === null)
		return 'unknown';
	const received = now.received - before.received;
	const lost = Math.max(0, now.lost - before.lost);
	const loss = received + lost > 0 ? lost / (received + lost) : 0;
	if (loss > 0.08 || now.rttMs > 600)
		return 'poor';
	return loss > 0.02 || now.rttMs > 250 ? 'fair' : 'good';
}
