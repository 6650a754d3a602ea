// People for pictures: drawn, each always the same, moving a little. Runs in a page; `portraitStream(n)` takes the
// place of a camera.

/* eslint-env browser */

const PORTRAITS = [
	{ wall: ['#f6e0c8', '#e3b98e'], skin: '#f0c39f', hair: '#4a2c20', shirt: '#0f766e', style: 'bob', thing: 'plant' },
	{ wall: ['#cfe5e0', '#8fbcb4'], skin: '#8a5a3c', hair: '#1d1512', shirt: '#e0a458', style: 'short', thing: 'shelf' },
	{ wall: ['#dfdaf1', '#a99fd0'], skin: '#e8b08a', hair: '#b5562c', shirt: '#33415c', style: 'bun', thing: 'window' },
	{ wall: ['#f3d8d6', '#d39a96'], skin: '#c98d63', hair: '#2a201c', shirt: '#5b4b8a', style: 'beard', thing: 'lamp' },
	{ wall: ['#d5e4f3', '#93b4d6'], skin: '#f4d0b5', hair: '#c9a15c', shirt: '#a23e48', style: 'long', thing: 'shelf' },
	{ wall: ['#f1e9cb', '#d0bd7c'], skin: '#6d432c', hair: '#17110f', shirt: '#3f7d58', style: 'curls', thing: 'plant' },
	{ wall: ['#dbead2', '#9dbf8b'], skin: '#e7b894', hair: '#9a9a98', shirt: '#274c77', style: 'short', thing: 'window' },
	{ wall: ['#ead7e7', '#bb92b6'], skin: '#b97a50', hair: '#3b2418', shirt: '#c8553d', style: 'long', thing: 'lamp' },
];

/** Things in the room behind, to the right and the left of the head; all in a picture of 640 by 360. */
const THINGS = {
	plant(c) {
		c.fillStyle = '#7a5a44';
		c.fillRect(70, 250, 60, 70);
		c.fillStyle = '#4f7a52';
		for (const [x, y, turn] of [[100, 200, 0], [70, 215, -0.7], [130, 215, 0.7], [84, 180, -0.3], [118, 176, 0.35]]) {
			c.beginPath();
			c.ellipse(x, y, 16, 58, turn, 0, 7);
			c.fill();
		}
	},
	shelf(c) {
		c.fillStyle = '#ffffff66';
		c.fillRect(470, 120, 150, 8);
		['#b5562c', '#33415c', '#e0a458', '#0f766e', '#a23e48'].forEach((colour, i) => {
			c.fillStyle = colour;
			c.fillRect(482 + i * 22, 62 + (i % 2) * 10, 16, 58 - (i % 2) * 10);
		});
	},
	window(c) {
		c.fillStyle = '#fdfbf4';
		c.fillRect(452, 30, 150, 170);
		c.fillStyle = '#bcd9ea';
		for (const [x, y] of [[460, 38], [531, 38], [460, 119], [531, 119]])
			c.fillRect(x, y, 63, 73);
	},
	lamp(c) {
		c.strokeStyle = '#5c4a48';
		c.lineWidth = 5;
		c.beginPath();
		c.moveTo(110, 360);
		c.lineTo(110, 150);
		c.stroke();
		c.fillStyle = '#fff3cf';
		c.beginPath();
		c.moveTo(78, 160);
		c.lineTo(92, 96);
		c.lineTo(128, 96);
		c.lineTo(142, 160);
		c.fill();
	},
};

function ellipse(c, colour, x, y, width, height) {
	c.fillStyle = colour;
	c.beginPath();
	c.ellipse(x, y, width, height, 0, 0, 7);
	c.fill();
}

/** Behind the head, and then on it. */
const HAIR = {
	bob: [(c) => ellipse(c, c.hair, 320, 150, 92, 104), () => {}],
	long: [(c) => { ellipse(c, c.hair, 320, 150, 88, 100); c.fillRect(232, 150, 176, 150); }, () => {}],
	bun: [(c) => { ellipse(c, c.hair, 320, 52, 40, 36); ellipse(c, c.hair, 320, 140, 84, 86); }, () => {}],
	curls: [(c) => [[250, 140], [262, 92], [300, 64], [344, 64], [380, 92], [392, 140]].forEach(([x, y]) => ellipse(c, c.hair, x, y, 40, 40)), () => {}],
	short: [(c) => ellipse(c, c.hair, 320, 128, 80, 78), () => {}],
	beard: [(c) => ellipse(c, c.hair, 320, 128, 80, 76), (c) => {
		c.fillStyle = c.hair;
		c.beginPath();
		c.ellipse(320, 180, 73, 68, 0, 0.15, Math.PI - 0.15);
		c.fill();
		ellipse(c, c.skin, 320, 184, 48, 22);
	}],
};

function drawPortrait(c, n, seconds) {
	const { wall, skin, hair, shirt, style, thing } = PORTRAITS[n % PORTRAITS.length];
	const light = c.createLinearGradient(0, 0, 640, 360);
	light.addColorStop(0, wall[0]);
	light.addColorStop(1, wall[1]);
	c.fillStyle = light;
	c.fillRect(0, 0, 640, 360);
	THINGS[thing](c);
	Object.assign(c, { hair, skin });
	c.save();
	c.translate(Math.sin(seconds * 0.9 + n) * 5, Math.sin(seconds * 1.7 + n) * 3);
	HAIR[style][0](c);
	ellipse(c, shirt, 320, 390, 170, 126);
	c.fillStyle = skin;
	c.fillRect(292, 210, 56, 62);
	ellipse(c, skin, 320, 268, 40, 22);
	ellipse(c, skin, 320, 160, 72, 88);
	// The hair's line on the forehead.
	c.fillStyle = hair;
	c.beginPath();
	c.ellipse(320, 148, 76, 82, 0, Math.PI + 0.35, -0.35);
	c.quadraticCurveTo(330, 92, 250, 122);
	c.fill();
	HAIR[style][1](c);
	const isBlinking = (seconds + n * 1.3) % 4 < 0.15;
	for (const x of [292, 348])
		ellipse(c, '#2b1d18', x, 158, 6, isBlinking ? 1 : 7);
	c.strokeStyle = '#7d3f35';
	c.fillStyle = '#fffaf2';
	c.lineWidth = 4;
	c.lineCap = 'round';
	c.beginPath();
	c.arc(320, 182, 22, 0.35, Math.PI - 0.35);
	if (n % 2 === 1)
		c.fill();
	else
		c.stroke();
	c.restore();
}

/** A stream of one of them, without sound. */
window.portraitStream = (n, rate = 10) => {
	const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
	const c = canvas.getContext('2d');
	const draw = () => drawPortrait(c, n, performance.now() / 1000);
	draw();
	setInterval(draw, 1000 / rate);
	return canvas.captureStream(rate);
};
