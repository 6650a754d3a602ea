// The secrets that the tests of this process have used, so that an instance's logs can be searched for
// them when it stops. Only tests know what is secret; a program that leaks one cannot hide it.

/** Shorter strings would be found by chance. */
const SHORTEST = 6;

const noted = new Set();

/** Remembers a token, password, ticket, SDP or candidate that must never be seen in a log. */
export function noteSecret(...secrets) {
	for (const secret of secrets)
		if (typeof secret === 'string' && secret.length >= SHORTEST)
			noted.add(secret);
}

/**
 * The noted secrets that occur in a text, as they are, percent-encoded or as they stand inside a JSON string.
 * @returns {string[]}
 */
export function secretsIn(text) {
	return [...noted].filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));
}

function spellings(secret) {
	return [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])];
}
