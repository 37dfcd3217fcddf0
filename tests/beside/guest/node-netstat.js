// SPDX-License-Identifier: GPL-2.0-only
// What node-netstat reports, as JSON.
const netstat = require('/opt/node_modules/node-netstat');
const rows = [];

netstat({ sync: true, done: (error) => { if (error) throw error; } },
	(row) => { rows.push(row); });
console.log(JSON.stringify(rows));
