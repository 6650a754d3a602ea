// etc/prometheus, etc/grafana: the alerts fire when they shall, and rules and dashboard speak of figures that there are.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { root } from '../lib/instance.mjs';
import { metricsInstance } from './support.mjs';

const directory = mkdtempSync(join(tmpdir(), 'unio-rules-'));
after(() => rmSync(directory, { recursive: true }));

const inst = await metricsInstance();
const programs = [await inst.signald(), await inst.api(), await inst.hookd()];
const rules = readFileSync(join(root, 'etc/prometheus/unio.rules.yml'), 'utf8');
const dashboard = JSON.parse(readFileSync(join(root, 'etc/grafana/unio.json'), 'utf8'));

function promtool(...args) {
	const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: root, encoding: 'utf8' });
	assert.equal(status, 0, `${stdout}${stderr}`);
	return `${stdout}${stderr}`;
}

/** Every expression of the dashboard, its variables filled in. */
const panels = dashboard.panels.flatMap((panel) => panel.targets ?? []);
const expressions = [...panels, ...dashboard.annotations.list].map(({ expr }) => expr
	.replaceAll('$__rate_interval', '5m').replaceAll(/\$(job|instance)\b/g, '.*'));

/** The selectors of a text in PromQL: [name, [[label, operator, value]…]]. */
function selectors(text) {
	return [...text.matchAll(/\b((?:unio|process)_\w+)(?:\{([^}]*)\})?/g)].map(([, name, labels = '']) =>
		[name, [...labels.matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)].map(([, ...label]) => label)]);
}

/** The samples of that selector; what Prometheus adds itself, job and instance, is not looked at. */
function find([name, labels]) {
	return programs.flatMap((figures) => [...figures.samples.keys()]).filter((key) => {
		const [, of, own] = /^(\w+)(?:\{(.*)\})?$/.exec(key);
		return of === name && labels.filter(([label]) => !['job', 'instance'].includes(label)).every(([label, operator, value]) => {
			const is = new RegExp(`(?:^|,)${label}="([^"]*)"`).exec(own ?? '')?.[1];
			return is !== undefined && (operator.startsWith('!') || new RegExp(`^(?:${value})$`).test(is));
		});
	});
}

test('the rules are well-formed, and each alert fires when it shall and not on an ordinary day', () => {
	assert.match(promtool('check', 'rules', 'etc/prometheus/unio.rules.yml'), /SUCCESS: \d+ rules/);
	assert.match(promtool('test', 'rules', 'etc/prometheus/unio.rules.test.yml'), /SUCCESS/);
	const tested = readFileSync(join(root, 'etc/prometheus/unio.rules.test.yml'), 'utf8');
	for (const [, alert] of rules.matchAll(/- alert: (\w+)/g))
		assert.match(tested, new RegExp(`alertname="${alert}"`), `${alert} has no test`);
});

test('the rules speak of figures and labels that the programs tell', () => {
	const found = selectors(rules.replaceAll(/^ +(summary|description):.*$/gm, ''));
	assert.ok(found.length > 25);
	for (const selector of found)
		assert.ok(find(selector).length > 0, JSON.stringify(selector));
});

test('each expression of the dashboard is well-formed, and speaks of figures that the programs tell', () => {
	assert.ok(expressions.length > 50);
	const file = join(directory, 'dashboard.yml');
	const records = expressions.map((expr, i) => `      - { record: 'r:${i}', expr: ${JSON.stringify(expr)} }\n`);
	writeFileSync(file, `groups:\n  - name: dashboard\n    rules:\n${records.join('')}`);
	promtool('check', 'rules', file);
	for (const selector of expressions.flatMap(selectors))
		assert.ok(find(selector).length > 0, JSON.stringify(selector));
});

test('each figure is shown on the dashboard, or somebody is woken by it', () => {
	const shown = new Set([...expressions, rules, JSON.stringify(dashboard.templating)].flatMap(selectors)
		.map(([name]) => name.replace(/_(bucket|sum|count)$/, '')));
	const told = programs.flatMap(({ types }) => [...types.keys()]);
	assert.deepEqual(told.filter((name) => !shown.has(name) && name !== 'unio_signald_last_event_id' && name !== 'process_max_fds'), []);
});

test('the dashboard has no number twice, and its panels do not overlap', () => {
	const ids = dashboard.panels.map(({ id }) => id);
	assert.equal(new Set(ids).size, ids.length);
	const taken = new Set();
	for (const { gridPos: { x, y, w, h } } of dashboard.panels)
		for (let i = 0; i < w * h; i++) {
			const cell = `${x + i % w},${y + Math.floor(i / w)}`;
			assert.ok(x + w <= 24 && !taken.has(cell), cell);
			taken.add(cell);
		}
});

test('no label of ours is one that Prometheus gives a target', () => {
	for (const figures of programs)
		assert.doesNotMatch(figures.text, /[{,](job|instance)="/);
});
