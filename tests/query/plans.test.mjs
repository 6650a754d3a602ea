// No request, timer or start goes through a whole table: every SQL text of the programs is shown to SQLite
// (EXPLAIN QUERY PLAN). What is not found by equality in an index, or is sorted, is listed here with what bounds it.
// Statistics (ANALYZE) are never gathered, so that a plan does not depend on what is in the database.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { statements } from './statements.mjs';

/** What has to be listed: a walk, a sort, an index that is made for one query, a range without an equality. */
const COSTLY = [
	/^SCAN (?!CONSTANT ROW)/, /TEMP B-TREE/, /AUTOMATIC/,
	/^SEARCH \S+ USING [^(]*\((?!.*[^<>]=\?)/,
];

/** A reason, and what it is for: [file, a piece of the SQL, a piece of the plan]. */
const LISTED = {
	'stops at its LIMIT, in the order of the index': [
		['shared/event.c', 'WHERE id > $1 ORDER BY id LIMIT', '(rowid>?)'],
		['shared/event.c', 'DELETE FROM event', 'event_by_age (created_at<?)'],
		['shared/store_user.c', 'WHERE id > $1 ORDER BY id LIMIT', '(rowid>?)'],
		['shared/store_login.c', 'DELETE FROM refresh_token', 'refresh_token_by_expiry (expires_at<?)'],
		['shared/store_login.c', 'DELETE FROM login ', 'login_by_expiry (expires_at<?)'],
		['shared/store_login.c', 'DELETE FROM login_failure', 'login_failure_by_age (window_start<?)'],
		['shared/store_login.c', 'l.revoked_at < $1', 'login_by_revocation (revoked_at<?)'],
		['shared/store_login.c', 'LIMIT 1 OFFSET $1', 'SCAN login_failure USING COVERING INDEX login_failure_by_age'],
		['shared/store_guess.c', 'DELETE FROM login_limit', 'login_limit_by_age (failed_at<?)'],
		['shared/store_ticket.c', 'DELETE FROM ticket', 'ticket_by_expiry (expires_at<?)'],
		['shared/store_idem.c', 'DELETE FROM idempotency', 'idempotency_by_age (created_at<?)'],
		['shared/store_delivery.c', 'DELETE FROM delivery', 'delivery_by_age (done_at>? AND done_at<?)'],
		['shared/store_delivery.c', 'ORDER BY d.give_up_at LIMIT', 'delivery_late (give_up_at<?)'],
		['shared/store_audit.c', 'DELETE FROM audit', 'audit_by_age (created_at<?)'],
		['shared/store_audit.c', 'FROM audit ORDER BY id DESC LIMIT 100) recent', 'SCAN'],
		['shared/store_call.c', 'FROM call WHERE ended_at < $1', 'call_by_end (ended_at<?)'],
	],
	'has an index of those that are open, active or waiting alone, which are few': [
		['shared/store_call.c', "WHERE c.status = 'active' ORDER BY c.id + 0", 'SCAN c USING INDEX call_one_active'],
		['shared/store_call.c', "WHERE c.status = 'active' ORDER BY c.id + 0", 'TEMP B-TREE'],
		['shared/store_call.c', "WHERE c.status = 'active' AND c.id + 0 < $1", 'SCAN c USING INDEX call_one_active'],
		['shared/store_call.c', "WHERE c.status = 'active' AND c.id + 0 < $1", 'TEMP B-TREE'],
		['shared/store_call.c', 'WHERE left_at IS NULL AND EXISTS', 'SCAN attendance USING INDEX attendance_open'],
	],
	'as much as one user has of their own, or one page of it': [
		['shared/store_guess.c', 'DELETE FROM login_known', 'TEMP B-TREE'],
		['shared/store_call.c', 'WITH latest AS', 'TEMP B-TREE'],
		['shared/store_call.c', 'WITH latest AS', 'SCAN recent'],
		['shared/store_call.c', 'FROM member b JOIN call c', 'TEMP B-TREE'],
		['shared/store_meeting.c', 'BETWEEN $2 AND $3', 'TEMP B-TREE FOR RIGHT PART'],
	],
	'a table of a handful of rows': [
		['shared/store_lease.c', 'FROM lease ORDER BY renewed_at', 'SCAN lease'],
		['shared/store_lease.c', 'FROM lease ORDER BY renewed_at', 'TEMP B-TREE'],
		['shared/store_webhook.c', 'FROM webhook', 'SCAN webhook'],
		['shared/store_webhook.c', 'FROM webhook w CROSS', 'SCAN w'],
	],
	'for unioctl alone: an operator may wait': [
		['shared/store_count.c', 'SELECT count(*) FROM', 'SCAN'],
		['shared/export.c', 'FROM call WHERE caller_id = $1', 'SCAN call'],
		['shared/export.c', 'FROM attendance t', 'SCAN t'],
		['shared/export.c', 'FROM event WHERE user_id = $1', 'SCAN event'],
		['shared/store_call.c', 'WHERE c.id < $1 AND c.status <> $2', '(rowid<?)'],
		['shared/store_meeting.c', 'WHERE m.id < $1', '(rowid<?)'],
		['shared/store_meeting.c', 'WHERE m.id BETWEEN $1 AND $2', 'meeting_id>? AND meeting_id<?'],
		['shared/store_meeting.c', 'WHERE m.id BETWEEN $1 AND $2', 'TEMP B-TREE'],
		['shared/store_delivery.c', 'FROM delivery WHERE id < $1', '(rowid<?)'],
		['shared/store_audit.c', 'FROM audit u', '(rowid>?)'],
	],
	'once, at the end of an administrator\'s account, or when it is disabled': [
		['shared/store_user.c', 'count(*) FROM account WHERE is_admin = 1', 'SCAN account'],
	],
};

const rows = Object.values(LISTED).flat();
const all = statements();
const costly = all.flatMap(({ file, sql, plan }) => plan.filter((line) => COSTLY.some((sort) => sort.test(line))).map((line) => ({ file, sql, line })));
const covers = ([file, sql, plan]) => (one) => one.file === file && one.sql.includes(sql) && one.line.includes(plan);

test('every statement is found in the sources, and has a plan', () => {
	assert.ok(all.length > 90, `${all.length} statements`);
	for (const { file, sql, plan } of all)
		assert.ok(plan.length > 0 || /VALUES/.test(sql), `${file}: ${sql} has no plan`);
});

test('no statement goes through a whole table, or sorts it, but for those that are listed', () => {
	const more = costly.filter((one) => !rows.some((row) => covers(row)(one)));
	assert.deepEqual(more.map(({ file, sql, line }) => `${file}: ${line}: ${sql}`), []);
});

test('what is listed is still so', () => {
	assert.deepEqual(rows.filter((row) => !costly.some(covers(row))), []);
});
