// Holds descriptions against their specifications (see description.sh).

import { createConfig, getLineColLocation, lint } from '@redocly/openapi-core';

const config = await createConfig({
	extends: ['recommended-strict'],
	rules: {
		// What is the same for every path (404, 405) is said once, in components, and used by tests.
		'no-unused-components': 'off',
		'operation-4xx-response': 'off',
		// The one beside the server's own is `make run`.
		'no-server-example.com': 'off',
		// MIT has an identifier; AsyncAPI knows only addresses.
		'info-license-strict': 'off',
		'operation-operationId-unique': 'error',
		// Which members there may be the schemas say themselves.
		'no-invalid-schema-examples': { severity: 'error', allowAdditionalProperties: true },
		'no-invalid-media-type-examples': { severity: 'error', allowAdditionalProperties: true },
		'no-ambiguous-paths': 'error',
		'no-http-verbs-in-paths': 'error',
		'operation-operationId-url-safe': 'error',
		'operation-tag-defined': 'error',
		'parameter-description': 'error',
		'tags-alphabetical': 'off',
	},
});

for (const file of process.argv.slice(2)) {
	for (const { message, location: [location] } of await lint({ ref: file, config })) {
		const { line } = getLineColLocation(location).start;
		console.log(`${file}:${line}: ${message.replaceAll(/\s+/g, ' ')}`);
	}
}
