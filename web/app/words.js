// All that the page says, in English. A translation is another file with the same names.

export const words = {
	name: 'Unio',
	tagline: 'Video meetings on your own server.',

	serverError: 'The server could not do that. Please try again.',
	unreachable: 'The server cannot be reached. Please check your connection.',
	/** By the `code` of the API's reply. @type {Record<string, string>} */
	apiErrors: {},

	signIn: 'Sign in',
	email: 'E-mail address',
	password: 'Password',
	signOut: 'Sign out',
	wrongLogin: 'The e-mail address or the password is not right.',
	tooManyLogins: 'Too many attempts. Please wait a few minutes and try again.',

	meetings: 'Your meetings',
	noMeetings: 'No meetings yet.',
	noMeetingsHint: 'Create one and invite people by their e-mail address.',
	newMeeting: 'New meeting',
	title: 'Title',
	description: 'What is it about? (optional)',
	when: 'When? (optional)',
	inviteMany: 'Invite (e-mail addresses, separated by commas)',
	create: 'Create meeting',
	cancel: 'Cancel',
	close: 'Close',
	more: 'Show more',
	join: 'Join',
	details: 'Details',
	back: 'All meetings',
	/** @param {string} name */
	hostedBy: (name) => `Host: ${name}`,
	hostedByYou: 'You are the host',
	/** @param {number} n */
	people: (n) => (n === 1 ? '1 person' : `${n} people`),
	/** @type {Record<string, string>} */
	status: { scheduled: 'Scheduled', ongoing: 'In a call now', completed: 'Held', cancelled: 'Cancelled' },

	participants: 'People',
	host: 'Host',
	you: 'you',
	invite: 'Invite',
	inviteOne: 'Invite by e-mail address',
	/** @param {string} email */
	nobodyHas: (email) => `Nobody here has the address ${email}.`,
	/** @param {string} name */
	invited: (name) => `${name} is invited.`,
	remove: 'Remove',
	/** @param {string} name */
	removePerson: (name) => `Remove ${name}`,
	deleteMeeting: 'Delete meeting',
	deleteSure: 'The meeting, its calls and their attendance will be gone for good.',
	copyLink: 'Copy link',
	linkCopied: 'Link copied',

	history: 'Calls',
	noHistory: 'There have been no calls yet.',
	attendance: 'Attendance',
	csv: 'Download CSV',
	nobodyCame: 'Nobody was in this call.',
	person: 'Name',
	cameAt: 'Joined',
	leftAt: 'Left',
	present: 'Present',
	still: 'still there',
	runningNow: 'Running now',
	/** By ended_reason. @type {Record<string, string>} */
	endedBecause: {
		ended: 'Ended', empty: 'Ended, as nobody was left', max_duration: 'Ended at the longest duration',
		meeting_deleted: 'Meeting deleted', server_restart: 'Ended by a server restart',
	},

	ready: 'Ready to join?',
	camera: 'Camera',
	microphone: 'Microphone',
	noCamera: 'No camera',
	noMicrophone: 'No microphone',
	cameraIsOff: 'Your camera is off',
	preview: 'Preview of your camera',
	inputLevel: 'Microphone level',
	/** By the name of the browser's error. @type {Record<string, string>} */
	mediaErrors: {
		NotAllowedError: 'The browser does not let this page use your camera or microphone. You can allow it next to the address, or join without.',
		NotFoundError: 'No camera or microphone was found. You can join and listen.',
		NotReadableError: 'The camera or microphone is in use by another program.',
		other: 'The camera or microphone could not be started.',
		insecure: 'Browsers give the camera and microphone only to pages with https. You can join and listen.',
	},
	joining: 'Joining…',

	settings: 'Camera and microphone',
	call: 'Call',
	mute: 'Mute microphone',
	unmute: 'Unmute microphone',
	cameraOff: 'Turn camera off',
	cameraOn: 'Turn camera on',
	share: 'Share screen',
	stopShare: 'Stop sharing',
	raise: 'Raise hand',
	lower: 'Lower hand',
	chat: 'Chat',
	leave: 'Leave',
	endForAll: 'End for everyone',
	leaveQuestion: 'Leave the call?',
	leaveHint: 'The others can go on without you, or you can end the call for everyone.',
	whoIsHere: 'Who is here',
	inRoom: 'not in the call',
	notHere: 'invited, not here',
	callControls: 'Call controls',
	videos: 'Videos',
	alone: 'You are the only one here',
	aloneHint: 'Others see this call as soon as they open the meeting.',
	self: 'You',
	/** @param {string} name */
	selfName: (name) => `${name} (you)`,
	/** @param {string} name */
	sharing: (name) => `${name} shares the screen`,
	connecting: 'Connecting…',
	reconnectingPeer: 'Connection interrupted…',
	muted: 'Microphone off',
	handUp: 'Hand raised',
	/** @type {Record<string, string>} */
	quality: { good: 'Good connection', fair: 'Fair connection', poor: 'Poor connection', lost: 'No connection', unknown: 'Connecting' },
	/** @param {string} name */
	came: (name) => `${name} joined`,
	/** @param {string} name */
	went: (name) => `${name} left`,
	/** @param {string} name */
	raised: (name) => `${name} raised a hand`,
	reconnecting: 'Connection lost. Reconnecting…',
	/** @param {string} why */
	reconnectingWhy: (why) => `${why} Reconnecting…`,
	reconnected: 'You are connected again.',
	clickToHear: 'Click anywhere to hear the others',

	/** @param {string} text */
	fromOperator: (text) => `From the operator of this server: ${text}`,

	message: 'Message',
	messageTo: 'Message to everyone',
	send: 'Send',
	noMessages: 'Messages are seen by those who are here now, and are not kept.',
	turnRefused: 'The relay server does not accept this page. People who can only be reached through it stay without picture and sound.',
	noRelay: 'This meeting is held through a relay server only, so that nobody learns the address of another. This server has none: please tell the host.',
	/** @param {string} text */
	unsure: (text) => `The connection was lost; this may not have been sent: ${text}`,
	notSent: 'Not connected: the message was not sent.',
	/** @param {string} name */
	messageFrom: (name) => `Message from ${name}`,

	/** Why it is over, by code; the rest is the server's own words. @type {Record<string, string>} */
	over: {
		left: 'You left the call',
		ended: 'The call was ended',
		max_duration: 'The call has reached its longest duration',
		empty: 'The call was ended because nobody was in it',
		kicked: 'You were removed from the meeting',
		banned: 'You are banned from this meeting',
		forbidden: 'You are not invited to this meeting, or no longer',
		not_found: 'There is no such meeting',
		revoked: 'You were signed out',
		unauthorized: 'You are not signed in any more',
		meeting_deleted: 'The meeting was deleted',
		room_full: 'The meeting is full',
		too_many_sessions: 'You are in this meeting on too many devices',
		resumed_elsewhere: 'The meeting was continued in another window',
		lost: 'The connection was lost',
		unreachable: 'The server cannot be reached',
	},
	/** @param {string} name */
	endedByHost: (name) => `The host, ${name}, ended the call`,
	/** @param {string} name */
	endedBy: (name) => `${name} ended the call`,
	rejoin: 'Join again',
};
