// Times and names, as the reader's language writes them.

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** @param {string} text  RFC 3339 */
export function formatDateTime(text) {
	return dateTime.format(new Date(text));
}

/** @param {string} text */
export function formatTime(text) {
	return time.format(new Date(text));
}

/** 0:07, 12:30, 1:02:03. @param {number} seconds */
export function formatDuration(seconds) {
	const whole = Math.max(0, Math.floor(seconds));
	const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
	const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
	return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** At most two letters for a name. @param {string} name */
export function initials(name) {
	const parts = name.trim().split(/\s+/);
	const letters = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : parts;
	return letters.map((part) => [...part][0] ?? '').join('').toLocaleUpperCase();
}

/** One of eight colours, always the same for a user. @param {number} userId */
export function hue(userId) {
	return `hue-${userId % 8}`;
}
