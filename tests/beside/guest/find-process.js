// SPDX-License-Identifier: GPL-2.0-only
// What find-process reports of each port that it is given, as JSON.
const find = require('/opt/node_modules/find-process').default;

(async () => {
	const found = {};

	for (const port of process.argv.slice(2))
		found[port] = await find('port', port);
	console.log(JSON.stringify(found));
})();
